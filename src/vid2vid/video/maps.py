"""Maps of ids by index and in order: class labels and object instances, from lossless video or folders of images."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import av
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.folder import ImageFolder, is_folder, list_images
from vid2vid.video.header import Header
from vid2vid.video.images import read_ids, read_labels
from vid2vid.video.labels import as_ids, as_labels
from vid2vid.video.reading import DecordFrames
from vid2vid.video.streaming import same_size, stream_frames

Id = TypeVar("Id", np.uint8, np.int32)
Id_co = TypeVar("Id_co", np.uint8, np.int32, covariant=True)


class MapReader(Protocol[Id_co]):
    """Random access to maps of ids; it belongs to one process and one thread."""

    @property
    def height(self) -> int:
        """Pixels of a map."""

    @property
    def width(self) -> int:
        """Pixels of a map."""

    @property
    def fps(self) -> float:
        """Maps a second, on average."""

    def __len__(self) -> int: ...

    def read(self, indices: Sequence[int]) -> NDArray[Id_co]:
        """Return the maps ``(N, H, W)`` with the given indices.

        Raises:
            VideoError: An index is out of range, or its map is damaged or none; the message names it.
        """


def open_labels(path: Path) -> MapReader[np.uint8]:
    """Open maps of class ids 0..255, each ``(H, W)`` uint8.

    They are the numbers of grey pixels, or the indices of pixels with a palette. `open_frames` gives the colours.

    Args:
        path: Lossless grey video (`write_labels`), or folder of grey or indexed images.

    Raises:
        VideoError: There is no such file, it is damaged, no map of labels, or holds no frame.
    """
    return ImageFolder(path, read_labels) if is_folder(path) else VideoMaps(path, _label_decoder(path))


def open_ids(path: Path) -> MapReader[np.int32]:
    """Open maps of large ids 0..2**24 - 1, such as those of object instances, each ``(H, W)`` int32.

    As with `open_labels`, also grey images of 16 bits, and in colour ``r + 256 g + 65536 b``, which is how `write_ids`
    and COCO's panoptic maps hold ids.

    Args:
        path: Lossless video (`write_ids`, `write_labels`), or folder of images.

    Raises:
        VideoError: There is no such file, it is damaged, no map of ids, or holds no frame.
    """
    return ImageFolder(path, read_ids) if is_folder(path) else VideoMaps(path, _id_decoder(path))


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


# From RGB frames and their indices in the file to maps.
Decoder = Callable[[NDArray[np.uint8], Sequence[int]], NDArray[Id]]


class VideoMaps(Generic[Id]):
    """The frames of a video file as a `MapReader`.

    Args:
        path: Video file.
        decoder: Makes maps ``(N, H, W)`` of RGB frames ``(N, H, W, 3)``.

    Raises:
        VideoError: The file cannot be opened; see `DecordFrames`.
    """

    def __init__(self, path: Path, decoder: Decoder[Id]) -> None:
        self._frames = DecordFrames(path)
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
        """Return the maps ``(N, H, W)`` with the given indices; see `DecordFrames.read`.

        Raises:
            VideoError: As there, or a frame is no map.
        """
        return self._decoder(self._frames.read(indices), indices)


def _stream(
    path: Path, read: Callable[[Path], NDArray[Id]], decoder: Callable[[Path], Decoder[Id]]
) -> Iterator[NDArray[Id]]:
    if is_folder(path):
        return same_size(path, map(read, list_images(path)))
    decode = decoder(path)
    return (decode(frame[None], [index])[0] for index, frame in enumerate(stream_frames(path)))


def _label_decoder(path: Path) -> Decoder[np.uint8]:
    _pixels(path)
    return lambda frames, indices: as_labels(frames, path, indices)


def _id_decoder(path: Path) -> Decoder[np.int32]:
    if _pixels(path).is_rgb:
        return lambda frames, _: as_ids(frames)
    return lambda frames, indices: as_labels(frames, path, indices).astype(np.int32)


def _pixels(path: Path) -> av.VideoFormat:
    """Return the pixel format of a video, if decord keeps all of it."""
    pixels = av.VideoFormat(Header.read(path).pixels)
    if any(component.bits > 8 for component in pixels.components):
        raise VideoError(
            f"{path}: its pixels are {pixels.name}, of which the reader keeps 8 bits a channel; store large ids with "
            "vid2vid.video.write_ids, or as a folder of 16-bit PNG images."
        )
    return pixels
