"""A face and a person, drawn by formulas, and real ones."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_layout import BODY_NAMES, FACE, FACE_POINTS, LEFT_HAND, PERSON_POINTS, RIGHT_HAND


def _arc(count: int, x: float, y: float, wide: float, high: float, start: float, end: float) -> NDArray[np.float64]:
    """Points on an ellipse between two angles in turns, y down."""
    turns = 2 * np.pi * np.linspace(start, end, count)
    return np.stack([x + wide * np.cos(turns), y - high * np.sin(turns)], axis=1)


def _face() -> NDArray[np.float32]:
    parts = [
        _arc(17, 64, 60, 40, 55, 0.5, 1),
        _arc(5, 44, 46, 12, 6, 0.5, 0),
        _arc(5, 86, 47, 13, 8, 0.5, 0),
        np.linspace((64, 52), (63, 74), 4),
        _arc(5, 64, 78, 9, 4, 0.5, 1),
        _arc(7, 46, 56, 9, 5, 0.5, -0.5)[:-1],
        _arc(7, 83, 57, 10, 6, 0.5, -0.5)[:-1],
        _arc(13, 65, 94, 18, 9, 0.5, -0.5)[:-1],
        _arc(9, 65, 94, 13, 4, 0.5, -0.5)[:-1],
    ]
    places = np.concatenate(parts)
    assert len(places) == FACE_POINTS
    return np.pad(places, ((0, 0), (0, 1)), constant_values=1).astype(np.float32)


@pytest.fixture
def face() -> NDArray[np.float32]:
    """A face ``(68, 3)`` in a picture of 128 x 128, not quite symmetrical, all of it seen."""
    return _face()


@pytest.fixture
def person() -> NDArray[np.float32]:
    """A person ``(137, 3)`` who stands in a picture of 128 x 128, all of it seen."""
    places = {"nose": (64, 20), "neck": (63, 32), "mid_hip": (64, 70)}
    sides = {
        "eye": (4, 17), "ear": (9, 19), "shoulder": (14, 33), "elbow": (24, 48), "wrist": (33, 60), "hip": (8, 71),
        "knee": (10, 92), "ankle": (12, 114), "heel": (11, 119), "big_toe": (16, 121), "small_toe": (21, 120),
    }  # fmt: skip
    for name, (x, y) in sides.items():
        # the left side of somebody who looks at us is on the right
        places[f"left_{name}"], places[f"right_{name}"] = (64 + x, y), (63 - x, y + 1)
    points = np.ones((PERSON_POINTS, 3), np.float32)
    points[: len(BODY_NAMES), :2] = [places[name] for name in BODY_NAMES]
    for part, wrist, side in ((LEFT_HAND, "left_wrist", 1), (RIGHT_HAND, "right_wrist", -1)):
        points[part, :2] = _hand(side) + places[wrist]
    points[FACE, :2] = np.concatenate([_face()[:, :2], [(46, 56), (83, 57)]]) / 6 + (53.5, 9)
    return points


def _hand(side: int) -> NDArray[np.float64]:
    """Return 21 points round a wrist at 0: five fingers of four joints each."""
    turns = -0.15 + 0.1 * np.arange(5)[:, None]
    reach = np.array([3.0, 6, 8, 10])
    fingers = np.stack([side * reach * np.cos(2 * np.pi * turns), reach * np.sin(2 * np.pi * turns)], axis=-1)
    return np.concatenate([[(0, 0)], fingers.reshape(-1, 2)])
