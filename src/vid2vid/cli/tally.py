"""``vid2vid tally``."""

from pathlib import Path

from vid2vid.config.commands import Tally
from vid2vid.errors import ConfigError
from vid2vid.files import refuse_overwriting, write_text
from vid2vid.tools.user_study import StudyKey, StudyResults, read_votes


def run(config: Tally) -> None:
    """Unblind the votes of a user study, and print how often each model is preferred."""
    if not config.votes:
        raise ConfigError("votes is empty: give the files that viewers have sent: votes=[ann.csv,bob.csv].")
    path = Path(config.key)
    output = Path(config.output) if config.output else path.parent
    refuse_overwriting([output / "tally.json", output / "tally.md"], [path, *config.votes])
    key = StudyKey.load(path)
    results = StudyResults(key, read_votes([Path(votes) for votes in config.votes], key), config.leave_out_failed)
    write_text(output / "tally.json", results.json())
    write_text(output / "tally.md", results.markdown())
    print(f"{results.markdown()}\nWritten to {output}: tally.json, tally.md.")  # noqa: T201
