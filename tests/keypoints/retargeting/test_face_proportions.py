"""Faces with the shape, the position and the size of another."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_layout import BODY_NAMES
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.retargeting import FaceProportions, Proportions, retarget
from vid2vid.keypoints.retargeting.face_proportions import fit

FRAMES = 9
HIP, NECK, NOSE = (BODY_NAMES.index(name) for name in ("mid_hip", "neck", "nose"))
Points = NDArray[np.float32]


def placed(keypoints: Keypoints, scale: float, x: float, y: float, size: tuple[int, int] = (300, 400)) -> Keypoints:
    points = keypoints.points.copy()
    points[..., :2] = points[..., :2] * scale + (x, y)
    return replace(keypoints, points=points, size=size)


def test_a_face_takes_the_targets_shape_and_keeps_its_expression(speech: Keypoints) -> None:
    points = speech.points.copy()
    points[..., 0] = 1.4 * points[..., 0] + 200
    # still a stiff target: a broad face that does not speak
    still = replace(speech, points=np.repeat(points[:1], FRAMES, axis=0))
    target = Proportions.measure(still)
    assert isinstance(target.person, FaceProportions)
    assert target.person.width > 1.3 * Proportions.measure(speech).person.width  # type: ignore[union-attr]
    found = retarget(speech, target=target)
    measured = Proportions.measure(found).person
    assert isinstance(measured, FaceProportions)
    for name in ("width", "height", "eyes"):
        assert getattr(measured, name) == pytest.approx(getattr(target.person, name), rel=0.02)
    assert measured.position == pytest.approx(target.person.position, abs=1)
    opened = [k.points[:, 0, 57, 1] - k.points[:, 0, 51, 1] for k in (speech, found)]
    assert np.corrcoef(opened[0], opened[1])[0, 1] > 0.95


def test_a_face_moves_no_farther_than_the_target(speech: Keypoints) -> None:
    points = speech.points.copy()
    points[..., 0] += 30 * np.sin(np.arange(FRAMES))[:, None, None]
    restless = replace(speech, points=points)
    goal = Proportions.measure(speech)
    found = Proportions.measure(retarget(restless, target=goal)).person
    assert isinstance(goal.person, FaceProportions)
    assert isinstance(found, FaceProportions)
    assert found.sway == pytest.approx(goal.person.sway, rel=0.1)
    # and who moves less does not begin to move more
    calm = Proportions.measure(retarget(speech, target=Proportions.measure(restless))).person
    assert isinstance(calm, FaceProportions)
    assert calm.sway == pytest.approx(goal.person.sway, rel=0.1)


def test_faces_of_which_parts_are_missing(speech: Keypoints) -> None:
    target = Proportions.measure(placed(speech, 0.5, 30, 30))
    source = Proportions.measure(speech)
    expected = retarget(speech, source=source, target=target).points
    points = speech.points.copy()
    points[1, :, 36:68] = 0
    points[2] = 0
    points[3, :, 1:] = 0
    found = retarget(replace(speech, points=points), source=source, target=target).points
    assert (found[..., 2] == points[..., 2]).all()
    np.testing.assert_allclose(found[4:], expected[4:], atol=1e-3)
    np.testing.assert_allclose(found[1, :, :36], expected[1, :, :36], atol=0.5)
    # one point alone, at least near its place
    np.testing.assert_allclose(found[3, :, 0], expected[3, :, 0], atol=10)


def test_a_mean_face_is_fitted_by_its_rigid_landmarks(face: Points) -> None:
    mean = face[:, 0].astype(np.float64) + 1j * face[:, 1]
    factor, shift = 1.5 * np.exp(0.3j), 20 - 7j
    placed = (factor * mean + shift)[None]
    placed[0, 48:68] += 5j  # an open mouth moves nothing else
    turn, middle = fit(mean, placed, np.ones((1, 68), bool))
    np.testing.assert_allclose(turn, factor)
    np.testing.assert_allclose(middle, shift)
