"""The Lightning modules, their schedule, and what they write while they train."""

from vid2vid.training.checkpoints.serialization import load
from vid2vid.training.vid2vid_module import Vid2VidModule

__all__ = ["Vid2VidModule", "load"]
