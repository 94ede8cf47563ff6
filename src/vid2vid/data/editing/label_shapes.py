"""Shapes in label maps: filling of holes, moving of borders, sketching of objects, with their object ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint8]
Id = TypeVar("Id", bound=np.generic)

_LEAST_SHARE = 1 / 8
"""Labels with a smaller share of a hole's rim are not used to fill it."""
_MARKED_RIM = 2
"""Pixels around a drawing that are marked, too, since its borders are the least certain."""


def nearest(seeds: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the nearest seed of each pixel.

    Args:
        seeds: ``(H, W)``, at least one of them true.

    Returns:
        ``(H, W)`` indices into the flattened map; seeds have their own index.
    """
    apart = np.where(seeds, 0, 255).astype(np.uint8)
    _, found = cv2.distanceTransformWithLabels(apart, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    numbers = np.asarray(found, np.intp)
    # OpenCV numbers the seeds in its own order
    places = np.zeros(int(numbers.max()) + 1, np.intp)
    places[numbers[seeds]] = np.flatnonzero(seeds)
    return places.take(numbers)


def filled(labels: Labels, ids: NDArray[Id] | None, hole: NDArray[np.bool_]) -> tuple[Labels, NDArray[Id] | None]:
    """Fill holes with the labels and object ids of their surroundings.

    Each pixel takes the label and id of the nearest pixel on the rim of its hole. Labels with only a small share of the
    rim are not used, so that, for example, a lamp beside a removed car does not become as wide as the car.

    Args:
        labels: ``(H, W)`` labels.
        ids: ``(H, W)`` object ids, or None.
        hole: ``(H, W)``, the pixels to fill. If it is the whole map, there are no surroundings, and nothing changes.
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
        pixels: How far it grows on all sides; if negative, how far its neighbours grow into it.
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

    A pixel with a new label takes the id of the nearest pixel that has kept this label, or keeps its own id if there is
    none.

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


def marked(drawn: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the marks ``(H, W)`` of pixels that are drawn by hand: 1 on and around them, elsewhere 0."""
    side = 2 * _MARKED_RIM + 1
    return np.asarray(cv2.dilate(drawn.astype(np.float32), np.ones((side, side), np.uint8)), np.float32)


@dataclass(frozen=True)
class Sketch:
    """A hand-drawn sketch of an object: a box or an ellipse of roughly its size and place.

    Attributes:
        round: Whether it is an ellipse.
        scale: Its height and width, relative to those of the object.
        shift: Its offset down and to the right, in heights and widths of the object.
    """

    round: bool
    scale: tuple[float, float] = (1.0, 1.0)
    shift: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def drawn(cls, random: np.random.Generator, chance_round: float = 0.5) -> Self:
        """Draw a random sketch, up to a tenth too large or too small, and shifted by up to a tenth."""
        chance, *errors = random.random(5)
        high, wide, down, right = (0.2 * error - 0.1 for error in errors)
        return cls(bool(chance < chance_round), (1 + high, 1 + wide), (down, right))

    def __call__(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return the pixels ``(H, W)`` of the sketch of an object with this mask, which must not be empty."""
        left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
        middle = top + (height - 1) / 2 + self.shift[0] * height, left + (width - 1) / 2 + self.shift[1] * width
        y, x = (
            np.abs(np.arange(side) - centre) / (size * scale / 2)
            for side, centre, size, scale in zip(mask.shape, middle, (height, width), self.scale, strict=True)
        )
        inside: NDArray[np.bool_] = np.hypot(y[:, None], x) < 1 if self.round else np.maximum(y[:, None], x) < 1
        return inside


def sketched(
    labels: Labels, ids: NDArray[np.int32], sketches: Mapping[int, Sketch]
) -> tuple[Labels, NDArray[np.int32]]:
    """Redraw objects as sketches, from the farthest to the nearest, which is the one with the lowest bottom edge.

    Args:
        labels: ``(H, W)`` labels.
        ids: ``(H, W)`` object ids.
        sketches: The sketches by object id; objects that are not in the picture are skipped.

    Returns:
        The labels and the object ids. Pixels of an object that its sketch does not cover are filled from around it.
    """
    masks = {number: ids == number for number in sketches}
    lowest = {number: int(np.flatnonzero(mask.any(1))[-1]) for number, mask in masks.items() if mask.any()}
    if not lowest:
        return labels, ids
    result, objects = filled(labels, ids, np.isin(ids, list(lowest)))
    result, objects = result.copy(), np.copy(ids if objects is None else objects)
    for number in sorted(lowest, key=lambda number: lowest[number]):
        inside = sketches[number](masks[number])
        result[inside], objects[inside] = labels[masks[number]][0], number
    return result, objects
