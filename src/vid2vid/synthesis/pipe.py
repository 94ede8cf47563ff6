"""Frames into a pipe, as raw ``rgb24``."""

from collections.abc import Mapping
from types import TracebackType
from typing import BinaryIO, Self

from torch import Tensor

from vid2vid.errors import VideoError
from vid2vid.synthesis.recorder import MAIN
from vid2vid.visual import Picture


class Pipe:
    """Writes frames as raw bytes: ``(H, W, 3)`` RGB, one after the other. What is written cannot be taken back.

    Args:
        file: Where to; it is not closed.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing."""

    def write(self, pictures: Mapping[str, Picture]) -> None:
        """Append a frame.

        Raises:
            VideoError: Nobody reads it.
        """
        try:
            self._file.write(pictures[MAIN].tobytes())
            self._file.flush()
        except OSError as error:
            raise VideoError(f"standard output: frames cannot be written: {error}") from error

    def cut(self, frames: int, state: Mapping[str, Tensor]) -> None:
        """Do nothing: who reads a pipe cannot go on later."""

    def finish(self, whole: bool) -> None:
        """Do nothing."""
