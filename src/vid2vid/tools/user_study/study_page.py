"""The page of a user study: which pairs it shows on which side, its files, and the key to them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from tqdm import tqdm

from vid2vid.errors import ConfigError
from vid2vid.files import partial_folder, write_text
from vid2vid.tools.user_study.blinding import blind
from vid2vid.tools.user_study.scenes import ComparedScene
from vid2vid.tools.user_study.study_key import DAMAGED, INTACT, Match, StudyKey

QUESTION = "Which looks more realistic?"
PAGE, KEY = "page", "key.json"
CONDITION_CAPTION, REAL_CAPTION = "Condition", "Real"


def make_user_study(
    scenes: Sequence[ComparedScene], output: Path, question: str = QUESTION, seed: int = 0, checks: int = 0
) -> StudyKey:
    """Make a page on which viewers choose between the models, pair by pair, without knowing whose a video is.

    Writes ``page/`` (``index.html`` and ``videos/``; this folder is for the viewers) and ``key.json`` (which is not)
    into ``output``.

    Args:
        scenes: The scenes that are shown, each by the same models (`gather_scenes`).
        output: A folder that does not exist yet or is empty; it appears when everything is written.
        question: What viewers are asked.
        seed: Determines the sides and the order of the pairs, at least 0.
        checks: Number of attention checks among the pairs: a video beside itself in coarse blocks.

    Returns:
        The key.

    Raises:
        ConfigError: The folder is not empty, or a number is negative.
        VideoError: A video cannot be read.
    """
    for name, value in {"seed": seed, "checks": checks}.items():
        if value < 0:
            raise ConfigError(f"{name} must be at least 0, but is {value}.")
    models = list(scenes[0].models)
    with _written_whole(output) as folder:
        checked = check_scenes(scenes, checks, seed)
        bar = tqdm([*scenes, *checked], desc="compare", unit="scene", delay=1)
        blinded = {scene.name: blind(scene, folder / PAGE / "videos", seed) for scene in bar}
        pairs = pair_up([scene.name for scene in scenes], models, seed)
        generator = np.random.default_rng(seed)
        for scene in checked:
            sides = [INTACT, DAMAGED][:: generator.choice([1, -1])]
            pairs.insert(int(generator.integers(len(pairs) + 1)), Pair(scene.name, *sides))
        shown, matches = [], {}
        for number, pair in enumerate(pairs, start=1):
            videos = blinded[pair.scene]
            left, right = videos.models[pair.left], videos.models[pair.right]
            is_check = any(pair.scene == scene.name for scene in checked)
            matches[str(number)] = Match(pair.scene, {left: pair.left, right: pair.right}, is_check)
            shown.append({"pair": number, "left": left, "right": right, **videos.as_dict()})
        write_page(folder / PAGE / "index.html", question, shown)
        key = StudyKey(question, models, matches)
        key.save(folder / KEY)
    return key


def check_scenes(scenes: Sequence[ComparedScene], checks: int, seed: int) -> list[ComparedScene]:
    """Return the scenes of attention checks: the real video if it is known, else a model's, intact and damaged.

    Args:
        scenes: The scenes of the study.
        checks: How many; beyond the number of scenes, scenes come again, and models in turn.
        seed: Determines the scenes.
    """
    order = np.random.default_rng(seed).permutation(len(scenes))
    found = []
    for number in range(checks):
        scene = scenes[order[number % len(scenes)]]
        models = [*scene.models.values()]
        video = scene.beside.get(REAL_CAPTION) or models[number % len(models)]
        name = f"check {number + 1}: {scene.name}"
        found.append(ComparedScene(name, {INTACT: video, DAMAGED: video}, scene.beside, scene.fps, DAMAGED))
    return found


@contextmanager
def _written_whole(output: Path) -> Iterator[Path]:
    """Give a folder beside ``output`` that replaces it when everything is in it."""
    if output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise ConfigError(f"{output}: exists already, and votes on it need its key; choose another output.")
    with partial_folder(output) as folder:
        yield folder
        folder.replace(output)


@dataclass(frozen=True)
class Pair:
    """Two models on one scene.

    Attributes:
        scene: Name of the scene.
        left: The model that is shown on the left.
        right: The model that is shown on the right.
    """

    scene: str
    left: str
    right: str


def pair_up(scenes: Sequence[str], models: Sequence[str], seed: int) -> list[Pair]:
    """Return every pair of models on every scene, in random order.

    Of two models each is on the left equally often, or once more if the number of scenes is odd: people prefer one side
    slightly, whatever it shows.

    Args:
        scenes: Names of the scenes.
        models: Names of the models.
        seed: Determines sides and order, at least 0.
    """
    generator = np.random.default_rng(seed)
    pairs: list[Pair] = []
    for two in combinations(models, 2):
        half = np.arange(len(scenes)) + generator.integers(2)
        for scene, side in zip(scenes, generator.permutation(half % 2), strict=True):
            pairs.append(Pair(scene, two[side], two[1 - side]))
    return [pairs[i] for i in generator.permutation(len(pairs))]


def write_page(path: Path, question: str, pairs: Sequence[dict[str, Any]]) -> None:
    """Write HTML, style and script of the page in one file, which loads nothing but its videos.

    Args:
        path: The HTML file; ``videos/`` is in the same folder.
        question: What viewers are asked.
        pairs: For each pair its number (``pair``), the files of both sides (``left``, ``right``), of what is shown
            beside them by caption (``beside``), and ``fps``, ``width``, ``height``.
    """
    parts = files("vid2vid.tools.user_study") / "page"
    text = {name: (parts / f"page.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    # under which the browser keeps the votes: pages in one folder must not mix theirs
    study = sha256(json.dumps([question, *pairs]).encode()).hexdigest()[:10]
    data = json.dumps({"study": study, "pairs": pairs}, ensure_ascii=False).replace("<", "\\u003c")
    page = Template(text["html"]).substitute(question=escape(question), style=text["css"], script=text["js"], data=data)
    write_text(path, page)
