"""Single images: colours through OpenCV, and through Pillow what it does not give, the ids in maps of them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from vid2vid.errors import VideoError
from vid2vid.video.labels import as_ids, as_labels
from vid2vid.video.limits import check_pixels, too_large

# Pillow's words for the pixels of an image whose numbers are ids.
_NUMBERS = ("1", "L", "P", "I", "I;16", "I;16B", "I;16L")
# Grey of 2 and 4 bits is spread over 0..255 by these factors.
_SPREAD = {"L;2": 85, "L;4": 17}


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read an image as ``(H, W, 3)`` uint8 RGB.

    A grey image comes back in three equal channels, one with a palette in its colours. An alpha channel is dropped.

    Raises:
        VideoError: The file is missing, damaged, no image, too large, or has more than 8 bits a channel.
    """
    data = _bytes(path)
    image_size(path, data)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error as error:
        raise _damaged(path) from error
    if image is None or not _is_whole(data):
        raise _damaged(path)
    if image.dtype != np.uint8:
        raise VideoError(
            f"{path}: the image has more than 8 bits a channel ({image.dtype}); convert it to 8 bits. If it is a map "
            "of large ids, read it with vid2vid.video.open_ids."
        )
    return cv2.cvtColor(np.asarray(image, dtype=np.uint8), cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def read_labels(path: Path) -> NDArray[np.uint8]:
    """Read a map of class ids, ``(H, W)`` uint8: the numbers of a grey image, or the indices of one with a palette.

    Raises:
        VideoError: The file is missing, damaged, no image, too large, stored with loss, a colour picture, or holds ids
            above 255.
    """
    numbers = _read_numbers(path)
    if numbers.ndim == 3:
        numbers = as_labels(numbers[None].astype(np.uint8), path)[0]
    low, high = numbers.min(), numbers.max()
    if low < 0 or high > 255:
        raise VideoError(f"{path}: holds the ids {low}..{high}, but class ids are 0..255.")
    return numbers.astype(np.uint8)


def read_ids(path: Path) -> NDArray[np.int32]:
    """Read a map of large ids, ``(H, W)`` int32: as `read_labels`, also of 16 bits.

    In a colour image an id is ``r + 256 g + 65536 b``, as `write_ids` and COCO's panoptic maps have it.

    Raises:
        VideoError: The file is missing, damaged, no image, too large, or stored with loss.
    """
    numbers = _read_numbers(path)
    return as_ids(numbers[None].astype(np.uint8))[0] if numbers.ndim == 3 else numbers.astype(np.int32)


def image_size(path: Path, data: bytes | None = None) -> tuple[int, int]:
    """Return height and width as the head of an image gives them.

    Args:
        path: The image.
        data: Its bytes, if they were read already.

    Raises:
        VideoError: The file is missing, no image, or too large.
    """
    with _opening(path, _bytes(path) if data is None else data) as image:
        return image.height, image.width


def _read_numbers(path: Path) -> NDArray[np.integer]:
    """Return what stands in an image, ``(H, W)`` or ``(H, W, 3)``."""
    with _opening(path, _bytes(path)) as image:
        if image.format == "JPEG":
            raise VideoError(f"{path}: JPEG alters ids; store maps of ids as PNG.")
        coded = str(image.tile[0][3]) if image.tile else ""
        if image.mode in _NUMBERS:
            numbers = np.asarray(image)
            factor = next((factor for name, factor in _SPREAD.items() if name in coded), 1)
            return numbers // factor if numbers.dtype != np.bool_ else numbers.astype(np.uint8)
        if image.mode in ("RGB", "RGBA") and "16" not in coded:
            return np.asarray(image)[..., :3]
        raise VideoError(f"{path}: its {image.mode} pixels are no ids; store ids as grey PNG of 8 or 16 bits.")


@contextmanager
def _opening(path: Path, data: bytes) -> Iterator[ImageFile.ImageFile]:
    """Open an image whose pixels are read, and errors of which are named, inside the block."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            check_pixels(path, image.height, image.width)
            yield image
    except VideoError:
        raise
    except Image.DecompressionBombError as error:
        raise too_large(path, "a number of pixels") from error
    except (OSError, SyntaxError, EOFError, ValueError) as error:
        raise _damaged(path) from error


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise VideoError(f"{path}: the image cannot be read: {error}") from error
    if not data:
        raise VideoError(f"{path}: cannot be read as an image; it is empty.")
    return data


def _damaged(path: Path) -> VideoError:
    return VideoError(f"{path}: cannot be read as an image; it is damaged.")


def _is_whole(data: bytes) -> bool:
    """Whether a JPEG reaches its end mark; OpenCV 4 fills up a cut one with gray and says nothing."""
    if not data.startswith(b"\xff\xd8"):
        return True
    position = 2
    while data[position + 1 : position + 2] not in (b"", b"\xda"):  # the start of the pixels
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return data.find(b"\xff\xd9", position) >= 0
