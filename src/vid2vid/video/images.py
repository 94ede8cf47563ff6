"""Images, and folders of images as videos: one image per frame, in natural order (2.png before 10.png)."""

import io
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from vid2vid.digests import is_settled
from vid2vid.errors import VideoError

Pixel = TypeVar("Pixel", bound=np.generic)

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
_FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "TIFF", "PPM")
"""Pillow's names of the formats of `IMAGE_ENDINGS`; untrusted files reach none of its many other decoders."""
VIDEO_ENDINGS = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".ts", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv")
"""Endings by which video files in a folder are recognised."""
FOLDER_FPS = 25.0
MAX_PIXELS = 2**26
"""Largest frame that is read, 8192 x 8192: 200 MB in RGB, twice the size of 8K video."""

# Pillow's modes of images whose pixels can be ids.
_ID_MODES = ("1", "L", "P", "I", "I;16", "I;16B", "I;16L")
# The factors by which Pillow spreads grey values of 2 and 4 bits over 0..255.
_SPREAD = {"L;2": 85, "L;4": 17}
# More than 8 bits are detected, and the orientation is applied here, as it is for sizes and maps of ids.
_DECODE = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION


class Orientation(NamedTuple):
    """How stored pixels are shown: they are transposed first, then mirrored.

    Attributes:
        transposed: Whether rows become columns.
        rows: Whether the order of the rows is then reversed.
        columns: Whether the order of the columns is then reversed.
    """

    transposed: bool = False
    rows: bool = False
    columns: bool = False

    def apply(self, pixels: NDArray[Pixel]) -> NDArray[Pixel]:
        """Return ``(H, W)`` or ``(H, W, C)`` pixels as they are shown, as a view where possible."""
        turned = pixels.swapaxes(0, 1) if self.transposed else pixels
        return turned[:: -1 if self.rows else 1, :: -1 if self.columns else 1]


_EXIF = {
    2: Orientation(columns=True),
    3: Orientation(rows=True, columns=True),
    4: Orientation(rows=True),
    5: Orientation(transposed=True),
    6: Orientation(transposed=True, columns=True),
    7: Orientation(transposed=True, rows=True, columns=True),
    8: Orientation(transposed=True, rows=True),
}
"""The values of EXIF 2.3's field Orientation; 1 is upright."""


def over_black(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay RGBA pixels ``(H, W, 4)`` over black, so that hidden colours do not show."""
    colours, alpha = pixels[..., :3].astype(np.uint16), pixels[..., 3:]
    return ((colours * alpha + 127) // 255).astype(np.uint8)


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read an image as ``(H, W, 3)`` uint8 RGB, oriented as its EXIF metadata say.

    Grey images are returned with three equal channels, indexed images in the colours of their palette. Transparent
    pixels are laid over black.

    Raises:
        VideoError: The file is missing, damaged, not an image, too large, or has more than 8 bits a channel.
    """
    data = _read_bytes(path)
    with _open_image(path, data) as header:
        orientation = _orientation(header, data)
        deep = header.mode.startswith(("I", "F")) or "16" in _coding(header)
        if header.has_transparency_data and not deep:
            pixels = over_black(np.asarray(header.convert("RGBA")))
            return np.ascontiguousarray(orientation.apply(pixels))
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), _DECODE)
    except cv2.error as error:
        raise _damaged(path) from error
    if image is None or not _is_whole(data):
        raise _damaged(path)
    if image.dtype != np.uint8:
        raise VideoError(
            f"{path}: the image has more than 8 bits a channel ({image.dtype}); convert it to 8 bits. If it is a map "
            "of large ids, read it with vid2vid.video.open_ids."
        )
    pixels = np.asarray(image, dtype=np.uint8)[..., ::-1]
    return np.ascontiguousarray(orientation.apply(pixels))


def read_pixel_values(path: Path) -> NDArray[np.integer]:
    """Read the stored values of an image of ids: grey values, palette indices, or three channels of 8 bits.

    The image is oriented as in `read_image`. An alpha channel is dropped, since it is no part of an id.

    Returns:
        ``(H, W)``, or ``(H, W, 3)`` for a colour image.

    Raises:
        VideoError: The file is missing, damaged, not an image, too large, or in a format that alters ids.
    """
    data = _read_bytes(path)
    with _open_image(path, data) as image:
        if image.format in ("JPEG", "MPO"):
            raise VideoError(f"{path}: JPEG alters ids; store maps of ids as PNG.")
        coded, orientation = _coding(image), _orientation(image, data)
        if image.mode in _ID_MODES:
            values = orientation.apply(np.asarray(image))
            factor = next((factor for name, factor in _SPREAD.items() if name in coded), 1)
            return values // factor if values.dtype != np.bool_ else values.astype(np.uint8)
        if image.mode in ("RGB", "RGBA") and "16" not in coded:
            return orientation.apply(np.asarray(image)[..., :3])
        raise VideoError(f"{path}: its {image.mode} pixels are not ids; store ids as grey PNG of 8 or 16 bits.")


