"""Soft masks of people, drawn from their keypoints."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_layout import BODY_LIMBS, BODY_NAMES, LEFT_HAND, RIGHT_HAND

THICK = {
    "shoulder": 0.26, "elbow": 0.24, "wrist": 0.2, "hip": 0.34, "knee": 0.34, "ankle": 0.26, "heel": 0.2,
    "big_toe": 0.2, "small_toe": 0.14, "nose": 0.26, "hand": 0.16,
}  # fmt: skip
"""Thickness of limbs, in torso lengths, by the name of their outer end."""
_HEAD = (0.25, 0.34)
"""Half axes of the head, around the middle of the ears, in torso lengths."""
_SOFT = 0.04
_TRUNK = ("right_shoulder", "left_shoulder", "left_hip", "right_hip")


def person_outline(
    points: NDArray[np.float32], size: tuple[int, int], torso: float, threshold: float = 0.1
) -> NDArray[np.uint8]:
    """Draw people with thick limbs, a trunk and a head, as a soft mask of the foreground.

    Args:
        points: ``(P, 137, 3)``: x, y, confidence.
        size: Height and width of the picture.
        torso: Length from hips to neck in pixels, the unit of all thicknesses.
        threshold: Points with a higher confidence are drawn.

    Returns:
        ``(H, W)`` uint8, 0 (background) to 255 (person).

    Examples:
        >>> person = np.zeros((1, PERSON_POINTS, 3), np.float32)
        >>> person[0, :2] = (16, 4, 1), (16, 16, 1)  # nose and neck
        >>> mask = person_outline(person, (32, 32), torso=16)
        >>> int(mask[6, 16]), int(mask[30, 2])
        (255, 0)
    """
    mask = np.zeros(size, np.uint8)
    for person in points:
        seen = {name: i for i, name in enumerate(BODY_NAMES) if person[i, 2] > threshold}
        places = person[:, :2].clip(-(1 << 14), 1 << 14).round().astype(int)
        for start, end in BODY_LIMBS:
            thick = THICK.get(end.removeprefix("left_").removeprefix("right_"), 0.0)
            if thick and start in seen and end in seen:
                _line(mask, places[[seen[start], seen[end]]], thick * torso)
        for hand in LEFT_HAND, RIGHT_HAND:
            sure = places[hand][person[hand, 2] > threshold]
            if len(sure):
                _line(mask, sure, THICK["hand"] * torso)
        if all(name in seen for name in _TRUNK):
            cv2.fillConvexPoly(mask, cv2.convexHull(places[[seen[name] for name in _TRUNK]].astype(np.int32)), (255,))
        if "nose" in seen:
            _draw_head(mask, person, seen, torso)
    side = 2 * round(_SOFT * torso) + 1
    return np.asarray(cv2.GaussianBlur(mask, (side, side), 0), np.uint8)


def _line(mask: NDArray[np.uint8], places: NDArray[np.int_], thickness: float) -> None:
    cv2.polylines(mask, [places.astype(np.int32)], False, (255,), max(1, round(thickness)))


def _draw_head(mask: NDArray[np.uint8], person: NDArray[np.float32], seen: dict[str, int], torso: float) -> None:
    """Draw the head, with its axis from the neck, around the middle of the ears or else the nose."""
    ears = [seen[name] for name in ("right_ear", "left_ear") if name in seen] or [seen["nose"]]
    middle = person[ears, :2].mean(axis=0)
    up = middle - person[seen["neck"], :2] if "neck" in seen else np.array([0.0, -1.0])
    turn = float(np.degrees(np.arctan2(up[0], -up[1])))
    axes = (float(2 * _HEAD[0] * torso), float(2 * _HEAD[1] * torso))
    cv2.ellipse(mask, ((float(middle[0]), float(middle[1])), axes, turn), (255,), -1)
