"""``vid2vid compare``."""

from pathlib import Path

from vid2vid.config.commands import Compare
from vid2vid.errors import ConfigError
from vid2vid.files import refuse_overwriting
from vid2vid.tools.user_study import gather_scenes, make_user_study
from vid2vid.tools.user_study.study_page import CONDITION_CAPTION, REAL_CAPTION
from vid2vid.tools.user_study.study_results import needed_votes_note
from vid2vid.tools.user_study.study_statistics import votes_needed

_FORM = "Quote it, so that the shell does not take it apart: 'models={ours:DIR,theirs:DIR}'"


def run(config: Compare) -> None:
    """Make the page of a user study with blinded pairs of videos, and the key to it."""
    models = config.models
    if not isinstance(models, dict) or not all(isinstance(path, str) for path in models.values()):
        raise ConfigError(f"models={models} must give each model's name with its folder of videos. {_FORM}.")
    captions = {CONDITION_CAPTION: config.condition, REAL_CAPTION: config.real}
    output = Path(config.output)
    refuse_overwriting([output], [*models.values(), *captions.values()])
    beside = {caption: Path(path) for caption, path in captions.items() if path}
    scenes = gather_scenes({str(name): Path(path) for name, path in models.items()}, beside, config.fps)
    study = make_user_study(scenes, output, config.question, config.seed, config.checks)
    page, key = output / "page", output / "key.json"
    print(f"{page / 'index.html'}: {study.pairs} pairs and {study.checks} attention checks.")  # noqa: T201
    print(f"Give viewers the folder {page}, and keep the key, which unblinds:")  # noqa: T201
    print(f"  vid2vid tally key={key} votes=[VOTES.csv,...]")  # noqa: T201
    viewers = -(-votes_needed() // len(scenes))
    print(f"{needed_votes_note()} With these {len(scenes)} scenes that is {viewers} viewers.")  # noqa: T201
