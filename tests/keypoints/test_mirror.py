"""Mirrored keypoints are those of the mirrored picture."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.face_sketch import draw_face, part_distance_maps
from vid2vid.keypoints.keypoint_layout import (
    BODY_LIMBS,
    BODY_NAMES,
    FACE,
    FACE_PARTS,
    FACE_POINTS,
    LEFT_HAND,
    PERSON_POINTS,
    RIGHT_HAND,
)
from vid2vid.keypoints.mirror import exchange_sides, mirror
from vid2vid.keypoints.skeleton import LIMBS, draw_skeleton, limb_maps

SIZE = (128, 120)


def other_side(name: str) -> str:
    """Return the name of the same on the other side."""
    return name.replace("left", "?").replace("right", "left").replace("?", "right")


@pytest.mark.parametrize("count", [FACE_POINTS, PERSON_POINTS])
def test_mirroring_twice_changes_nothing(count: int) -> None:
    points = np.random.default_rng(0).integers(0, 600, (4, 2, count, 3)).astype(np.float32)
    before = points.copy()
    mirrored = mirror(points, 640)
    assert np.array_equal(points, before)
    assert not np.array_equal(mirrored, points)
    assert np.array_equal(mirror(mirrored, 640), points)
    assert np.array_equal(exchange_sides(exchange_sides(points)), points)


def test_each_point_of_a_body_becomes_its_namesake() -> None:
    points = np.zeros((PERSON_POINTS, 3), np.float32)
    points[:, 0] = np.arange(PERSON_POINTS)
    became = exchange_sides(points)[:, 0].astype(int)
    assert [BODY_NAMES[i] for i in became[:25]] == [other_side(name) for name in BODY_NAMES]
    assert became[LEFT_HAND].tolist() == list(range(46, 67))
    assert became[RIGHT_HAND].tolist() == list(range(25, 46))
    assert became[FACE][-2:].tolist() == [136, 135]
    # the face of a person is mirrored as a face alone is
    alone = np.zeros((FACE_POINTS, 3), np.float32)
    alone[:, 0] = np.arange(FACE_POINTS)
    assert np.array_equal(became[FACE][:-2] - 67, exchange_sides(alone)[:, 0].astype(int))


def test_neighbours_in_a_face_stay_neighbours() -> None:
    points = np.zeros((FACE_POINTS, 3), np.float32)
    points[:, 0] = np.arange(FACE_POINTS)
    became = exchange_sides(points)[:, 0].astype(int)
    for name, curves in FACE_PARTS.items():
        joined = {frozenset(pair) for curve in curves for pair in pairwise(curve)}
        mirrored = {frozenset(pair) for curve in FACE_PARTS[other_side(name)] for pair in pairwise(curve)}
        assert {frozenset(became[list(pair)].tolist()) for pair in joined} == mirrored
    # the landmarks in the middle of a face
    assert np.flatnonzero(became == np.arange(FACE_POINTS)).tolist() == [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]


def test_a_mirrored_face_looks_like_the_flipped_sketch(face: NDArray[np.float32]) -> None:
    flipped = draw_face(face, SIZE)[:, ::-1]
    np.testing.assert_allclose(draw_face(mirror(face, 120), SIZE).astype(int), flipped, atol=2)
    maps = part_distance_maps(mirror(face, 120), SIZE).astype(int)
    order = [list(FACE_PARTS).index(other_side(name)) for name in FACE_PARTS]
    # lines of whole pixels may run half a pixel beside
    np.testing.assert_allclose(maps, part_distance_maps(face, SIZE)[order, :, ::-1], atol=5)


def test_mirrored_limbs_look_like_the_flipped_ones_of_the_other_side(person: NDArray[np.float32]) -> None:
    maps = limb_maps(person[None], SIZE)
    mirrored = limb_maps(mirror(person, 120)[None], SIZE)
    limbs = [tuple(other_side(name) for name in limb) for limb in BODY_LIMBS]
    order = [*(BODY_LIMBS.index((start, end)) for start, end in limbs), 25, 24, 26]
    assert sorted(order) == list(range(LIMBS))
    np.testing.assert_allclose(mirrored.astype(int), maps[order, :, ::-1], atol=2)


def test_a_skeleton_keeps_its_colours_on_the_persons_own_sides(person: NDArray[np.float32]) -> None:
    mirrored = draw_skeleton(mirror(person, 120)[None], SIZE)
    assert np.abs(mirrored.astype(int) - draw_skeleton(person[None], SIZE)[:, ::-1]).max() > 200
    moved = exchange_sides(mirror(person, 120))
    np.testing.assert_allclose(
        draw_skeleton(moved[None], SIZE).astype(int), draw_skeleton(person[None], SIZE)[:, ::-1], atol=2
    )


def test_other_numbers_of_points_are_refused() -> None:
    with pytest.raises(DataError, match="faces have 68 and people 137 points, but there are 70"):
        mirror(np.zeros((70, 3), np.float32), 64)
