"""Another person's movements, brought to the proportions of the one that is wanted."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_layout import BODY_NAMES
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.retargeting import Proportions, retarget

FRAMES = 9
HIP, NECK, NOSE = (BODY_NAMES.index(name) for name in ("mid_hip", "neck", "nose"))
Points = NDArray[np.float32]


def placed(keypoints: Keypoints, scale: float, x: float, y: float, size: tuple[int, int] = (300, 400)) -> Keypoints:
    points = keypoints.points.copy()
    points[..., :2] = points[..., :2] * scale + (x, y)
    return replace(keypoints, points=points, size=size)


def furthest(one: Keypoints, other: Keypoints) -> float:
    return float(np.abs(one.points[..., :2] - other.points[..., :2]).max())


@pytest.mark.parametrize("kind", ["dance", "speech"])
def test_who_is_the_target_already_does_not_change(kind: str, request: pytest.FixtureRequest) -> None:
    keypoints: Keypoints = request.getfixturevalue(kind)
    again = retarget(keypoints, target=Proportions.measure(keypoints))
    assert furthest(again, keypoints) < 1e-3
    assert (again.size, again.fps) == ((128, 128), 25)


@pytest.mark.parametrize("kind", ["dance", "speech"])
def test_place_and_size_become_the_targets(kind: str, request: pytest.FixtureRequest) -> None:
    keypoints: Keypoints = request.getfixturevalue(kind)
    far = placed(keypoints, 2.5, 40, -7)
    back = retarget(far, target=Proportions.measure(keypoints))
    assert furthest(back, keypoints) < 1e-2
    assert back.size == keypoints.size
    np.testing.assert_array_equal(back.points[..., 2], keypoints.points[..., 2])


@pytest.mark.parametrize(("shape", "message"), [((3, 1, 137, 3), "neck and hips"), ((3, 1, 68, 3), "a whole face")])
def test_nobody_cannot_be_measured(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Proportions.measure(Keypoints(np.zeros(shape, np.float32)))


def test_faces_and_bodies_do_not_drive_each_other(dance: Keypoints, speech: Keypoints) -> None:
    with pytest.raises(DataError, match="one kind"):
        retarget(dance, target=Proportions.measure(speech))
