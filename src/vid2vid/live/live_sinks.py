"""Where live frames go: raw frames on the standard output, and recordings."""

import os
import select
from array import array
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np

from vid2vid.errors import VideoError
from vid2vid.video import VideoWriter, join_videos
from vid2vid.visual import Picture

_PATIENCE = 0.2
_RATE = 25.0
"""Frames a second that a recording claims; each frame has a time of its own."""


class LiveSink(Protocol):
    """Takes frames; a context manager, at whose end all of them are out."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, with what there is."""
        ...

    def write(self, picture: Picture, seconds: float) -> None:
        """Take a frame.

        Args:
            picture: ``(H, W, 3)``.
            seconds: When it was captured, from the first frame on.

        Raises:
            VideoError: It cannot be written.
        """
        ...


class LivePipe:
    """Writes raw ``rgb24`` to a file descriptor; a slow reader makes F wait, so that inputs are dropped.

    Args:
        descriptor: Where to.
        stopped: Asked while nobody reads: whether to give up.
    """

    def __init__(self, descriptor: int, stopped: Callable[[], bool]) -> None:
        self._descriptor, self._stopped = descriptor, stopped

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Do nothing."""

    def write(self, picture: Picture, seconds: float) -> None:
        """Append a frame.

        Raises:
            VideoError: The pipe's reader has gone.
        """
        data = memoryview(picture.tobytes())
        try:
            while data:
                # Windows cannot wait for pipes; elsewhere so many bytes do not block once there is room
                if os.name != "nt" and not select.select([], [self._descriptor], [], _PATIENCE)[1]:
                    if self._stopped():
                        return
                    continue
                most = len(data) if os.name == "nt" else select.PIPE_BUF
                data = data[os.write(self._descriptor, data[:most]) :]
        except OSError as error:
            raise VideoError(f"standard output: frames cannot be written: {error}") from error


class Recording:
    """Records a video in which each frame is shown when it was captured.

    It appears when the block ends, after an error, too: what was seen so far is whole. Without a frame there is none.

    Args:
        path: An .mp4, .mov or .mkv.
        sound: A video whose sound goes under it; None: none.

    Raises:
        VideoError: It has another ending, or cannot be written.
    """

    def __init__(self, path: Path, sound: Path | None = None) -> None:
        self._path, self._sound = path, sound
        self._silent = path if sound is None else path.with_name(f".{path.stem}.silent{path.suffix}")
        self._times = array("d")
        self._writer = VideoWriter(self._silent, _RATE, times=self._times)

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._times:
            # a video without a frame is none
            nothing = error or VideoError(f"{self._path}: there is no frame.")
            self._writer.__exit__(type(nothing), nothing, None)
            return
        self._writer.__exit__(None, None, None)
        if self._sound is not None:
            join_videos([self._silent], self._path, self._sound, np.array(self._times))
            self._silent.unlink()

    def write(self, picture: Picture, seconds: float) -> None:
        """Append a frame.

        Raises:
            VideoError: It has another size than those before, or cannot be written.
        """
        self._times.append(seconds)
        self._writer.write(picture)
