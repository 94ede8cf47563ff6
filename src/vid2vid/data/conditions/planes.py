"""Conditions that stand in files as pictures: from their frames to planes."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import DataError
from vid2vid.video import as_labels, canny

UNKNOWN = -1


def to_planes(
    condition: Condition, frames: NDArray[np.uint8], crop_resize: CropResize, path: Path, first: int, step: int = 1
) -> NDArray[np.uint8]:
    """Turn source frames into what a clip carries (`vid2vid.types.Clip.source`).

    Args:
        condition: What the source is.
        frames: ``(N, H, W, 3)`` RGB as read from the file, or maps of ids ``(N, H, W)`` (`Condition.holds_ids`).
        crop_resize: Part and size to use.
        path: The file, for messages.
        first: Index of the first frame in the file, for messages.
        step: Distance of the frames in the file, for messages.

    Returns:
        ``(N, S, H', W')`` uint8: class indices for labels (S = 1), 0 or 255 for edges (S = 1), grey (S = 1), RGB for
        images (S = 3).

    Raises:
        DataError: A label id is not one of the condition's.
    """
    if condition.has_labels:
        return _label_planes(condition, frames, crop_resize, path, range(first, first + step * len(frames), step))
    if condition.kind == "grey":
        return grey_planes(frames, crop_resize)
    framed = crop_resize.images(frames)
    if condition.kind == "edges":
        low, high = condition.edge_thresholds
        return np.stack([canny(frame, low, high) for frame in framed])[:, None]
    return np.ascontiguousarray(framed.transpose(0, 3, 1, 2))


def grey_planes(frames: NDArray[np.uint8], crop_resize: CropResize) -> NDArray[np.uint8]:
    """Turn frames of a grey video ``(N, H, W, 3)``, such as a soft mask, into planes ``(N, 1, H', W')``."""
    return np.ascontiguousarray(crop_resize.images(frames)[:, None, :, :, 0])


def _label_planes(
    condition: Condition, frames: NDArray[np.uint8], crop_resize: CropResize, path: Path, indices: range
) -> NDArray[np.uint8]:
    if condition.colour_coded:
        classes = from_palette(condition, crop_resize.ids(_packed(frames)), path, indices)
    else:
        maps = frames if frames.ndim == 3 else as_labels(frames, path, indices.start)
        classes = _class_indices(condition, crop_resize.ids(maps), path, indices)
    return (_mirror_table(condition)[classes] if crop_resize.flip else classes)[:, None]


def _packed(frames: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return RGB colours ``(..., 3)`` as one number each."""
    return np.asarray(frames.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32), np.int32)


def from_palette(condition: Condition, colours: NDArray[np.int32], path: Path, indices: range) -> NDArray[np.uint8]:
    """Turn packed colours ``(N, H, W)`` into class indices.

    Raises:
        DataError: A colour is not in the palette.
    """
    palette = _packed(np.array(condition.palette, np.uint8))
    order = np.argsort(palette)
    found = order[np.searchsorted(palette[order], colours).clip(max=len(palette) - 1)]
    unknown = palette[found] != colours
    if unknown.any():
        frame, row, column = np.argwhere(unknown)[0]
        colour = int(colours[frame, row, column])
        raise DataError(
            f"{path}: frame {indices[frame]} has the colour {list(colour.to_bytes(3, 'big'))} at row {row}, column "
            f"{column}, which is none of the palette's. Add it, or, if the map went through lossy compression (jpg, "
            "mp4), export it again without."
        )
    classes: NDArray[np.uint8] = found.astype(np.uint8)
    return classes


def _mirror_table(condition: Condition) -> NDArray[np.uint8]:
    """Return which class a class becomes in a mirrored picture."""
    table = np.arange(len(condition.label_ids), dtype=np.uint8)
    for pair in condition.mirrored:
        left, right = (condition.label_ids.index(label) for label in pair)
        table[left], table[right] = right, left
    return table


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
