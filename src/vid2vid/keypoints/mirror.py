"""Mirroring of keypoints, which exchanges left and right points."""

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_layout import BODY_NAMES, FACE_POINTS, HAND_POINTS, PERSON_POINTS, PUPILS


def mirror(points: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Mirror keypoints left to right, as a picture is mirrored; mirroring twice changes nothing.

    Args:
        points: ``(..., N, 3)``: x, y, confidence of the 68 points of faces or the 137 of people.
        width: Columns of the picture.

    Returns:
        ``(..., N, 3)``: x becomes ``width - 1 - x``, and left and right points are exchanged.

    Raises:
        DataError: There are neither 68 nor 137 points.

    Examples:
        >>> face = np.zeros((68, 3), np.float32)
        >>> face[0], face[16] = (1, 5, 1), (9, 5, 1)  # both ends of the jaw
        >>> mirror(face, width=12)[[0, 16], 0].tolist()
        [2.0, 10.0]
    """
    mirrored = exchange_sides(points)
    mirrored[..., 0] = width - 1 - mirrored[..., 0]
    return mirrored


def exchange_sides(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Exchange left and right points without moving them; ``points`` and the errors are those of `mirror`.

    Examples:
        >>> face = np.zeros((68, 3), np.float32)
        >>> face[0], face[16] = (1, 5, 1), (9, 5, 1)  # both ends of the jaw
        >>> exchange_sides(face)[[0, 16], 0].tolist()
        [9.0, 1.0]
    """
    count = points.shape[-2]
    if count not in _PARTNERS:
        raise DataError(f"faces have {FACE_POINTS} and people {PERSON_POINTS} points, but there are {count}.")
    return points[..., _PARTNERS[count], :]


def _face_partners() -> list[int]:
    """Return the mirror-image point of each point of a face."""
    # each row is symmetric: its first point is the mirror image of its last one
    rows = (
        range(17),  # jaw
        range(17, 27),  # brows
        range(31, 36),  # nose tip
        [36, 37, 38, 39, 42, 43, 44, 45],  # upper lids
        [41, 40, 47, 46],  # lower lids
        range(48, 55),  # upper lip, outside
        range(55, 60),  # lower lip, outside
        range(60, 65),  # upper lip, inside
        range(65, 68),  # lower lip, inside
    )
    partners = list(range(FACE_POINTS))
    for row in rows:
        for point, partner in zip(row, reversed(row), strict=True):
            partners[point] = partner
    return partners


def _partners() -> dict[int, list[int]]:
    """Return the mirror-image point of each point of a face and of a person, by number of points."""
    other = {"left": "right", "right": "left"}
    names = ("_".join(other.get(word, word) for word in name.split("_")) for name in BODY_NAMES)
    face = _face_partners()
    person = [BODY_NAMES.index(name) for name in names]
    # a hand becomes the other hand, with its points in the same order
    hands = [*range(HAND_POINTS, 2 * HAND_POINTS), *range(HAND_POINTS)]
    for part in (hands, [*face, *reversed(PUPILS)]):
        start = len(person)
        person += [start + i for i in part]
    return {FACE_POINTS: face, PERSON_POINTS: person}


_PARTNERS = _partners()
