"""What the colour channels of label and id videos mean."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError


def as_labels(frames: NDArray[np.uint8], path: Path, first: int | Sequence[int] = 0) -> NDArray[np.uint8]:
    """Return the class ids of label maps that were read as RGB.

    Args:
        frames: ``(N, H, W, 3)`` uint8 from `FrameReader.read`.
        path: Where they come from, for the message.
        first: Index of the first of them in the file, or the indices of all, for the message.

    Returns:
        ``(N, H, W)`` uint8.

    Raises:
        VideoError: The channels differ: it is a colour picture, or the ids were spoilt by lossy compression.
    """
    labels = frames[..., 0]
    same = (labels == frames[..., 1]) & (labels == frames[..., 2])
    bad = np.flatnonzero(~same.all(axis=(1, 2)))
    if bad.size:
        index = first + int(bad[0]) if isinstance(first, int) else first[bad[0]]
        raise VideoError(
            f"{path}: frame {index} is no label map, its colour channels differ. Label maps are gray "
            "images of ids without lossy compression: write them with vid2vid.video.write_labels (large ids with "
            "write_ids); map a coloured drawing of labels to ids first."
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
