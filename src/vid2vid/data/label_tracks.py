"""Object ids for label maps without instance maps: connected areas of a label, tracked from frame to frame."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

GAP = 20
"""Frames that an object may be out of sight and still keep its id."""
FIRST_NUMBER = 256
"""Smaller ids are classes, of pixels that belong to no object."""
_NUMBERS = 2**16 - FIRST_NUMBER
_LEAST_IOU = 0.1
_INSIDE = 0.5
"""Share of an area that must lie where an object is expected, for the area to be a part of that object."""
_SMOOTH = 0.5
"""Weight of the newest motion in an object's velocity."""

Box = NDArray[np.float64]
"""Top, left, bottom and right, in pixels."""


@dataclass(frozen=True)
class _Track:
    """A tracked object.

    Attributes:
        number: Its id.
        label: Its class.
        box: Where it was last seen.
        mask: Its pixels inside that box.
        velocity: How far each side of the box moves per frame.
        age: Frames since it was last seen.
    """

    number: int
    label: int
    box: Box
    mask: NDArray[np.uint8]
    velocity: Box
    age: int = 0

    def expected(self, shape: tuple[int, int]) -> tuple[NDArray[np.bool_], tuple[slice, slice]]:
        """Return its expected pixels in the next frame, if it moves and grows as before, and the box that they fill."""
        top, left, bottom, right = np.rint(self.box + self.velocity * (self.age + 1)).astype(int)
        bottom, right = max(bottom, top + 1), max(right, left + 1)
        rows, columns = (
            slice(max(top, 0), max(min(bottom, shape[0]), 0)),
            slice(max(left, 0), max(min(right, shape[1]), 0)),
        )
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return np.zeros((0, 0), bool), (slice(0, 0), slice(0, 0))
        # the nearest pixel of the mask
        y = (np.arange(rows.start, rows.stop) - top) * self.mask.shape[0] // (bottom - top)
        x = (np.arange(columns.start, columns.stop) - left) * self.mask.shape[1] // (right - left)
        return self.mask[y[:, None], x].astype(bool), (rows, columns)