def read_numbers(path: Path) -> NDArray[Any]:
    """Read the stored values of a lossless image with one or three channels of 8 or 16 bits.

    The image is oriented as in `read_image`; an alpha channel is dropped.

    Returns:
        ``(H, W)`` or ``(H, W, 3)``, uint8 or uint16.

    Raises:
        VideoError: The file is missing, damaged, not an image, too large, or in another format.
    """
    data = _read_bytes(path)
    with _open_image(path, data) as image:
        fitting = image.mode in ("L", "RGB", "RGBA") or image.mode.startswith("I")
        if image.format not in ("PNG", "TIFF", "PPM", "BMP") or not fitting:
            raise VideoError(f"{path}: a {image.mode} image in {image.format}; store numbers as PNG of 8 or 16 bits.")
        orientation = _orientation(image, data)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise _damaged(path) from error
    if pixels is None or pixels.dtype not in (np.uint8, np.uint16):
        raise _damaged(path)
    numbers = pixels if pixels.ndim == 2 else pixels[..., 2::-1]
    return np.ascontiguousarray(orientation.apply(numbers))


def image_size(path: Path) -> tuple[int, int]:
    """Return height and width of an image as it is shown, from its header.

    Raises:
        VideoError: The file is missing, not an image, or too large.
    """
    data = _read_bytes(path)
    with _open_image(path, data) as image:
        transposed = _orientation(image, data).transposed
        return (image.width, image.height) if transposed else (image.height, image.width)


def _orientation(image: ImageFile.ImageFile, data: bytes) -> Orientation:
    """Return the orientation of an image that is opened, but not decoded."""
    if image.format == "TIFF":  # Pillow and OpenCV apply the orientation themselves
        return Orientation()
    places = ("exif", "Raw profile type exif")
    if image.format == "PNG" and b"eXIf" not in data and not any(place in image.info for place in places):
        return Orientation()  # looking for it, Pillow would decode the whole image
    try:
        return _EXIF.get(image.getexif().get(ExifTags.Base.Orientation, 1), Orientation())
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        # unreadable metadata do not spoil the picture
        return Orientation()


def _coding(image: ImageFile.ImageFile) -> str:
    """Return Pillow's name of how pixels are stored, such as ``RGB;16B``; empty if it does not say."""
    tile: list[Any] = image.tile
    return str(tile[0][3]) if tile else ""


def check_pixels(path: Path, height: int, width: int) -> None:
    """Refuse frames that are too large, before memory is allocated for them.

    Raises:
        VideoError: They have more than `MAX_PIXELS`.
    """
    if height * width > MAX_PIXELS:
        raise _too_large(path, f"frames of {width}x{height} pixels")


