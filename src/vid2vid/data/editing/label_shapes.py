"""Shapes in label maps: holes are filled, borders are moved, object ids follow."""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint8]
Id = TypeVar("Id", bound=np.generic)

_LEAST_SHARE = 1 / 8
"""Labels with a smaller share of a hole's rim do not fill it."""


def nearest(seeds: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the nearest seed of each pixel.

    Args:
        seeds: ``(H, W)``, at least one of them true.

    Returns:
        ``(H, W)`` indices into the flattened map; a seed's is its own.
    """
    apart = np.where(seeds, 0, 255).astype(np.uint8)
    _, found = cv2.distanceTransformWithLabels(apart, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    numbers = np.asarray(found, np.intp)
    # OpenCV numbers the seeds in an order of its own
    places = np.zeros(int(numbers.max()) + 1, np.intp)
    places[numbers[seeds]] = np.flatnonzero(seeds)
    return places.take(numbers)


def filled(labels: Labels, ids: NDArray[Id] | None, hole: NDArray[np.bool_]) -> tuple[Labels, NDArray[Id] | None]:
    """Fill holes with the labels and object ids of their surroundings.

    Each pixel takes those of the nearest pixel on the rim of its hole. Labels with only a small share of the rim are
    not used: a lamp beside a car does not become as broad as the car was.

    Args:
        labels: ``(H, W)`` labels.
        ids: ``(H, W)`` object ids, or None.
        hole: ``(H, W)``, the pixels to fill. A hole of the whole map has no surroundings and stays as it is.
    """
    if not hole.any() or hole.all():
        return labels, ids
    places = np.arange(hole.size).reshape(hole.shape)
    _, numbers, boxes, _ = cv2.connectedComponentsWithStats(hole.astype(np.uint8), connectivity=8)
    # the first component is the background
    for number, (left, top, width, height, _) in enumerate(boxes.tolist()[1:], 1):
        box = slice(max(top - 1, 0), top + height + 1), slice(max(left - 1, 0), left + width + 1)
        part = np.asarray(numbers[box] == number)
        rim = (cv2.dilate(part.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~hole[box]
        found, counts = np.unique(labels[box][rim], return_counts=True)
        wide = found[counts >= _LEAST_SHARE * rim.sum()]
        seeds = rim & np.isin(labels[box], wide) if len(wide) else rim
        places[box][part] = places[box].ravel()[nearest(seeds)[part]]
    return labels.ravel()[places], None if ids is None else ids.ravel()[places]


def grown(labels: Labels, label: int, pixels: int) -> Labels:
    """Let a label grow over its neighbours, or shrink.

    Args:
        labels: ``(H, W)`` labels.
        label: The label that grows.
        pixels: How far it grows on all sides; below 0: how far each of its neighbours grows into it.
    """
    if not pixels:
        return labels
    mask = (labels == label).astype(np.uint8)
    side = 2 * abs(pixels) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    if pixels > 0:
        return np.where(cv2.dilate(mask, disc) > 0, np.uint8(label), labels)
    lost = (mask > 0) & (cv2.erode(mask, disc) == 0)
    if not lost.any() or mask.all():
        return labels
    result = labels.copy()
    result[lost] = labels.ravel()[nearest(mask == 0)[lost]]
    return result


def coarsened(labels: Labels, pixels: int) -> Labels:
    """Replace each label by the most frequent one around it, so that details vanish and corners become round.

    Args:
        labels: ``(H, W)`` labels.
        pixels: Side of the square in which labels are counted, odd.
    """
    if pixels <= 1:
        return labels
    result, most = labels.copy(), np.zeros(labels.shape, np.float32)
    for label in np.unique(labels):
        share = cv2.blur((labels == label).astype(np.float32), (pixels, pixels))
        result[share > most] = label
        np.maximum(share, most, out=most)
    return result


def followed(before: Labels, after: Labels, ids: NDArray[Id] | None) -> NDArray[Id] | None:
    """Return object ids for labels whose borders have moved.

    A pixel with a new label takes the id of the nearest pixel that has kept this label. Without such a pixel it keeps
    its id.

    Args:
        before: ``(H, W)`` labels that the ids belong to.
        after: ``(H, W)`` labels with moved borders.
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
