"""``vid2vid checks``."""

from vid2vid.cli.tables import print_rows
from vid2vid.config.commands import Checks
from vid2vid.tools.installation import installation


def run(config: Checks) -> None:
    """Print what vid2vid finds on this machine."""
    print_rows(installation(), config.json)
