"""Maps of class ids and object ids from lossless videos or folders of images, by index and in order."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import av
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.decoding import Header, require_one_size, stream_frames
from vid2vid.video.images import ImageFolder, is_folder, list_images, read_pixel_values
from vid2vid.video.opening import open_file
from vid2vid.video.reading import FrameReader
from vid2vid.video.writing import MAX_ID

Id = TypeVar("Id", np.uint8, np.int32)
# Converts RGB frames (N, H, W, 3) and their indices in the file to maps (N, H, W).
Decoder = Callable[[NDArray[np.uint8], Sequence[int]], NDArray[Id]]


def as_labels(frames: NDArray[np.uint8], path: Path, first: int | Sequence[int] = 0) -> NDArray[np.uint8]:
    """Return the class ids of label maps that were read as RGB.

    Args:
        frames: ``(N, H, W, 3)`` uint8 from `FrameReader.read`.
        path: Their file, for the message.
        first: Index of the first frame in the file, or the indices of all frames, for the message.

    Returns:
        ``(N, H, W)`` uint8.

    Raises:
        VideoError: The channels differ, because the frame is a colour picture or lossy compression has changed it.
    """
    labels = frames[..., 0]
    same = (labels == frames[..., 1]) & (labels == frames[..., 2])
    bad = np.flatnonzero(~same.all(axis=(1, 2)))
    if bad.size:
        index = first + int(bad[0]) if isinstance(first, int) else first[bad[0]]
        raise VideoError(
            f"{path}: frame {index} is not a label map: its colour channels differ. Label maps are grey images of ids "
            "without lossy compression: write them with vid2vid.video.write_labels (large ids with write_ids); map a "
            "coloured drawing of labels to ids first."
        )
    return np.ascontiguousarray(labels)


def as_ids(frames: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the 24-bit ids ``r + 256 g + 65536 b`` that `write_ids` stored.

    Args:
        frames: ``(N, H, W, 3)`` uint8 from `FrameReader.read`.

    Returns:
        ``(N, H, W)`` int32 in 0..2**24 - 1.
    """
    weights = np.array([1, 1 << 8, 1 << 16], dtype=np.int32)
    return np.asarray(frames.astype(np.int32) @ weights, dtype=np.int32)


def read_labels(path: Path) -> NDArray[np.uint8]:
    """Read an image of class ids, ``(H, W)`` uint8: its grey values, or its palette indices.

    Raises:
        VideoError: The file is missing, damaged, not an image, too large, compressed with loss, a colour picture, or
            has ids above 255.
    """
    ids = read_pixel_values(path)
    if ids.ndim == 3:
        ids = as_labels(ids[None].astype(np.uint8), path)[0]
    low, high = ids.min(), ids.max()
    if low < 0 or high > 255:
        raise VideoError(f"{path}: holds the ids {low}..{high}, but class ids must lie in 0..255; renumber them.")
    return ids.astype(np.uint8)


def read_ids(path: Path) -> NDArray[np.int32]:
    """Read an image of large ids, ``(H, W)`` int32, like `read_labels`, but also with 16 bits.

    In a colour image an id is ``r + 256 g + 65536 b``, as `write_ids` and COCO's panoptic maps store it.

    Raises:
        VideoError: The file is missing, damaged, not an image, too large, or compressed with loss.
    """
    ids = read_pixel_values(path)
    return as_ids(ids[None].astype(np.uint8))[0] if ids.ndim == 3 else ids.astype(np.int32)


def open_labels(path: Path) -> FrameReader[np.uint8]:
    """Open maps of class ids 0..255, each ``(H, W)`` uint8.

    An id is the value of a grey pixel, or the palette index of an indexed one; `open_frames` returns the colours.

    Args:
        path: Lossless grey video (`write_labels`), or folder of grey or indexed images.

    Raises:
        VideoError: The file is missing, damaged, not a label map, or has no frames.
    """
    return ImageFolder(path, read_labels) if is_folder(path) else VideoMaps(path, _label_decoder(path))


