"""Progress bars for long work, in one style for the whole library."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.video.decoding import Header, stream_frames

Thing = TypeVar("Thing")

_DELAY = 1.0
"""Seconds before a bar appears, so that short work shows none."""


def progress(things: Iterable[Thing], name: str, total: int | None = None, unit: str = "frame") -> "tqdm[Thing]":
    """Return an iterator over things that shows a progress bar, which disappears at the end.

    Args:
        things: The things to iterate over.
        name: Title of the bar.
        total: Number of things, if they have no length.
        unit: Name of a thing.
    """
    return tqdm(things, name, total, unit=unit, delay=_DELAY, leave=False)


def watched_frames(path: Path, name: str = "") -> "tqdm[NDArray[np.uint8]]":
    """Return an iterator over the frames of a video (`stream_frames`) that shows a progress bar.

    Args:
        path: Video file or folder of images.
        name: Title of the bar; empty: the name of the file.

    Raises:
        VideoError: As for `stream_frames`.
    """
    header = Header.read(path)
    return progress(stream_frames(path), name or path.name, header.frames or header.estimated_frames)
