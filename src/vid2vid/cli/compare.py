"""``vid2vid compare``."""

from pathlib import Path

from vid2vid.cli.assemble import plain
from vid2vid.config.commands import Compare
from vid2vid.errors import ConfigError
from vid2vid.tools.user_study import gather_scenes, make_user_study

_FORM = "Give names and folders in quotes, which keep the shell from taking it apart: 'models={ours:DIR,theirs:DIR}'"


def run(config: Compare) -> None:
    """Make a page of blinded pairs of videos, and the key to it."""
    settings = plain(config)
    models = settings["models"]
    if not isinstance(models, dict) or not all(isinstance(path, str) for path in models.values()):
        raise ConfigError(f"models={models} does not say which model's videos lie where. {_FORM}.")
    beside = {caption.capitalize(): Path(settings[caption]) for caption in ("condition", "real") if settings[caption]}
    scenes = gather_scenes({str(name): Path(path) for name, path in models.items()}, beside, settings["fps"])
    output = Path(settings["output"])
    pairs = len(make_user_study(scenes, output, settings["question"], settings["seed"]).matches)
    page, key = output / "page", output / "key.json"
    print(f"{page / 'index.html'}: {pairs} pairs. Give viewers the folder {page}, and keep the key, which unblinds:")  # noqa: T201
    print(f"  vid2vid tally key={key} votes=[VOTES.csv,...]")  # noqa: T201
