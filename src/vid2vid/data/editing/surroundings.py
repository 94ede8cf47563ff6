"""Holes in label maps, filled from what surrounds them."""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint8]
Id = TypeVar("Id", bound=np.generic)


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
    """Give the pixels of a hole the label and the object of the nearest pixel outside of it.

    Args:
        labels: ``(H, W)`` labels.
        ids: ``(H, W)`` object ids, or None.
        hole: ``(H, W)``, what is to be filled, with scenery only where objects are known. A hole of the whole map has
            no surroundings and stays as it is.
    """
    if not hole.any() or hole.all():
        return labels, ids
    around = ~hole
    if ids is not None and (scenery := around & ~objects(labels, ids)).any():
        around = scenery
    places = np.where(hole, nearest(around), np.arange(hole.size).reshape(hole.shape))
    return labels.ravel()[places], None if ids is None else ids.ravel()[places]


def objects(labels: Labels, ids: NDArray[Id]) -> NDArray[np.bool_]:
    """Return where objects are, ``(H, W)``: labels that several ids share, as cars do; all of a sky has one id.

    Args:
        labels: ``(H, W)`` labels.
        ids: ``(H, W)`` object ids.
    """
    things = [label for label in np.unique(labels) if len(np.unique(ids[labels == label])) > 1]
    return np.isin(labels, things)


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
