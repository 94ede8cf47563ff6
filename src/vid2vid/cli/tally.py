"""``vid2vid tally``."""

from pathlib import Path

from vid2vid.cli.assemble import plain
from vid2vid.config import commands
from vid2vid.errors import ConfigError
from vid2vid.files import write_text
from vid2vid.tools.user_study import StudyKey, StudyResults, read_votes


def run(config: commands.Tally) -> None:
    """Unblind votes, and say which model is preferred how often."""
    settings = plain(config)
    if not settings["votes"]:
        raise ConfigError("votes names no file; give those that viewers have sent: votes=[ann.csv,bob.csv].")
    path = Path(settings["key"])
    key = StudyKey.load(path)
    results = StudyResults(key, read_votes([Path(votes) for votes in settings["votes"]], key))
    output = Path(settings["output"]) if settings["output"] else path.parent
    write_text(output / "tally.json", results.json())
    write_text(output / "tally.md", results.markdown())
    print(f"{results.markdown()}\nWritten to {output}: tally.json, tally.md.")  # noqa: T201
