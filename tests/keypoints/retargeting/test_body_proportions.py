"""Bodies with the limbs, the position and the size of another."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_layout import BODY, BODY_LIMBS, BODY_NAMES, LANDMARKS, LEFT_HAND, PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.retargeting import BodyProportions, Proportions, retarget
from vid2vid.keypoints.retargeting.body_proportions import LINKS, ROOT, link_lengths

FRAMES = 9
HIP, NECK, NOSE = (BODY_NAMES.index(name) for name in ("mid_hip", "neck", "nose"))
Points = NDArray[np.float32]


def placed(keypoints: Keypoints, scale: float, x: float, y: float, size: tuple[int, int] = (300, 400)) -> Keypoints:
    points = keypoints.points.copy()
    points[..., :2] = points[..., :2] * scale + (x, y)
    return replace(keypoints, points=points, size=size)


def furthest(one: Keypoints, other: Keypoints) -> float:
    return float(np.abs(one.points[..., :2] - other.points[..., :2]).max())


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


def test_links_lead_from_the_hips_to_every_point_but_the_eyes_pupils() -> None:
    known = {ROOT}
    for link in LINKS:
        assert link.start in known, f"{link.name} starts where no earlier link ends"
        known |= set(link.moved)
    assert known == set(range(PERSON_POINTS))


def test_lengths_are_measured_where_both_ends_are_sure(dance: Keypoints) -> None:
    trunk = LINKS[0]
    points = dance.points.copy()
    points[3, 0, trunk.ends[0], 2] = 0.05
    measured = link_lengths(points, trunk, 0.1)
    expected = np.linalg.norm(np.diff(points[:, 0, list(trunk.ends), :2], axis=1)[:, 0], axis=-1)
    np.testing.assert_allclose(measured, np.delete(expected, 3), rtol=1e-6)
