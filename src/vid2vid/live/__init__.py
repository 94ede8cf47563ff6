"""Live synthesis: from a camera, stream, screen or pipe to a page, a pipe or a recording, always the newest frame."""

from vid2vid.live.figures import LiveFigures
from vid2vid.live.live_loop import run_live

__all__ = ["LiveFigures", "run_live"]
