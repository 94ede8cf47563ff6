"""Tracking of people, whom detectors list in any order in each frame."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_sequence import Keypoints

# people farther than this from all known ones, in sizes of the person, are new, if there is a free row
_NEW = 1.0


def track_people(keypoints: Keypoints) -> Keypoints:
    """Give each person one row in all frames.

    In each frame, detected people are matched to the rows of known ones, nearest pairs first. The distance is the mean
    distance of the points that both have, in sizes of the person.

    Args:
        keypoints: The detected keypoints, ``(T, P, N, 3)``.

    Returns:
        The same people in each frame, each person in one row; P is unchanged.

    Examples:
        >>> points = np.ones((2, 2, 68, 3), np.float32)
        >>> points[..., :2] = np.arange(68)[:, None]  # two people of one shape,
        >>> points[0, 1, :, 0] += 500  # the second far to the right;
        >>> points[1, 0, :, 0] += 500  # in the next frame she is detected first
        >>> track_people(Keypoints(points, (600, 600), 25)).points[:, :, 0, 0].tolist()
        [[0.0, 500.0], [0.0, 500.0]]
    """
    points = keypoints.points
    tracked = np.zeros_like(points)
    last = np.zeros_like(points[0]) if len(points) else points
    for t, frame in enumerate(points):
        people = frame[(frame[..., 2] > 0).any(axis=1)]
        for person, row in _assign(_costs(people, last)):
            tracked[t, row] = last[row] = people[person]
    return replace(keypoints, points=tracked)


def _costs(people: NDArray[np.float32], last: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the distance of each person ``(M, N, 3)`` from the last place of each row ``(P, N, 3)``, in its sizes."""
    both = (people[:, None, :, 2] > 0) & (last[None, :, :, 2] > 0)
    apart = np.linalg.norm(people[:, None, :, :2] - last[None, :, :, :2], axis=-1)
    mean = (apart * both).sum(axis=-1) / np.maximum(both.sum(axis=-1), 1)
    # the diagonal of the bounding box of visible points, at least a pixel
    seen = [row[row[:, 2] > 0, :2] for row in last]
    sizes = [max(1.0, float(np.linalg.norm(np.ptp(row, axis=0)))) if len(row) else 1.0 for row in seen]
    return np.where(both.any(axis=-1), mean / sizes, _NEW)


def _assign(costs: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pair each person with one row, by ascending cost ``(M, P)``, M at most P."""
    pairs: list[tuple[int, int]] = []
    # stable, so that on ties the first rows are taken
    for flat in np.argsort(costs, axis=None, kind="stable"):
        person, row = divmod(int(flat), costs.shape[1])
        if all(person != p and row != r for p, r in pairs):
            pairs.append((person, row))
    return pairs
