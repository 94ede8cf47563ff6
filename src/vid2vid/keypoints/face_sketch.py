"""Face sketches: curves through 68 landmarks, and distance maps of these curves."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_layout import FACE_PARTS, FACE_POINTS
from vid2vid.keypoints.strokes import smooth_curve, stroke

_PIXELS_A_LINE = 256
"""Pixels of the frame's shorter side per pixel of line thickness."""


def draw_face(points: NDArray[np.float32], size: tuple[int, int], thickness: float | None = None) -> NDArray[np.uint8]:
    """Draw the sketch of a face: jaw, brows, nose, eyes and lips.

    Convention:
        Pixel centres have integer coordinates. Points with confidence 0 are skipped: a curve connects the points before
        and after them.

    Args:
        points: ``(68, 3)`` of one face or ``(P, 68, 3)`` of several: x, y, confidence.
        size: Height and width of the picture.
        thickness: Line thickness in pixels; None: by the picture's shorter side, 1 up to 256, 2 at 512, 4 at 1024.

    Returns:
        ``(H, W)`` uint8: 0, and 255 on the anti-aliased lines.

    Raises:
        DataError: The points have another shape.

    Examples:
        >>> face = np.zeros((68, 3), np.float32)
        >>> face[:17] = [(x, 4, 1) for x in range(17)]  # the jaw, seen as a straight line
        >>> sketch = draw_face(face, (8, 20))
        >>> sketch.shape, sketch.max(axis=1).tolist()
        ((8, 20), [0, 0, 0, 0, 255, 0, 0, 0])
    """
    canvas = np.zeros(size, np.uint8)
    curves = [curve for part in FACE_PARTS for curve in _curves(points, part)]
    stroke(canvas, curves, (255,), thickness or line_thickness(size))
    return canvas


def part_distance_maps(points: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the distance of each pixel from each part of a face (`FACE_PARTS`, in their order).

    Args:
        points: As for `draw_face`; of several faces, the nearest one counts.
        size: Height and width of the picture.

    Returns:
        ``(8, H, W)`` uint8: the Euclidean distance to the visible part of the curve, in 255ths of half the picture's
        shorter side; 255 where it is farther, and everywhere if the part is not seen.

    Raises:
        DataError: The points have another shape.

    Examples:
        >>> face = np.zeros((68, 3), np.float32)
        >>> face[:17] = [(x, 0, 1) for x in range(17)]  # the jaw along the first row
        >>> maps = part_distance_maps(face, (8, 20))
        >>> maps.shape, maps[0, :5, 0].tolist()
        ((8, 8, 20), [0, 64, 128, 191, 255])
    """
    maps = np.full((len(FACE_PARTS), *size), 255, np.uint8)
    for away, part in zip(maps, FACE_PARTS, strict=True):
        for curve in _curves(points, part):
            cv2.polylines(away, [np.round(curve).astype(np.int32)], False, (0,))
        if not away.all():
            distance = cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
            away[:] = np.round(distance * (2 * 255 / min(size))).clip(max=255)
    return maps


def line_thickness(size: tuple[int, int]) -> float:
    """Return the thickness, in pixels, of the lines of faces and hands in a picture of this height and width."""
    return max(1.0, min(size) / _PIXELS_A_LINE)


def _curves(points: NDArray[np.float32], part: str) -> Iterator[NDArray[np.float32]]:
    faces = points[None] if points.ndim == 2 else points
    if faces.ndim != 3 or faces.shape[1:] != (FACE_POINTS, 3):
        raise DataError(f"faces must be (people, {FACE_POINTS} points, 3), but are {points.shape}.")
    for face in faces:
        for indices in FACE_PARTS[part]:
            chosen = face[list(indices)]
            seen = chosen[chosen[:, 2] > 0, :2]
            if len(seen) > 1:
                yield smooth_curve(seen)
