"""Numbers of 10 to 16 bits from lossless videos, by index, through PyAV, since decord returns 8 bits only."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.damage import DAMAGED, DamageError, SliceChecksums, require_whole
from vid2vid.video.decoding import Header, open_container, orientation
from vid2vid.video.file_cache import file_key
from vid2vid.video.images import require_frame

_PIXELS = ("gray10le", "gray12le", "gray16le", "gbrp10le", "gbrp12le", "gbrp16le", "rgb48le")


class _Index(NamedTuple):
    """Index of a file, from all of its packets.

    Attributes:
        times: When each frame is shown, in ticks of the stream.
        bits: Bits of each number.
    """

    times: tuple[int, ...]
    bits: int


def is_deep(path: Path) -> bool:
    """Whether a video file has more than 8 bits a channel.

    Raises:
        VideoError: The file cannot be read, or is not a video.
    """
    pixels = Header.read(path).pixels
    return bool(pixels) and any(component.bits > 8 for component in av.VideoFormat(pixels).components)


class DeepVideo:
    """The numbers of an FFV1 video of one or three channels, each ``(H, W)`` or ``(H, W, 3)`` uint16.

    No file stays open between two reads, so processes may share an instance.

    Args:
        path: The file, as `vid2vid.video.write_numbers` or FFmpeg writes it (``-c:v ffv1 -pix_fmt gray16le``).

    Attributes:
        height: Rows of a frame.
        width: Columns of a frame.
        fps: Frames a second, on average.
        largest: The largest number that the file can hold.

    Raises:
        VideoError: The file is missing, damaged, cut short, compressed with loss, or has another pixel format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fps = Header.read(path).fps
        self._index = _index_of(path, file_key(path))
        self.largest = 2**self._index.bits - 1
        self.height, self.width = self.read([0]).shape[1:3]

    def __len__(self) -> int:
        return len(self._index.times)

    def read(self, indices: Sequence[int]) -> NDArray[np.uint16]:
        """Return the frames with the given indices, ``(N, H, W)`` or ``(N, H, W, 3)``.

        Raises:
            VideoError: A frame does not exist or is damaged; the message names it.
        """
        for index in indices:
            require_frame(self.path, index, len(self))
        if not indices:
            return np.empty((0, self.height, self.width), np.uint16)
        found = self._decoded(min(indices), max(indices), frozenset(indices))
        for index in indices:
            if index not in found:
                raise VideoError(f"{self.path}: frame {index} cannot be decoded; {DAMAGED}")
        return np.stack([found[index] for index in indices])

    def _decoded(self, first: int, last: int, wanted: frozenset[int]) -> dict[int, NDArray[np.uint16]]:
        """Decode from the keyframe before the first frame up to the last one, and return the wanted ones."""
        times, found = self._index.times, dict[int, NDArray[np.uint16]]()
        numbers = {time: index for index, time in enumerate(times)}
        with open_container(self.path) as (container, stream):
            try:
                container.seek(times[first], stream=stream)
                for frame in container.decode(stream):
                    index = numbers.get(-1 if frame.pts is None else frame.pts, -1)
                    if index in wanted and not frame.is_corrupt:
                        found[index] = np.ascontiguousarray(orientation(frame).apply(frame.to_ndarray()), np.uint16)
                    if index >= last:
                        break
            except (av.FFmpegError, OSError, ValueError) as error:
                raise VideoError(
                    f"{self.path}: frames {first} to {last} cannot be decoded ({error}); {DAMAGED}"
                ) from error
        return found


@lru_cache(maxsize=1024)
def _index_of(path: Path, key: str) -> _Index:
    """Read the packets of a file, once for each content.

    Args:
        path: The file.
        key: Its `file_key`.

    Raises:
        VideoError: As for `DeepVideo`.
    """
    with open_container(path) as (container, stream):
        require_whole(path, container.format.name)
        pixels, codec = stream.codec_context.pix_fmt or "", stream.codec_context.name
        if codec != "ffv1" or pixels not in _PIXELS or stream.sample_aspect_ratio not in (None, 0, 1):
            raise VideoError(
                f"{path}: holds {pixels} pixels by {codec}; numbers of more than 8 bits are read from FFV1 with square "
                f"pixels of {', '.join(_PIXELS)}. Write it with vid2vid.video.write_numbers."
            )
        checksums, times = SliceChecksums(), list[Any]()
        try:
            for packet in container.demux(stream):
                if packet.size:
                    checksums.check(bytes(packet))
                    times.append(packet.pts)
        except (av.FFmpegError, OSError, DamageError) as error:
            raise VideoError(f"{path}: frame {len(times)} cannot be read ({error}); {DAMAGED}") from error
        bits = av.VideoFormat(pixels).components[0].bits
    if not times or None in times or any(later <= earlier for earlier, later in pairwise(times)):
        raise VideoError(f"{path}: its frames have no times that increase, or there are none; write the file again.")
    return _Index(tuple(times), bits)
