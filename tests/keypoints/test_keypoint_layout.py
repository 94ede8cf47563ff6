"""The order of points, and the lines that join them."""

import numpy as np

from vid2vid.keypoints.keypoint_layout import (
    BODY,
    BODY_LIMBS,
    BODY_NAMES,
    FACE,
    FACE_PARTS,
    FACE_POINTS,
    FINGERS,
    LANDMARKS,
    LEFT_HAND,
    PERSON_POINTS,
    PUPILS,
    RIGHT_HAND,
)


def test_parts_of_a_person_follow_each_other() -> None:
    index = np.arange(PERSON_POINTS)
    assert np.concatenate([index[part] for part in (BODY, LEFT_HAND, RIGHT_HAND, FACE)]).tolist() == index.tolist()
    assert index[FACE][list(PUPILS)].tolist() == [135, 136]
    assert index[LANDMARKS].tolist() == index[FACE][:FACE_POINTS].tolist()
    assert len(index[BODY]) == len(set(BODY_NAMES)) == 25
    assert len(index[LEFT_HAND]) == len(index[RIGHT_HAND]) == 1 + 4 * len(FINGERS)


def test_limbs_join_all_points_of_a_body_to_one_tree() -> None:
    reached = {"mid_hip"}
    limbs = [set(limb) for limb in BODY_LIMBS]
    while any(len(limb & reached) == 1 for limb in limbs):
        reached |= set.union(*(limb for limb in limbs if limb & reached))
    assert reached == set(BODY_NAMES)
    assert len(limbs) == len(BODY_NAMES) - 1


def test_the_curves_of_a_face_hold_each_landmark() -> None:
    points = [point for part in FACE_PARTS.values() for curve in part for point in curve]
    assert set(points) == set(range(FACE_POINTS))
    # what is drawn of two curves is closed: they meet in their ends
    for name in ("right_eye", "left_eye"):
        first, second = FACE_PARTS[name]
        assert (first[0], first[-1]) == (second[-1], second[0])
