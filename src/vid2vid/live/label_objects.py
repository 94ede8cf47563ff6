"""Object ids for label maps that come without any: connected areas of a label, followed from frame to frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

_LEAST_SHARE = 0.25
"""Share of the smaller of two areas that must lie in the other for them to be one object."""


_NUMBERS = 2**16 - 1
"""Ids are used again after so many: a stream has no end."""


class LabelObjects:
    """Gives each connected area of a label an id, which it keeps while it overlaps with itself in the frame before.

    Two cars that overlap in the picture are one area, and so one object.
    """

    def __init__(self) -> None:
        self._labels, self._ids = np.zeros((0, 0), np.uint8), np.zeros((0, 0), np.int32)
        self._last = 0

    def __call__(self, labels: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Return the ids ``(H, W)``, from 1 on, of the next label map ``(H, W)``."""
        areas, count = _connected_areas(labels)
        numbers = np.zeros(count, np.int32)
        if self._ids.shape == labels.shape:
            self._recognise(areas, labels, numbers)
        new = np.flatnonzero(numbers == 0)
        candidates = (self._last + np.arange(len(new) + 2 * count + 1)) % _NUMBERS + 1
        numbers[new] = candidates[~np.isin(candidates, numbers)][: len(new)]
        self._last = int(numbers[new[-1]]) if len(new) else self._last
        self._labels, self._ids = labels.copy(), numbers[areas]
        return self._ids

    def _recognise(self, areas: NDArray[np.int32], labels: NDArray[np.uint8], numbers: NDArray[np.int32]) -> None:
        """Set the numbers of areas that were there before, those that share most pixels first."""
        same = self._labels == labels
        pairs, shared = np.unique(np.stack([areas[same], self._ids[same]]), axis=1, return_counts=True)
        sizes, sizes_before = np.bincount(areas.ravel()), np.bincount(self._ids.ravel())
        taken = set[int]()
        for place in np.argsort(-shared, kind="stable"):
            area, number = (int(one) for one in pairs[:, place])
            enough = shared[place] >= _LEAST_SHARE * min(sizes[area], sizes_before[number])
            if enough and not numbers[area] and number not in taken:
                numbers[area] = number
                taken.add(number)


def _connected_areas(labels: NDArray[np.uint8]) -> tuple[NDArray[np.int32], int]:
    """Return the number of the connected area that each pixel is in, from 0 on, and how many there are."""
    areas, count = np.zeros(labels.shape, np.int32), 0
    for label in np.unique(labels):
        parts, found = cv2.connectedComponents((labels == label).astype(np.uint8))
        inside = found > 0
        areas[inside] = found[inside] + (count - 1)
        count += parts - 1
    return areas, count
