"""Folders of images as videos: one image a frame, in natural order (2.png before 10.png)."""

import re
import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.images import image_size

Pixel = TypeVar("Pixel", bound=np.generic)

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
FOLDER_FPS = 25.0
_TICK_NS = 2_000_000_000


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


class ImageFolder(Generic[Pixel]):
    """The images of a folder as frames; each is read when it is asked for.

    Attributes:
        path: The folder.
        height: Pixels of a frame.
        width: Pixels of a frame.
        fps: `FOLDER_FPS`, since a folder does not say.

    Args:
        path: Folder of images of one kind and size.
        read: Reads one image, ``(H, W)`` or ``(H, W, C)``.

    Raises:
        VideoError: The folder holds no images or of several kinds, or the first cannot be read.
    """

    def __init__(self, path: Path, read: Callable[[Path], NDArray[Pixel]]) -> None:
        self.path = path
        self.fps = FOLDER_FPS
        self._place, self._names = _listing(path)
        self._read = read
        first = read(self._place / self._names[0])
        self.height, self.width = first.shape[:2]
        self._none = np.empty((0, *first.shape), first.dtype)

    def __len__(self) -> int:
        return len(self._names)

    def read(self, indices: Sequence[int]) -> NDArray[Pixel]:
        """Return the images with the given indices, ``(N, H, W)`` or ``(N, H, W, C)``.

        Raises:
            VideoError: An index is out of range, or an image is damaged or has another size than the first.
        """
        return np.stack([self._image(index) for index in indices]) if len(indices) else self._none

    def _image(self, index: int) -> NDArray[Pixel]:
        if not 0 <= index < len(self):
            raise VideoError(f"{self.path}: there is no frame {index}; it has {len(self)}.")
        path = self._place / self._names[index]
        image = self._read(path)
        require_size(path, image.shape[:2], (self.height, self.width))
        return image


def check_folder(path: Path) -> None:
    """Look at the heads of all images of a folder; whether the rest of them is whole shows when they are read.

    Raises:
        VideoError: One is missing, no image, too large, or of another size than the first.
    """
    images = list_images(path)
    first = image_size(images[0])
    for image in images:
        require_size(image, image_size(image), first)


def require_size(path: Path, size: tuple[int, ...], first: tuple[int, int]) -> None:
    """Compare height and width of an image with those of the first one of its folder.

    Raises:
        VideoError: They differ.
    """
    if size != first:
        raise VideoError(
            f"{path}: is {size[1]}x{size[0]}, but the first image of its folder is {first[1]}x{first[0]} (width x "
            "height); bring all images to one size."
        )
