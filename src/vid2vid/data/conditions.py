"""Reading conditions: from frames of a source file to the integer planes that travel in a clip."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.framing import Framing
from vid2vid.data.video import as_labels
from vid2vid.errors import DataError

UNKNOWN = -1


def to_planes(
    condition: Condition, frames: NDArray[np.uint8], framing: Framing, path: Path, first: int, step: int = 1
) -> NDArray[np.uint8]:
    """Turn source frames into what a clip carries (`vid2vid.types.Clip.source`).

    Args:
        condition: What the source is.
        frames: ``(N, H, W, 3)`` as read from the file.
        framing: Part and size to use.
        path: The file, for messages.
        first: Index of the first frame in the file, for messages.
        step: Distance of the frames in the file, for messages.

    Returns:
        ``(N, S, H', W')`` uint8: class indices for labels (S = 1), 0 or 255 for edges (S = 1), RGB for images (S = 3).

    Raises:
        DataError: A label id is not one of the condition's.
    """
    if condition.kind == "labels":
        labels = framing.ids(as_labels(frames, path, first))
        return _class_indices(condition, labels, path, range(first, first + step * len(labels), step))[:, None]
    framed = framing.images(frames)
    if condition.kind == "edges":
        low, high = condition.edge_thresholds
        return np.stack([canny(frame, low, high) for frame in framed])[:, None]
    return np.ascontiguousarray(framed.transpose(0, 3, 1, 2))


def grey_planes(frames: NDArray[np.uint8], framing: Framing) -> NDArray[np.uint8]:
    """Turn frames of a grey video ``(N, H, W, 3)``, such as a soft mask, into planes ``(N, 1, H', W')``."""
    return np.ascontiguousarray(framing.images(frames)[:, None, :, :, 0])


def canny(frame: NDArray[np.uint8], low: int, high: int) -> NDArray[np.uint8]:
    """Return Canny's edges of an RGB frame ``(H, W, 3)``, 0 or 255, ``(H, W)``.

    Args:
        frame: RGB.
        low: Edges weaker than this are dropped.
        high: Edges stronger than this are kept, and those between if they touch a kept one.
    """
    return cv2.Canny(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), low, high).astype(np.uint8)


def _class_indices(condition: Condition, labels: NDArray[np.uint8], path: Path, frames: range) -> NDArray[np.uint8]:
    table = np.full(256, UNKNOWN, np.int16)
    table[condition.label_ids] = np.arange(len(condition.label_ids))
    indices = table[labels]
    if (indices == UNKNOWN).any():
        frame, row, column = np.argwhere(indices == UNKNOWN)[0]
        label = labels[frame, row, column]
        raise DataError(
            f"{path}: frame {frames[frame]} has the label id {label} at row {row}, column {column}, "
            f"which is none of the {len(condition.label_ids)} ids in condition.label_ids "
            f"({', '.join(map(str, condition.label_ids))}). Add it there, or correct the label map."
        )
    return indices.astype(np.uint8)
