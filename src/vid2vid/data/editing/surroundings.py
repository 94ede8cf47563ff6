"""Holes in label maps, filled from what surrounds them."""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint8]
Id = TypeVar("Id", bound=np.generic)

_PART = 1 / 8
"""Labels with less of a hole's rim than this do not fill it."""


def nearest(seeds: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return for each pixel which of some pixels is nearest to it.

    Args:
        seeds: ``(H, W)``, the pixels that are looked for, at least one of them.

    Returns:
        ``(H, W)`` places in the flattened map; a seed's is its own.
    """
    apart = np.where(seeds, 0, 255).astype(np.uint8)
    _, found = cv2.distanceTransformWithLabels(apart, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    numbers = np.asarray(found, np.intp)
    # OpenCV numbers the seeds in an order of its own
    places = np.zeros(int(numbers.max()) + 1, np.intp)
    places[numbers[seeds]] = np.flatnonzero(seeds)
    return places.take(numbers)


def filled(labels: Labels, ids: NDArray[Id] | None, hole: NDArray[np.bool_]) -> tuple[Labels, NDArray[Id] | None]:
    """Give the pixels of holes the label and the object of what surrounds them.

    Each pixel takes those of the nearest pixel on its hole's rim, but for labels that are only a small part of the rim:
    a lamp that stands beside a car does not become as broad as the car was.

    Args:
        labels: ``(H, W)`` labels.
        ids: ``(H, W)`` object ids, or None.
        hole: ``(H, W)``, what is to be filled. A hole of the whole map has no surroundings and stays as it is.
    """
    if not hole.any() or hole.all():
        return labels, ids
    places = np.arange(hole.size).reshape(hole.shape)
    _, numbers, boxes, _ = cv2.connectedComponentsWithStats(hole.astype(np.uint8), connectivity=8)
    # the first one is all around the holes
    for number, (left, top, width, height, _) in enumerate(boxes.tolist()[1:], 1):
        box = slice(max(top - 1, 0), top + height + 1), slice(max(left - 1, 0), left + width + 1)
        _fill(places[box], labels[box], np.asarray(numbers[box] == number), hole[box])
    return labels.ravel()[places], None if ids is None else ids.ravel()[places]


def _fill(places: NDArray[np.intp], labels: Labels, part: NDArray[np.bool_], hole: NDArray[np.bool_]) -> None:
    """Write into ``places`` from where the pixels of one hole are taken; it does not touch others."""
    rim = (cv2.dilate(part.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~hole
    found, counts = np.unique(labels[rim], return_counts=True)
    wide = found[counts >= _PART * rim.sum()]
    seeds = rim & np.isin(labels, wide) if len(wide) else rim
    places[part] = places.ravel()[nearest(seeds)[part]]


def followed(before: Labels, after: Labels, ids: NDArray[Id] | None) -> NDArray[Id] | None:
    """Return the object ids of labels whose borders have moved.

    A pixel whose label has changed belongs to the nearest object that has kept that label there, or, if there is none,
    to its own as before.

    Args:
        before: ``(H, W)`` labels that the ids belong to.
        after: ``(H, W)`` labels as they are now.
        ids: ``(H, W)`` object ids, or None.
    """
    changed = before != after
    if ids is None or not changed.any():
        return ids
    result = ids.copy()
    for label in np.unique(after[changed]):
        kept = (after == label) & ~changed
        if kept.any():
            new = (after == label) & changed
            result[new] = ids.ravel()[nearest(kept)[new]]
    return result
