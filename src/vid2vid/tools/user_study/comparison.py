"""Making a comparison: the blinded page with its videos, and the key to it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from vid2vid.errors import ConfigError
from vid2vid.tools.user_study.blinding import Blinded, blind
from vid2vid.tools.user_study.key import Key, Match
from vid2vid.tools.user_study.pairing import pair_up
from vid2vid.tools.user_study.rendering import render
from vid2vid.tools.user_study.scenes import Scene

QUESTION = "Which looks more realistic?"
PAGE, KEY = "page", "key.json"


def compare(scenes: Sequence[Scene], output: Path, question: str = QUESTION, seed: int = 0) -> Key:
    """Make a page on which viewers choose between the models, pair by pair, without knowing whose a video is.

    Writes ``page/`` (``index.html`` and ``videos/``; this folder is for the viewers) and ``key.json`` (which is not)
    into ``output``.

    Args:
        scenes: What is compared, of the same models each (`gather`).
        output: A folder that does not exist yet or is empty; it appears when everything is there.
        question: What viewers are asked.
        seed: Decides the sides and the order of the pairs, at least 0.

    Returns:
        The key.

    Raises:
        ConfigError: The folder holds something, or the seed is negative.
        VideoError: A video cannot be read.
    """
    if seed < 0:
        raise ConfigError(f"seed must be at least 0, but is {seed}.")
    with _appearing(output) as folder:
        bar = tqdm(scenes, desc="compare", unit="scene", delay=1)
        blinded = {scene.name: blind(scene, folder / PAGE / "videos", seed) for scene in bar}
        return _make(scenes, blinded, folder, question, seed)


def _make(scenes: Sequence[Scene], blinded: dict[str, Blinded], folder: Path, question: str, seed: int) -> Key:
    models = list(scenes[0].models)
    pairs = pair_up([scene.name for scene in scenes], models, seed)
    shown, matches = [], {}
    for number, pair in enumerate(pairs, start=1):
        files = blinded[pair.scene]
        left, right = files.models[pair.left], files.models[pair.right]
        matches[str(number)] = Match(pair.scene, {left: pair.left, right: pair.right})
        shown.append({"pair": number, "left": left, "right": right, **files.as_dict()})
    render(folder / PAGE / "index.html", question, shown)
    key = Key(question, models, matches)
    key.save(folder / KEY)
    return key


@contextmanager
def _appearing(output: Path) -> Iterator[Path]:
    """Give a folder beside ``output`` that takes its place when everything is in it."""
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise ConfigError(f"{output}: is there already, and votes on it need its key; choose another output.")
    output.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{output.name}.", suffix=".partial", dir=output.parent) as partial:
        folder = Path(partial) / "comparison"
        folder.mkdir()
        yield folder
        folder.replace(output)