class LabelTracks:
    """Gives objects in label maps ids that stay the same over time, through occlusions of up to `GAP` frames.

    The connected areas of each label are matched to known objects, which are expected to move and grow as before, by
    their overlap (IoU), the largest first. An unmatched area that lies where an object is expected becomes a part of
    it, such as the second half of a car behind a pole. Only earlier frames are used, and lost objects are forgotten, so
    streams may have any length. Two objects that touch from the first frame on count as one.

    Args:
        objects: The classes whose areas are objects; other pixels have their class as their id. None: all classes.
    """

    def __init__(self, objects: Collection[int] | None = None) -> None:
        self._objects = None if objects is None else frozenset(objects)
        self._tracks: list[_Track] = []
        self._last = -1

    def __call__(self, classes: NDArray[np.uint8], instance: NDArray[np.int32] | None = None) -> NDArray[np.int32]:
        """Return the ids ``(H, W)``, below 65,536, of the next frame.

        Args:
            classes: ``(H, W)``, the classes.
            instance: ``(H, W)``, ids that tell the objects of this frame apart, which define the areas instead of
                connectedness; None: there are none.
        """
        ids = classes.astype(np.int32)
        if instance is None:
            areas, labels = _connected_areas(classes, self._objects)
        else:
            areas, labels = _areas_by_id(classes, instance, self._objects)
        numbers = self._assigned(areas, labels)
        inside = areas >= 0
        ids[inside] = numbers[areas[inside]]
        self._update(ids, labels, numbers)
        return ids

    def follow(self, classes: NDArray[np.uint8], instance: NDArray[np.int32] | None = None) -> NDArray[np.int32]:
        """Return the ids of the next frames ``(T, H, W)``; the arguments are those of a call, stacked over frames."""
        given = [None] * len(classes) if instance is None else instance
        return np.stack([self(one, ids) for one, ids in zip(classes, given, strict=True)])

    def _assigned(self, areas: NDArray[np.int32], labels: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the id of each area."""
        numbers = np.full(len(labels), -1, np.int32)
        sizes = np.bincount(areas[areas >= 0], minlength=len(labels))
        scores: list[tuple[float, int, int]] = []
        parts: list[tuple[float, int, int]] = []
        for track in self._tracks:
            mask, place = track.expected(areas.shape)
            under = areas[place][mask]
            under = under[under >= 0]
            for area, shared in zip(*np.unique(under, return_counts=True), strict=True):
                if labels[area] == track.label:
                    scores.append((shared / (sizes[area] + mask.sum() - shared), int(area), track.number))
                    parts.append((shared / sizes[area], int(area), track.number))
        taken = set[int]()
        for score, area, number in sorted(scores, reverse=True):
            if score >= _LEAST_IOU and numbers[area] < 0 and number not in taken:
                numbers[area] = number
                taken.add(number)
        for share, area, number in sorted(parts, reverse=True):
            if share >= _INSIDE and numbers[area] < 0:
                numbers[area] = number
        known = {track.number for track in self._tracks}
        for area in np.flatnonzero(numbers < 0):
            numbers[area] = self._new_number(known)
            known.add(int(numbers[area]))
        return numbers

    def _new_number(self, known: Collection[int]) -> int:
        while True:
            self._last = (self._last + 1) % _NUMBERS
            if self._last + FIRST_NUMBER not in known:
                return self._last + FIRST_NUMBER

    def _update(self, ids: NDArray[np.int32], labels: NDArray[np.int32], numbers: NDArray[np.int32]) -> None:
        """Update the tracked objects to where they are now."""
        before = {track.number: track for track in self._tracks}
        found = {}
        for number, label in dict(zip(numbers.tolist(), labels.tolist(), strict=True)).items():
            mask = (ids == number).astype(np.uint8)
            left, top, width, height = cv2.boundingRect(mask)
            now, known = np.array([top, left, top + height, left + width], float), before.get(number)
            velocity = np.zeros(4) if known is None else _velocity(known, now, ids.shape)
            inside = mask[top : top + height, left : left + width].copy()
            found[number] = _Track(number, label, now, inside, velocity)
        lost = [replace(track, age=track.age + 1) for number, track in before.items() if number not in found]
        self._tracks = [*found.values(), *(track for track in lost if track.age <= GAP)]


def _velocity(track: _Track, now: Box, shape: tuple[int, ...]) -> Box:
    """Return how far the sides of an object move per frame; a side at the picture's border moves as its opposite."""
    step = (now - track.box) / (track.age + 1)
    height, width = shape
    at_border = np.array([track.box[0] <= 0 or now[0] <= 0, track.box[1] <= 0 or now[1] <= 0, False, False])
    at_border[2] = track.box[2] >= height or now[2] >= height
    at_border[3] = track.box[3] >= width or now[3] >= width
    opposite = np.array([2, 3, 0, 1])
    step = np.where(at_border & ~at_border[opposite], step[opposite], np.where(at_border, 0, step))
    first = not track.velocity.any()
    velocity: Box = step if first else (1 - _SMOOTH) * track.velocity + _SMOOTH * step
    return velocity


def _connected_areas(
    classes: NDArray[np.uint8], objects: Collection[int] | None
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the number of each pixel's connected area (-1: none), and the label of each area."""
    areas = np.full(classes.shape, -1, np.int32)
    labels: list[int] = []
    for label in np.unique(classes).tolist():
        if objects is None or label in objects:
            count, parts = cv2.connectedComponents((classes == label).astype(np.uint8))
            inside = parts > 0
            areas[inside] = parts[inside] + (len(labels) - 1)
            labels += [label] * (count - 1)
    return areas, np.array(labels, np.int32)


def _areas_by_id(
    classes: NDArray[np.uint8], instance: NDArray[np.int32], objects: Collection[int] | None
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the areas of pixels with one label and one id, in the form of `_connected_areas`."""
    pairs = instance.astype(np.int64) * 256 + classes
    found, areas = np.unique(pairs, return_inverse=True)
    labels = (found % 256).astype(np.int32)
    wanted = np.isin(labels, list(labels if objects is None else objects))
    numbers = np.where(wanted, np.cumsum(wanted) - 1, -1).astype(np.int32)
    return numbers[areas.reshape(classes.shape)], labels[wanted]
