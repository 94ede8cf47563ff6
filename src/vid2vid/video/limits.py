"""How much a file may claim to hold; what claims more is refused before memory is taken for it."""

from pathlib import Path

from vid2vid.errors import VideoError

MAX_PIXELS = 2**26
"""Pixels of a frame, 8192 x 8192: 200 MB in RGB, twice the size of 8K video."""


def check_pixels(path: Path, height: int, width: int) -> None:
    """Refuse frames that are larger than anything real.

    Raises:
        VideoError: They have more than `MAX_PIXELS`.
    """
    if height * width > MAX_PIXELS:
        raise too_large(path, f"frames of {width}x{height} pixels")


def check_count(path: Path, frames: int) -> None:
    """Refuse a number of frames that cannot be in a file of this size; decord would reserve memory for all of them.

    Raises:
        VideoError: There are more frames than bytes.
    """
    size = path.stat().st_size
    if frames > size:
        raise VideoError(f"{path}: claims to hold {frames} frames in {size} bytes; the file is damaged.")


def too_large(path: Path, claim: str) -> VideoError:
    """Return the error about a file that claims too much."""
    return VideoError(
        f"{path}: claims {claim}, more than the {MAX_PIXELS} (8192x8192) that are read: the file is damaged, or must "
        "be made smaller first."
    )