def open_ids(path: Path) -> FrameReader[np.int32]:
    """Open maps of large ids 0..2**24 - 1, such as those of object instances, each ``(H, W)`` int32.

    Like `open_labels`, but also reads grey images of 16 bits, and colours as ``r + 256 g + 65536 b``, the form of
    `write_ids` and of COCO's panoptic maps.

    Args:
        path: Lossless video (`write_ids`, `write_labels`), or folder of images.

    Raises:
        VideoError: The file is missing, damaged, not a map of ids, or has no frames.
    """
    return ImageFolder(path, read_ids) if is_folder(path) else VideoMaps(path, _id_decoder(path))


def largest_id(path: Path) -> int:
    """Return the largest id that a video file can store: three bytes in colours, one in grey.

    Raises:
        VideoError: The file cannot be read, or its pixels cannot be ids.
    """
    return MAX_ID if _pixel_format(path).is_rgb else 255


def stream_labels(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield all maps of class ids, ``(H, W)`` uint8, of a video of any length; see `open_labels`.

    Raises:
        VideoError: While iterating, as `open_labels`; the message names the frame.
    """
    yield from _stream(path, read_labels, _label_decoder)


def stream_ids(path: Path) -> Iterator[NDArray[np.int32]]:
    """Yield all maps of large ids, ``(H, W)`` int32, of a video of any length; see `open_ids`.

    Raises:
        VideoError: While iterating, as `open_ids`; the message names the frame.
    """
    yield from _stream(path, read_ids, _id_decoder)


class VideoMaps(Generic[Id]):
    """The maps of a video file as a `FrameReader`.

    Args:
        path: Video file.
        decoder: Converts RGB frames ``(N, H, W, 3)`` to maps ``(N, H, W)``.

    Raises:
        VideoError: The file cannot be opened; see `open_frames`.
    """

    def __init__(self, path: Path, decoder: Decoder[Id]) -> None:
        self._frames = open_file(path)
        self._decoder: Decoder[Id] = decoder

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def height(self) -> int:
        """Pixels of a map."""
        return self._frames.height

    @property
    def width(self) -> int:
        """Pixels of a map."""
        return self._frames.width

    @property
    def fps(self) -> float:
        """Maps a second, on average."""
        return self._frames.fps

    def read(self, indices: Sequence[int]) -> NDArray[Id]:
        """Return the maps ``(N, H, W)`` with the given indices; see `FrameReader.read`.

        Raises:
            VideoError: As for `FrameReader.read`, or a frame is not a map.
        """
        return self._decoder(self._frames.read(indices), indices)


def _stream(
    path: Path, read: Callable[[Path], NDArray[Id]], decoder: Callable[[Path], Decoder[Id]]
) -> Iterator[NDArray[Id]]:
    if is_folder(path):
        return require_one_size(path, map(read, list_images(path)))
    decode = decoder(path)
    return (decode(frame[None], [index])[0] for index, frame in enumerate(stream_frames(path)))


def _label_decoder(path: Path) -> Decoder[np.uint8]:
    _pixel_format(path)
    return lambda frames, indices: as_labels(frames, path, indices)


def _id_decoder(path: Path) -> Decoder[np.int32]:
    if _pixel_format(path).is_rgb:
        return lambda frames, _: as_ids(frames)
    return lambda frames, indices: as_labels(frames, path, indices).astype(np.int32)


def _pixel_format(path: Path) -> av.VideoFormat:
    """Return the pixel format of a video; refuse one that readers would round or stretch."""
    header = Header.read(path)
    if not header.pixels:
        raise VideoError(f"{path}: its header does not say what its pixels are; the file is damaged.")
    pixels = av.VideoFormat(header.pixels)
    if header.pixel_width != 1:
        raise VideoError(
            f"{path}: its pixels are {header.pixel_width:.3g} times as wide as high, and ids cannot be stretched; "
            "write the maps with square pixels, at the size at which the frames are shown."
        )
    if any(component.bits > 8 for component in pixels.components):
        raise VideoError(
            f"{path}: its pixels are {pixels.name}, of which the reader keeps 8 bits a channel; store large ids with "
            "vid2vid.video.write_ids, or as a folder of 16-bit PNG images."
        )
    return pixels
