"""OpenEXR images, as renderers and engines write them, read by the official OpenEXR package."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError, require, why
from vid2vid.video.images import MAX_PIXELS, check_pixels

EXR_ENDING = ".exr"
MAX_CHANNELS = 256
"""Files with more channels are refused as damaged."""
_MOST = 8
"""Largest number of values in all channels, as a multiple of `MAX_PIXELS`: 2 GB."""
_FLAT = ("scanlineimage", "tiledimage")


def read_exr(path: Path) -> dict[str, NDArray[Any]]:
    """Read the channels of an image by name, each ``(H, W)`` float16, float32 or uint32.

    In a multi-part file, channel names are prefixed with the name of their part.

    Raises:
        VideoError: The file is missing, damaged, too large, cropped, or has several values per pixel (a deep image).
        MissingExtraError: OpenEXR is not installed; the message names the extra ``exr``.
    """
    exr: Any = require("OpenEXR", "exr")
    if not path.is_file():
        raise VideoError(f"{path}: there is no such file; check the path.")
    try:
        # the header is checked first, since it says how much memory the pixels need
        for part in exr.File(str(path), separate_channels=True, header_only=True).parts:
            _check_header(path, part.header)
        parts = exr.File(str(path), separate_channels=True).parts
        several = len(parts) > 1
        found = {
            f"{part.name()}.{name}" if several else name: np.asarray(channel.pixels)
            for part in parts
            for name, channel in part.channels.items()
        }
    except (RuntimeError, ValueError, TypeError, KeyError, AttributeError, MemoryError, OverflowError) as error:
        raise VideoError(f"{path}: cannot be read as an OpenEXR image: {why(error)}.") from error
    shapes = {channel.shape for channel in found.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise VideoError(f"{path}: cannot be read as an OpenEXR image: it is damaged, or its channels differ in size.")
    return found


def _check_header(path: Path, header: dict[str, Any]) -> None:
    """Check that an image is flat, whole and not too large, before memory is allocated for it.

    Raises:
        VideoError: It is not.
    """
    (left, top), (right, bottom) = (corner.tolist() for corner in header["dataWindow"])
    height, width, channels = bottom - top + 1, right - left + 1, len(header["channels"])
    if height < 1 or width < 1 or not 0 < channels <= MAX_CHANNELS:
        raise VideoError(f"{path}: claims {channels} channels of {width}x{height} pixels; the file is damaged.")
    check_pixels(path, height, width)
    if height * width * channels > _MOST * MAX_PIXELS:
        raise VideoError(f"{path}: {channels} channels of {width}x{height} pixels are too many; write fewer.")
    shown = [corner.tolist() for corner in header["displayWindow"]]
    if shown != [[left, top], [right, bottom]]:
        raise VideoError(
            f"{path}: holds {width}x{height} pixels of another picture (its data window differs from its display "
            "window); let the renderer write whole frames."
        )
    kind = getattr(header.get("type"), "name", "")
    if kind not in _FLAT:
        raise VideoError(f"{path}: is a {kind or 'deep'} image; write flat pictures, one number for each pixel.")
