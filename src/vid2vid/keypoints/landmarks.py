"""Files with the 68 points of one face, which do not say how sure they are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.parts import FACE_POINTS
from vid2vid.keypoints.values import finite, parse_json


def parse_lines(text: str) -> NDArray[np.float32]:
    """Parse a face as 68 lines ``x,y`` or ``x y``.

    Args:
        text: What stands in the file; empty lines do not count.

    Returns:
        ``(1, 68, 3)``: the face, with confidence 1.

    Raises:
        DataError: Too few or many lines, or one that does not hold two numbers.
    """
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return _face([_point(line, number) for number, line in numbered], "lines")


def parse_list(text: str) -> NDArray[np.float32]:
    """Parse a face as a JSON list of 68 ``[x, y]``.

    Args:
        text: What stands in the file.

    Returns:
        ``(1, 68, 3)``: the face, with confidence 1; ``(0, 68, 3)`` for an empty list.

    Raises:
        DataError: It is no such list.
    """
    points = parse_json(text)
    if not isinstance(points, list):
        raise DataError(f"must hold a list of {FACE_POINTS} points [x, y].")
    return _face(points, "points") if points else np.zeros((0, FACE_POINTS, 3), np.float32)


def _point(line: str, number: int) -> list[float]:
    parts = line.replace(",", " ").split()
    try:
        x, y = map(float, parts)
    except ValueError as error:
        raise DataError(f"line {number} must hold two numbers, x and y, but is {line.strip()[:40]!r}.") from error
    return [x, y]


def _face(points: list[Any], what: str) -> NDArray[np.float32]:
    if len(points) != FACE_POINTS:
        raise DataError(f"has {len(points)} {what}, but a face has {FACE_POINTS} points.")
    places = finite(points, "the coordinates")
    if places.shape != (FACE_POINTS, 2):
        raise DataError("each point must be two numbers, [x, y].")
    return np.pad(places, ((0, 0), (0, 1)), constant_values=1)[None]
