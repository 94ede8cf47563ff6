"""Where live frames go: raw frames on the standard output, recordings, and a camera for other programs."""

import os
import select
from abc import abstractmethod
from array import array
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np

from vid2vid.errors import VideoError
from vid2vid.live.live_sources import not_allowed
from vid2vid.video import VideoWriter, join_videos
from vid2vid.visual import Picture

_PATIENCE = 0.2
_RATE = 25.0
"""Frames a second that a recording claims; each frame has a time of its own."""


class LiveSink(AbstractContextManager["LiveSink"]):
    """Takes frames; a context manager, at whose end all of them are written."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish with the frames so far."""

    @abstractmethod
    def write(self, picture: Picture, seconds: float) -> None:
        """Take a frame.

        Args:
            picture: ``(H, W, 3)``.
            seconds: When it was captured, from the first frame on.

        Raises:
            VideoError: It cannot be written.
        """


class LivePipe(LiveSink):
    """Writes raw ``rgb24`` to a file descriptor; a slow reader makes F wait, so that inputs are dropped.

    Args:
        descriptor: The file descriptor.
        stopped: Called while nobody reads; returns whether to give up.
    """

    def __init__(self, descriptor: int, stopped: Callable[[], bool]) -> None:
        self._descriptor, self._stopped = descriptor, stopped

    def write(self, picture: Picture, seconds: float) -> None:
        """Append a frame.

        Raises:
            VideoError: The pipe's reader has gone.
        """
        data = memoryview(picture.tobytes())
        try:
            while data:
                # Windows cannot wait for pipes; elsewhere PIPE_BUF bytes do not block once there is room
                if os.name != "nt" and not select.select([], [self._descriptor], [], _PATIENCE)[1]:
                    if self._stopped():
                        return
                    continue
                most = len(data) if os.name == "nt" else select.PIPE_BUF
                data = data[os.write(self._descriptor, data[:most]) :]
        except OSError as error:
            raise VideoError(f"standard output: frames cannot be written: {error}") from error


class Recording(LiveSink):
    """Records a video in which each frame is shown when it was captured.

    The file appears when the block ends, even after an error, with all frames so far; without a frame there is none.

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
            nothing = error or VideoError(f"{self._path}: is not written, since no frame was made.")
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


class LoopbackCamera(LiveSink):
    """Gives frames to a device of v4l2loopback (Linux), which other programs take for a camera.

    Args:
        device: As ``/dev/video9``.

    Raises:
        VideoError: There is no such device, or it may not be written.
    """

    def __init__(self, device: Path) -> None:
        self._device = device
        if not device.exists():
            raise VideoError(
                f"output={device}: there is no such device; install v4l2loopback, and make it with `sudo modprobe "
                f"v4l2loopback video_nr={device.name.removeprefix('video')} exclusive_caps=1`."
            )
        if not os.access(device, os.W_OK):
            raise VideoError(f"output={not_allowed(device, 'written')}")
        self._container: Any = None
        self._stream: Any = None

    def __exit__(self, *exception: object) -> None:
        if self._container is not None:
            self._container.close()

    def write(self, picture: Picture, seconds: float) -> None:
        """Show a frame.

        Raises:
            VideoError: The device takes no frames, or none of this size.
        """
        try:
            if self._container is None:
                self._container = av.open(self._device, "w", format="v4l2")
                self._stream = self._container.add_stream("rawvideo", round(_RATE), pix_fmt="yuv420p")
                self._stream.height, self._stream.width = picture.shape[:2]
            for packet in self._stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")):
                self._container.mux(packet)
        except (av.FFmpegError, OSError) as error:
            raise VideoError(
                f"output={self._device}: takes no frames of {picture.shape[1]} x {picture.shape[0]} ("
                f"{getattr(error, 'strerror', None) or error}); check that it is a v4l2loopback device, not a camera."
            ) from error
