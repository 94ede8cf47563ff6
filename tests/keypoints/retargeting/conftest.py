"""A person who dances and a face that speaks."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_layout import BODY_NAMES
from vid2vid.keypoints.keypoint_sequence import Keypoints

FRAMES = 9
HIP, NECK, NOSE = (BODY_NAMES.index(name) for name in ("mid_hip", "neck", "nose"))
Points = NDArray[np.float32]


@pytest.fixture
def dance(person: Points) -> Keypoints:
    """A person who sways, with arms that swing."""
    points = np.repeat(person[None, None], FRAMES, axis=0)
    for t, frame in enumerate(points[:, 0]):
        frame[:, :2] += (3 * np.sin(t), np.cos(t))
        for side in "left", "right":
            shoulder, elbow, wrist = (BODY_NAMES.index(f"{side}_{end}") for end in ("shoulder", "elbow", "wrist"))
            arm = [elbow, wrist, *(range(25, 46) if side == "left" else range(46, 67))]
            frame[arm, :2] = turned(frame[arm, :2], frame[shoulder, :2], 0.3 * np.sin(t))
    return Keypoints(points, (128, 128), 25)


@pytest.fixture
def speech(face: Points) -> Keypoints:
    """A face that turns, nods and speaks."""
    points = np.repeat(face[None, None], FRAMES, axis=0)
    for t, frame in enumerate(points[:, 0]):
        frame[48:68, 1] += 3 * np.sin(1.7 * t) * (frame[48:68, 1] > 94)
        frame[:, :2] = turned(frame[:, :2], frame[30, :2], 0.1 * np.sin(t)) * (1 + 0.05 * np.sin(2 * t))
    return Keypoints(points, (128, 128), 25)


def turned(points: Points, centre: Points, angle: float) -> Points:
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray((points - centre) @ turn + centre, np.float32)