@contextmanager
def _open_image(path: Path, data: bytes) -> Iterator[ImageFile.ImageFile]:
    """Open an image, and turn errors inside the block into a `VideoError` that names the path."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            check_pixels(path, image.height, image.width)
            yield image
    except VideoError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(path, "a number of pixels") from error
    except UnidentifiedImageError as error:
        raise VideoError(
            f"{path}: cannot be read as an image; it is damaged or not one of {', '.join(_FORMATS)}, whatever its name "
            "ends in."
        ) from error
    except (OSError, SyntaxError, EOFError, ValueError) as error:
        raise _damaged(path) from error


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise VideoError(f"{path}: the image cannot be read: {error}") from error
    if not data:
        raise VideoError(f"{path}: cannot be read as an image; it is empty.")
    return data


def _is_whole(data: bytes) -> bool:
    """Whether a JPEG has its end mark; OpenCV 4 pads a truncated file with grey without an error."""
    if not data.startswith(b"\xff\xd8"):
        return True
    position = 2
    while data[position + 1 : position + 2] not in (b"", b"\xda"):  # the start of the pixels
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return data.find(b"\xff\xd9", position) >= 0


def _damaged(path: Path) -> VideoError:
    return VideoError(f"{path}: cannot be read as an image; it is damaged: write or fetch it again.")


def _too_large(path: Path, claim: str) -> VideoError:
    return VideoError(
        f"{path}: claims {claim}, more than the {MAX_PIXELS} (8192x8192) that are read: the file is damaged, or must "
        "be made smaller first."
    )


def is_folder(path: Path) -> bool:
    """Whether a path is a folder of images, or a pattern of file names in a folder.

    ``gtFine/train/aachen/*_labelIds.png`` is such a pattern; it is needed for folders with several images per frame.
    The path of an existing file is never a pattern.
    """
    return path.is_dir() or ("*" in path.name and path.parent.is_dir() and not path.exists())


def list_images(folder: Path) -> list[Path]:
    """Return the images of a folder or pattern (`is_folder`) in natural order, without hidden files.

    Raises:
        VideoError: There are no images, or images of several kinds, or the folder cannot be read.
    """
    parent, names = _listing(folder)
    return [parent / name for name in names]


def list_folder(folder: Path) -> list[Path]:
    """Return the paths in a folder, in natural order, without hidden ones.

    Raises:
        VideoError: The folder cannot be read.
    """
    try:
        return sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=natural_order)
    except OSError as error:
        raise VideoError(f"{folder}: the folder cannot be read: {error}") from error


def natural_order(path: Path) -> list[tuple[int, str]]:
    """Return the sort key of a file name in which numbers count as numbers: 2.png before 10.png."""
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in re.split(r"(\d+)", path.name)]


class ImageFolder(Generic[Pixel]):
    """The images of a folder as a `FrameReader`; each is read on demand.

    Attributes:
        path: The folder.
        height: Pixels of a frame.
        width: Pixels of a frame.
        fps: `FOLDER_FPS`, since a folder has no frame rate.

    Args:
        path: Folder of images of one kind and size.
        read: Reads one image, ``(H, W)`` or ``(H, W, C)``.

    Raises:
        VideoError: The folder holds no images or images of several kinds, or the first cannot be read.
    """

    def __init__(self, path: Path, read: Callable[[Path], NDArray[Pixel]]) -> None:
        self.path = path
        self.fps = FOLDER_FPS
        self._parent, self._names = _listing(path)
        self._read = read
        first = read(self._parent / self._names[0])
        self.height, self.width = first.shape[:2]
        self._none = np.empty((0, *first.shape), first.dtype)

    def __len__(self) -> int:
        return len(self._names)

    def read(self, indices: Sequence[int]) -> NDArray[Pixel]:
        """Return the images with the given indices, ``(N, H, W)`` or ``(N, H, W, C)``.

        Raises:
            VideoError: An index is out of range, or an image is damaged or differs in size from the first.
        """
        images = []
        for index in indices:
            require_frame(self.path, index, len(self))
            path = self._parent / self._names[index]
            images.append(self._read(path))
            _require_size(path, images[-1].shape[:2], (self.height, self.width))
        return np.stack(images) if images else self._none


def require_frame(path: Path, index: int, frames: int) -> None:
    """Refuse an index outside of a video.

    Args:
        path: The video, for the message.
        index: Index of the frame.
        frames: Number of frames.

    Raises:
        VideoError: The index is not in ``0 .. frames - 1``.
    """
    if not 0 <= index < frames:
        raise VideoError(f"{path}: there is no frame {index}; it has {frames}.")


def check_folder(path: Path) -> None:
    """Check the headers of all images of a folder; other damage shows only when an image is read.

    Raises:
        VideoError: A file is missing, not an image, too large, or differs in size from the first.
    """
    images = list_images(path)
    first = image_size(images[0])
    for image in images:
        _require_size(image, image_size(image), first)


def _require_size(path: Path, size: tuple[int, ...], first: tuple[int, int]) -> None:
    if size != first:
        raise VideoError(
            f"{path}: is {size[1]}x{size[0]}, but the first image of its folder is {first[1]}x{first[0]} (width x "
            "height); bring all images to one size."
        )


def _listing(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the parent folder and, in natural order, the names of the images of a folder or pattern."""
    parent, pattern = (folder, "*") if folder.is_dir() else (folder.parent, folder.name)
    try:
        changed = parent.stat().st_mtime_ns
        names = (_list_names if is_settled(changed) else _list_names.__wrapped__)(parent, pattern, changed)
    except OSError as error:
        raise VideoError(f"{folder}: the folder cannot be read: {error}") from error
    if not names:
        raise VideoError(f"{folder}: the folder holds no images ({', '.join(IMAGE_ENDINGS)}).")
    return parent, names


@lru_cache(maxsize=256)
def _list_names(folder: Path, pattern: str, changed: int) -> tuple[str, ...]:
    """List a folder, cached until it changes: 20,000 files, as a city of Cityscapes has, take 0.25 s."""
    fitting = [path for path in folder.iterdir() if fnmatchcase(path.name, pattern) and path.name[0] != "."]
    paths = [path for path in fitting if path.suffix.lower() in IMAGE_ENDINGS]
    kinds = {path.suffix.lower().replace("jpeg", "jpg") for path in paths}
    if len(kinds) > 1:
        raise VideoError(f"{folder}: the folder mixes images of the kinds {', '.join(sorted(kinds))}; keep one kind.")
    return tuple(path.name for path in sorted(paths, key=natural_order))
