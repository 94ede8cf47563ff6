"""``vid2vid info``."""

from vid2vid.cli.tables import print_rows
from vid2vid.config.commands import Info
from vid2vid.tools.model_info import model_info


def run(config: Info) -> None:
    """Print what a model is."""
    print_rows(model_info(config.checkpoint), config.json)
