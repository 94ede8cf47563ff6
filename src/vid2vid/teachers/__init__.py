"""Teachers: the reference flow w of Eq. 8 where the data does not bring it. Frozen, never in a checkpoint."""

from collections.abc import Callable

from vid2vid.settings import TeacherConfig
from vid2vid.teachers.dis import DIS
from vid2vid.teachers.raft import RAFT
from vid2vid.teachers.teacher import Teacher, forward_backward_confidence, photometric_confidence

__all__ = [
    "DIS",
    "RAFT",
    "TEACHERS",
    "Teacher",
    "forward_backward_confidence",
    "load_teacher",
    "photometric_confidence",
]

TEACHERS: dict[str, Callable[[str], Teacher]] = {"dis": lambda _: DIS(), "raft": RAFT}
"""The teachers by name, each made from the path of its weights."""


def load_teacher(config: TeacherConfig) -> Teacher:
    """Make the teacher that the settings name.

    Raises:
        ConfigError: Its weights are missing.
        MissingExtraError: The package that it needs is not installed.
    """
    return TEACHERS[config.kind](config.weights)
