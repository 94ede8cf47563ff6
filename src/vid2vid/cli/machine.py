"""``vid2vid checks``."""

from vid2vid.cli.tables import show
from vid2vid.config.commands import Checks
from vid2vid.tools.installation import installation


def run(config: Checks) -> None:
    """Print what vid2vid finds on this machine."""
    show(installation(), config.json)
