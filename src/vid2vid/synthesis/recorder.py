"""What takes the frames of a synthesis."""

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from torch import Tensor

from vid2vid.visual import Picture

MAIN = "frames"
"""Name of the pictures that are the result; others are written beside it."""


class Recorder(Protocol):
    """Context manager that takes frames, in order."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(self, pictures: Mapping[str, Picture]) -> None:
        """Append a frame: its picture by the name of each track."""

    def cut(self, frames: int, state: Mapping[str, Tensor]) -> None:
        """Make the frames so far safe, with what is needed to go on after them."""

    def finish(self, whole: bool) -> None:
        """Make the results; if they are not whole, under names that say so."""
