"""Another person's movements, brought to the proportions of the one that is wanted."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints import BODY, LANDMARKS, LEFT_HAND, Keypoints
from vid2vid.keypoints.parts import BODY_LIMBS, BODY_NAMES
from vid2vid.keypoints.retargeting import BodyProportions, FaceProportions, Proportions, retarget

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


def placed(keypoints: Keypoints, scale: float, x: float, y: float, size: tuple[int, int] = (300, 400)) -> Keypoints:
    points = keypoints.points.copy()
    points[..., :2] = points[..., :2] * scale + (x, y)
    return replace(keypoints, points=points, size=size)


def other_build(keypoints: Keypoints, factors: dict[str, float]) -> Keypoints:
    """Rebuild bodies from the hips outwards with limbs of other lengths, written without the code under test."""
    points, new = keypoints.points, keypoints.points.copy()
    for start, end in (("mid_hip", "neck"), *BODY_LIMBS[1:]):
        inner, outer = BODY_NAMES.index(start), BODY_NAMES.index(end)
        factor = next((f for name, f in factors.items() if end.endswith(name)), 1.0)
        new[:, :, outer, :2] = new[:, :, inner, :2] + factor * (points[:, :, outer, :2] - points[:, :, inner, :2])
    for joint, part in (("left_wrist", LEFT_HAND), ("right_wrist", slice(46, 67)), ("nose", slice(67, 137))):
        moved = new[:, :, BODY_NAMES.index(joint), :2] - points[:, :, BODY_NAMES.index(joint), :2]
        new[:, :, part, :2] += moved[:, :, None]
    return replace(keypoints, points=new)


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


def test_limbs_become_the_targets(dance: Keypoints) -> None:
    factors = {"neck": 1.3, "nose": 0.8, "knee": 0.7, "ankle": 1.4, "elbow": 1.5, "wrist": 0.8, "shoulder": 1.2}
    stranger = placed(other_build(dance, factors), 0.6, 10, 20)
    assert furthest(placed(stranger, 1 / 0.6, -10 / 0.6, -20 / 0.6), dance) > 10
    target = Proportions.measure(dance)
    back = retarget(stranger, target=target)
    # the hips sway as far in sizes of the torso, of which the stranger's is longer: all but this comes back
    sway = back.points[:, :, HIP, :2] - dance.points[:, :, HIP, :2]
    assert np.abs(sway).max() < 1.0
    away = back.points[:, :, BODY, :2] - sway[:, :, None] - dance.points[:, :, BODY, :2]
    assert np.abs(away).max() < 1e-2
    found = Proportions.measure(back).person
    assert isinstance(found, BodyProportions)
    assert isinstance(target.person, BodyProportions)
    assert found.lengths == pytest.approx(target.person.lengths, rel=1e-3)


def test_missing_points_leave_the_others_in_place(dance: Keypoints) -> None:
    target, source = Proportions.measure(placed(dance, 2, 0, 0)), Proportions.measure(dance)
    expected = retarget(dance, source=source, target=target)
    for gone in ([NECK], [HIP, NECK], [BODY_NAMES.index("left_elbow")], list(range(LANDMARKS.start, 137))):
        points = dance.points.copy()
        points[2:5, :, gone] = 0
        found = retarget(replace(dance, points=points), source=source, target=target)
        seen = points[..., 2] > 0
        assert (found.points[..., 2] == points[..., 2]).all()
        away = np.abs(found.points[..., :2] - expected.points[..., :2])[seen]
        # without hips nobody knows how far they are from their usual place; hands and hips tell it to a few pixels
        assert away.max() < (1e-2 if HIP not in gone else 8)
        assert Proportions.measure(replace(dance, points=points)).person is not None


def test_who_is_seen_from_the_side_gets_no_monstrous_shoulders(dance: Keypoints) -> None:
    points = dance.points.copy()
    points[..., 0] = points[:, :, HIP, None, 0] + 0.01 * (points[..., 0] - points[:, :, HIP, None, 0])
    flat = retarget(replace(dance, points=points), target=Proportions.measure(dance))
    assert np.abs(flat.points[:, 0, BODY, 0] - flat.points[:, 0, HIP, None, 0]).max() < 3
    assert np.ptp(flat.points[:, 0, BODY, 1]) < 1.3 * np.ptp(dance.points[:, 0, BODY, 1])


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


@pytest.mark.parametrize(("shape", "message"), [((3, 1, 137, 3), "neck and hips"), ((3, 1, 68, 3), "a whole face")])
def test_nobody_cannot_be_measured(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Proportions.measure(Keypoints(np.zeros(shape, np.float32)))


def test_faces_and_bodies_do_not_drive_each_other(dance: Keypoints, speech: Keypoints) -> None:
    with pytest.raises(DataError, match="one kind"):
        retarget(dance, target=Proportions.measure(speech))
