"""Skeletons: limbs, hands and faces of people, in colours, or each in its own channel."""

import colorsys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, pairwise

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.face_sketch import line_thickness
from vid2vid.keypoints.keypoint_layout import (
    BODY_LIMBS,
    BODY_NAMES,
    FACE,
    FACE_PARTS,
    FINGERS,
    LEFT_HAND,
    PERSON_POINTS,
    PUPILS,
    RIGHT_HAND,
)
from vid2vid.keypoints.strokes import smooth_curve, stroke

_PIXELS_A_LIMB = 64
"""Pixels of the frame's shorter side per pixel of thickness of the body's limbs."""

_WHITE = (255, 255, 255)

LIMBS = len(BODY_LIMBS) + 3
"""Number of channels of `limb_maps`: `BODY_LIMBS` in their order, left hand, right hand, face."""


@dataclass(frozen=True)
class _Stroke:
    """Lines of one colour and thickness.

    Attributes:
        lines: For each line, the indices of a person's points on it.
        colour: Red, green and blue, 0..255.
        thick: Whether the lines are as thick as limbs of the body.
    """

    lines: list[list[int]]
    colour: tuple[int, int, int]
    thick: bool = False


def draw_skeleton(
    points: NDArray[np.float32],
    size: tuple[int, int],
    keep: NDArray[np.bool_] | None = None,
    threshold: float = 0.1,
) -> NDArray[np.uint8]:
    """Draw people as coloured limbs on black.

    Each limb of the body, left or right, and each finger has its own hue; faces are white. Later people hide earlier
    ones, and later limbs of a person hide earlier ones.

    Args:
        points: ``(P, 137, 3)``: x, y, confidence.
        size: Height and width of the picture; lines are thicker in larger pictures.
        keep: ``(LIMBS,)``, which limbs are drawn; None: all.
        threshold: A limb is drawn if both its ends have a higher confidence.

    Returns:
        ``(H, W, 3)`` uint8 RGB.

    Raises:
        DataError: ``points`` or ``keep`` has another shape.

    Examples:
        >>> person = np.zeros((1, PERSON_POINTS, 3), np.float32)
        >>> person[0, :2] = (10, 2, 1), (10, 14, 1)  # nose and neck
        >>> picture = draw_skeleton(person, (20, 20))
        >>> picture.shape, bool(picture[8, 10].any()), bool(picture[8, 2].any())
        ((20, 20, 3), True, False)
    """
    canvas = np.zeros((*size, 3), np.uint8)
    for _, colour, curves, thickness in _curves(points, size, keep, threshold):
        stroke(canvas, curves, colour, thickness)
    return canvas


def limb_maps(
    points: NDArray[np.float32],
    size: tuple[int, int],
    keep: NDArray[np.bool_] | None = None,
    threshold: float = 0.1,
) -> NDArray[np.uint8]:
    """Draw each limb of people in its own channel.

    Args:
        points: ``(P, 137, 3)``: x, y, confidence.
        size: Height and width of the picture.
        keep: ``(LIMBS,)``, which limbs are drawn; the channels of others stay empty. None: all.
        threshold: A limb is drawn if both its ends have a higher confidence.

    Returns:
        ``(LIMBS, H, W)`` uint8: 0, and 255 on the anti-aliased limb.

    Raises:
        DataError: ``points`` or ``keep`` has another shape.

    Examples:
        >>> person = np.zeros((1, PERSON_POINTS, 3), np.float32)
        >>> person[0, :2] = (10, 2, 1), (10, 14, 1)  # nose and neck
        >>> maps = limb_maps(person, (20, 20))
        >>> maps.shape == (LIMBS, 20, 20), int(maps.any(axis=(1, 2)).sum())
        (True, 1)
    """
    maps = np.zeros((LIMBS, *size), np.uint8)
    for limb, _, curves, thickness in _curves(points, size, keep, threshold):
        stroke(maps[limb], curves, (255,), thickness)
    return maps


def _curves(
    points: NDArray[np.float32], size: tuple[int, int], keep: NDArray[np.bool_] | None, threshold: float
) -> Iterator[tuple[int, tuple[int, int, int], list[NDArray[np.float32]], float]]:
    """Yield limb, colour, curves and thickness of each stroke of the people."""
    if points.ndim != 3 or points.shape[1:] != (PERSON_POINTS, 3):
        raise DataError(f"people must be (people, {PERSON_POINTS} points, 3), but are {points.shape}.")
    if keep is not None and keep.shape != (LIMBS,):
        raise DataError(f"keep must say yes or no to each of {LIMBS} limbs, but has the shape {keep.shape}.")
    thick = max(1.0, min(size) / _PIXELS_A_LIMB)
    for person in points:
        for limb in range(LIMBS) if keep is None else np.flatnonzero(keep).tolist():
            for drawn in _STROKES[limb]:
                curves = [person[line][person[line, 2] > threshold, :2] for line in drawn.lines]
                # a curve of the face skips missing points, but a bone needs both its ends
                whole = [len(curve) >= min(2, len(line)) for curve, line in zip(curves, drawn.lines, strict=True)]
                smooth = [smooth_curve(curve) for curve in compress(curves, whole)]
                yield limb, drawn.colour, smooth, thick if drawn.thick else line_thickness(size)


def _hue(index: int, count: int) -> tuple[int, int, int]:
    """Return one of ``count`` colours, evenly spaced on the colour circle."""
    red, green, blue = (round(255 * value) for value in colorsys.hsv_to_rgb(index / count, 1, 1))
    return red, green, blue


def _hand(first: int, side: int) -> list[_Stroke]:
    """Return the fingers of a hand whose first point is ``first``; each side, 0 or 1, has every other hue."""
    return [
        _Stroke([[first + start, first + end] for start, end in pairwise(finger)], _hue(2 * i + side, 2 * len(FINGERS)))
        for i, finger in enumerate(FINGERS)
    ]


def _strokes() -> list[list[_Stroke]]:
    """Return the strokes of each limb, in the order of the channels."""
    strokes = []
    for i, (start, end) in enumerate(BODY_LIMBS):
        # neighbouring limbs get distant hues; 7 and 24 are coprime, so each hue is used once
        colour = _hue(7 * i % len(BODY_LIMBS), len(BODY_LIMBS))
        # the lines to eyes and ears are thin, so that they do not hide those of the face
        thick = not end.endswith(("eye", "ear"))
        strokes.append([_Stroke([[BODY_NAMES.index(start), BODY_NAMES.index(end)]], colour, thick)])
    curves = [curve for part in FACE_PARTS.values() for curve in part] + [(pupil,) for pupil in PUPILS]
    face = [_Stroke([[FACE.start + i for i in curve] for curve in curves], _WHITE)]
    return [*strokes, _hand(LEFT_HAND.start, 0), _hand(RIGHT_HAND.start, 1), face]


_STROKES = _strokes()
