"""The Lightning module, its schedule, and what it writes while it trains."""

from vid2vid.training.checkpoint import load
from vid2vid.training.module import Vid2VidModule
from vid2vid.training.previews import PreviewCallback

__all__ = ["PreviewCallback", "Vid2VidModule", "load"]
