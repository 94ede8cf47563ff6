"""`FrameReader`, the interface for reading frames by index, and its implementation by decord."""

import operator
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

import decord
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.damage import DAMAGED
from vid2vid.video.decoding import decode, open_container
from vid2vid.video.images import require_frame

Pixel_co = TypeVar("Pixel_co", bound=np.generic, covariant=True)

# decord asserts that there are frames; its own error is a plain Exception
_DECORD_ERRORS = (RuntimeError, decord.DECORDError, OSError, AssertionError)

# FFmpeg logs up to a hundred lines about seeks in a file; failures are raised here, with the file's name
decord.logging.set_level(decord.logging.QUIET)


class FrameReader(Protocol[Pixel_co]):
    """Random access to the frames of a video, or to maps of ids; it belongs to one process and one thread."""

    @property
    def height(self) -> int:
        """Pixels of a frame."""

    @property
    def width(self) -> int:
        """Pixels of a frame."""

    @property
    def fps(self) -> float:
        """Frames a second, on average."""

    def __len__(self) -> int: ...

    def read(self, indices: Sequence[int]) -> NDArray[Pixel_co]:
        """Return the frames ``(N, H, W, 3)`` uint8 RGB, or the maps ``(N, H, W)``, with the given indices.

        Raises:
            VideoError: An index is out of range, or its frame is damaged or not a map; the message names it.
        """


class DecordFrames:
    """The frames of a video file as a `FrameReader`; for `open_frames` and `inspect` only.

    Only files that PyAV has decoded from end to end, and that `vid2vid.video.allow_list` allows, may be read: decord's
    own FFmpeg is too old for others. An open reader takes 10 to 100 MB. It hangs if threads or processes share it; see
    `ReaderPool`.

    Args:
        path: Video file.
        name: The file that ``path`` is a copy of, for messages; None: ``path`` itself.

    Raises:
        VideoError: The file is missing, damaged, not a video, has no frames or a codec unknown to decord, or claims to
            hold more than it can.
    """

    def __init__(self, path: Path, name: Path | None = None) -> None:
        self.path = name or path
        self._process = os.getpid()
        with open_container(path):
            pass  # refuses files for which decord would abort the process, such as those that claim a billion frames
        try:
            self._reader: Any = decord.VideoReader(str(path.absolute()), num_threads=1)
        except _DECORD_ERRORS as error:
            raise _open_error(path) from error

    def __len__(self) -> int:
        return len(self._reader)

    @property
    def height(self) -> int:
        """Pixels of a frame."""
        return self._size[0]

    @property
    def width(self) -> int:
        """Pixels of a frame."""
        return self._size[1]

    @property
    def fps(self) -> float:
        """Frames a second, on average."""
        return float(self._reader.get_avg_fps())

    def read(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Return the frames ``(N, H, W, 3)`` uint8 RGB with the given indices, in any order, with repetitions.

        Frames are read one by one, as fast as with decord's `get_batch`, which fails at some widths.
        They are read in ascending order, because each seek backwards decodes from a keyframe again.

        Raises:
            VideoError: An index is out of range, its frame is damaged, or the reader was opened in another process.
        """
        if os.getpid() != self._process:
            raise VideoError(f"{self.path}: was opened in another process; use a ReaderPool in worker processes.")
        if len(indices) == 0:
            return np.empty((0, self.height, self.width, 3), dtype=np.uint8)
        ascending = sorted({operator.index(index) for index in indices})
        frames = np.stack([self._frame(index) for index in ascending])
        return frames if ascending == list(indices) else frames[np.searchsorted(ascending, indices)]

    def in_order(self) -> Iterator[NDArray[np.uint8]]:
        """Yield all frames ``(H, W, 3)`` without seeking; call it on a new reader, before `read`."""
        for index in range(len(self)):
            yield self._decoded(index, self._reader.next)

    def times(self) -> NDArray[np.float64]:
        """Return the time in seconds at which each frame starts, ``(len,)``, according to decord.

        Raises:
            VideoError: decord finds no times.
        """
        try:
            times = self._reader.get_frame_timestamp(np.arange(len(self)))
        except (*_DECORD_ERRORS, IndexError) as error:
            raise VideoError(f"{self.path}: decord finds no frame in this file; write or fetch it again.") from error
        return np.asarray(times, dtype=np.float64)[:, 0]

    def keyframes(self) -> list[int]:
        """Return the indices of the frames to which decord can seek."""
        return [int(index) for index in self._reader.get_key_indices()]

    @cached_property
    def _size(self) -> tuple[int, int]:
        height, width, _ = self._frame(0).shape
        return height, width

    def _frame(self, index: int) -> NDArray[np.uint8]:
        require_frame(self.path, index, len(self))
        return self._decoded(index, lambda: self._reader[index])

    def _decoded(self, index: int, get: Callable[[], Any]) -> NDArray[np.uint8]:
        try:
            return _without_padding(get().asnumpy())
        except (*_DECORD_ERRORS, StopIteration) as error:
            raise VideoError(f"{self.path}: frame {index} cannot be decoded; {DAMAGED}") from error


def _without_padding(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Remove the padding of rows, which decord returns as further channels at some widths below 100."""
    height, width, channels = frame.shape
    return frame if channels == 3 else frame.reshape(height, -1)[:, : 3 * width].reshape(height, width, 3)


def _open_error(path: Path) -> VideoError:
    """Return an error with PyAV's reason why decord could not open a file; decord's own goes to stderr only."""
    try:
        with open_container(path) as (_, stream):
            codec = stream.codec_context.name
        next(decode(path))
    except VideoError as error:
        return error
    return VideoError(
        f"{path}: decord cannot open this file (codec {codec}): it is damaged or of a kind unknown to decord. "
        "vid2vid.video.exact_path finds out which, and makes a lossless copy that decord can read."
    )
