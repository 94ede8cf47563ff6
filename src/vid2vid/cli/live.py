"""``vid2vid live``."""

import sys

from vid2vid.cli.synthesize import open_model
from vid2vid.config.live import LiveConfig
from vid2vid.live import run_live
from vid2vid.training.stop_signal import StopSignal


def run(settings: LiveConfig) -> None:
    """Synthesise from a live source until it ends, or until Ctrl-C or SIGTERM."""
    with StopSignal().listening() as signal:
        module = open_model(settings.synthesis())
        say(str(run_live(module, settings, stopped=lambda: signal.number > 0, say=say)))


def say(text: str) -> None:
    """Print a message; the standard output may be the frames."""
    print(f"vid2vid live: {text}", file=sys.stderr, flush=True)  # noqa: T201
