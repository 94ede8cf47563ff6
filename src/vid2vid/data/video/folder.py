"""Folders of images as videos: one image a frame, in natural order (2.png before 10.png)."""

import re
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
FOLDER_FPS = 25.0
_TICK_NS = 2_000_000_000
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_COLOUR_TYPE = 25
_PNG_PALETTE = 3


def is_folder(path: Path) -> bool:
    """Whether a path means the images of a folder: all of them, or with a pattern those that it fits.

    ``gtFine/train/aachen/*_labelIds.png`` is such a pattern, for folders that hold several images a frame. The path of
    something that exists is never one.
    """
    return path.is_dir() or ("*" in path.name and path.parent.is_dir() and not path.exists())


def list_images(folder: Path) -> list[Path]:
    """Return the images of a folder, or of a pattern (`is_folder`), in natural order; hidden files are left out.

    Raises:
        VideoError: There is no image, or images of several kinds, or the folder cannot be read.
    """
    place, names = _listing(folder)
    return [place / name for name in names]


def _listing(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Return where the images of a folder or pattern lie, and their names in natural order."""
    place, pattern = (folder, "*") if folder.is_dir() else (folder.parent, folder.name)
    try:
        changed = place.stat().st_mtime_ns
        # what changes within one tick of the clock would go unnoticed
        settled = time.time_ns() - changed > _TICK_NS
        names = (_names if settled else _names.__wrapped__)(place, pattern, changed)
    except OSError as error:
        raise VideoError(f"{folder}: the folder cannot be read: {error}") from error
    if not names:
        raise VideoError(f"{folder}: the folder holds no images ({', '.join(IMAGE_ENDINGS)}).")
    return place, names


@lru_cache(maxsize=256)
def _names(folder: Path, pattern: str, changed: int) -> tuple[str, ...]:
    """List a folder as it is since a time: a city of Cityscapes has 20,000 files, which takes a quarter of a second."""
    fitting = [path for path in folder.iterdir() if fnmatchcase(path.name, pattern) and path.name[0] != "."]
    paths = [path for path in fitting if path.suffix.lower() in IMAGE_ENDINGS]
    kinds = {path.suffix.lower().replace("jpeg", "jpg") for path in paths}
    if len(kinds) > 1:
        raise VideoError(f"{folder}: the folder mixes images of the kinds {', '.join(sorted(kinds))}; keep one kind.")
    return tuple(path.name for path in sorted(paths, key=natural_order))


def natural_order(path: Path) -> list[tuple[int, str]]:
    """Return the key that sorts files by their names as people count: 2.png before 10.png."""
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in re.split(r"(\d+)", path.name)]


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read an image as ``(H, W, 3)`` uint8 RGB.

    A gray image comes back in three equal channels. So does a PNG with a palette: label maps are often stored so,
    therefore its indices are returned, not its colours. An alpha channel is dropped.

    Raises:
        VideoError: The file is missing, damaged, no image, or has more than 8 bits a channel.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise VideoError(f"{path}: the image cannot be read: {error}") from error
    if data.startswith(_PNG_START) and data[_PNG_COLOUR_TYPE : _PNG_COLOUR_TYPE + 1] == bytes([_PNG_PALETTE]):
        return np.repeat(_palette_indices(data, path)[..., None], 3, axis=-1)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH) if data else None
    if image is None or not _is_whole(data):
        raise VideoError(f"{path}: cannot be read as an image; it is {'damaged' if data else 'empty'}.")
    if image.dtype != np.uint8:
        raise VideoError(
            f"{path}: the image has more than 8 bits a channel ({image.dtype}); convert it to 8 bits, "
            "or write large ids with vid2vid.data.video.write_ids."
        )
    return cv2.cvtColor(np.asarray(image, dtype=np.uint8), cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


class ImageFolder:
    """The images of a folder as a `FrameReader`; each is read when it is asked for.

    Attributes:
        path: The folder.
        height: Pixels of a frame.
        width: Pixels of a frame.
        fps: `FOLDER_FPS`, since a folder does not say.

    Args:
        path: Folder of images of one kind and size.

    Raises:
        VideoError: The folder holds no images or of several kinds, or the first cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fps = FOLDER_FPS
        self._place, self._names = _listing(path)
        self.height, self.width = read_image(self._place / self._names[0]).shape[:2]

    def __len__(self) -> int:
        return len(self._names)

    def read(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Return the frames ``(N, H, W, 3)`` uint8 RGB with the given indices.

        Raises:
            VideoError: An index is out of range, or an image is damaged or has another size than the first.
        """
        frames = np.empty((len(indices), self.height, self.width, 3), dtype=np.uint8)
        for row, index in enumerate(indices):
            if not 0 <= index < len(self):
                raise VideoError(f"{self.path}: there is no frame {index}; it has {len(self)}.")
            path = self._place / self._names[index]
            image = read_image(path)
            if image.shape != frames.shape[1:]:
                raise VideoError(
                    f"{path}: is {image.shape[1]}x{image.shape[0]}, but the first image of its folder "
                    f"is {self.width}x{self.height} (width x height); bring all images to one size."
                )
            frames[row] = image
        return frames


def _palette_indices(data: bytes, path: Path) -> NDArray[np.uint8]:
    """Decode with FFmpeg, because OpenCV turns a palette into colours at once."""
    decoder = av.CodecContext.create("png", "r")
    try:
        frame = decoder.decode(av.Packet(data))[0]
    except (av.FFmpegError, IndexError) as error:
        raise VideoError(f"{path}: cannot be read as an image; it is damaged ({error}).") from error
    plane = frame.planes[0]
    return np.frombuffer(bytes(plane), np.uint8).reshape(frame.height, plane.line_size)[:, : frame.width]


def _is_whole(data: bytes) -> bool:
    """Whether a JPEG reaches its end mark; OpenCV 4 fills up a cut one with gray and says nothing."""
    if not data.startswith(b"\xff\xd8"):
        return True
    position = 2
    while data[position + 1 : position + 2] not in (b"", b"\xda"):  # the start of the pixels
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return data.find(b"\xff\xd9", position) >= 0
