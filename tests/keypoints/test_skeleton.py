"""Skeletons in colours, and their limbs in channels."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.condition import LIMBS as CHANNELS
from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.keypoints.keypoint_layout import BODY_LIMBS, BODY_NAMES, FACE, FINGERS, LEFT_HAND, RIGHT_HAND
from vid2vid.keypoints.skeleton import LIMBS, draw_skeleton, limb_maps

SIZE = (128, 128)


def touching(point: int) -> set[int]:
    """Return the limbs of the body that end at a point."""
    return {i for i, limb in enumerate(BODY_LIMBS) if BODY_NAMES[point] in limb}


def drawn(maps: NDArray[np.uint8]) -> set[int]:
    """Return the channels that are not empty."""
    return {int(i) for i in np.flatnonzero(maps.any(axis=(1, 2)))}


def test_limbs_join_all_points_of_a_body_once() -> None:
    assert LIMBS == CHANNELS == len(BODY_LIMBS) + 3
    assert {name for limb in BODY_LIMBS for name in limb} == set(BODY_NAMES)
    # a tree: one limb fewer than points, and from the neck each is reached
    assert len(set(BODY_LIMBS)) == len(BODY_NAMES) - 1
    reached = {"neck"}
    for start, end in BODY_LIMBS * len(BODY_LIMBS):
        reached |= {end} if start in reached else set()
    assert reached == set(BODY_NAMES)
    assert sorted({point for finger in FINGERS for point in finger}) == list(range(21))


def test_each_limb_has_a_channel_along_its_bone(person: NDArray[np.float32]) -> None:
    maps = limb_maps(person[None], SIZE)
    assert maps.shape == (LIMBS, *SIZE)
    assert drawn(maps) == set(range(LIMBS))
    for i, limb in enumerate(BODY_LIMBS):
        ends = person[[BODY_NAMES.index(name) for name in limb], :2]
        x, y = ends.mean(axis=0).round().astype(int)
        assert maps[i, y, x] > 60
        rows, columns = np.nonzero(maps[i])
        # nothing beyond the bone but its thickness
        assert (np.abs(np.stack([columns, rows], 1) - ends.mean(axis=0)) <= np.ptp(ends, axis=0) / 2 + 3).all()


def test_the_skeleton_is_all_limbs_together(person: NDArray[np.float32]) -> None:
    skeleton = draw_skeleton(person[None], SIZE)
    assert skeleton.shape == (*SIZE, 3)
    assert skeleton.dtype == np.uint8
    assert np.array_equal(skeleton.any(axis=-1), limb_maps(person[None], SIZE).any(axis=0))


def test_each_limb_and_finger_has_a_colour_of_its_own(person: NDArray[np.float32]) -> None:
    size = (512, 512)
    people = (person * np.array([4, 4, 1], np.float32))[None]
    colours = {}
    for limb in range(LIMBS):
        picture = draw_skeleton(people, size, keep=np.arange(LIMBS) == limb)
        picture = picture[picture.any(axis=-1)]
        # fully covered pixels have a channel at 255 and one at 0, or are white
        full = picture[(picture.max(axis=1) == 255) & ((picture.min(axis=1) == 0) | (picture.min(axis=1) == 255))]
        colours[limb] = {tuple(colour) for colour in np.unique(full, axis=0).tolist()}
    body = [colour for limb in range(len(BODY_LIMBS)) for colour in colours[limb]]
    assert len(body) == len(set(body)) == len(BODY_LIMBS)
    assert len(colours[24]) >= 5
    assert len(colours[25]) >= 5
    assert not colours[24] & colours[25]
    assert colours[26] == {(255, 255, 255)}
    numbers = np.array(body, int)
    apart = np.abs(numbers[:, None] - numbers).max(axis=-1) + 255 * np.eye(len(body), dtype=int)
    assert apart.min() >= 60


def test_limbs_that_are_not_kept_are_left_out(person: NDArray[np.float32]) -> None:
    everything = limb_maps(person[None], SIZE)
    random = np.random.default_rng(0)
    for _ in range(5):
        keep = random.random(LIMBS) < 0.5
        kept = limb_maps(person[None], SIZE, keep=keep)
        assert np.array_equal(kept, everything * keep[:, None, None])
        assert np.array_equal(draw_skeleton(person[None], SIZE, keep=keep).any(axis=-1), kept.any(axis=0))
    assert not draw_skeleton(person[None], SIZE, keep=np.zeros(LIMBS, bool)).any()
    with pytest.raises(DataError, match="27 limbs"):
        draw_skeleton(person[None], SIZE, keep=np.ones(24, bool))


@pytest.mark.parametrize("point", range(25))
def test_a_limb_needs_both_its_ends(point: int, person: NDArray[np.float32]) -> None:
    person[:, 2] = 0.5
    person[point, 2] = 0.1
    assert drawn(limb_maps(person[None], SIZE)) == set(range(LIMBS)) - touching(point)
    assert drawn(limb_maps(person[None], SIZE, threshold=0.09)) == set(range(LIMBS))
    assert not limb_maps(person[None], SIZE, threshold=0.5).any()


def test_a_finger_misses_only_what_is_not_seen(person: NDArray[np.float32]) -> None:
    whole = limb_maps(person[None], SIZE)
    person[LEFT_HAND.start + 8, 2] = 0
    maps = limb_maps(person[None], SIZE)
    assert maps[24].sum() < whole[24].sum()
    assert np.array_equal(np.delete(maps, 24, 0), np.delete(whole, 24, 0))
    x, y = person[LEFT_HAND.start + 8, :2].round().astype(int)
    assert whole[24, y, x] > 60
    assert maps[24, y, x] == 0


def test_hands_and_face_that_are_missing_leave_the_body(person: NDArray[np.float32]) -> None:
    for part in (LEFT_HAND, RIGHT_HAND, FACE):
        person[part] = 0
    assert drawn(limb_maps(person[None], SIZE)) == set(range(24))
    person[:] = 0
    assert not draw_skeleton(person[None], SIZE).any()


def test_limbs_are_thicker_than_fingers_and_both_grow_with_the_picture(person: NDArray[np.float32]) -> None:
    thickness = {}
    for scale in (4, 8):
        maps = limb_maps((person * np.array([scale, scale, 1], np.float32))[None], (128 * scale, 128 * scale))
        shin = BODY_LIMBS.index(("left_knee", "left_ankle"))
        length = scale * np.linalg.norm(np.diff(person[[13, 14], :2], axis=0))
        bone = (
            scale
            * np.linalg.norm(person[LEFT_HAND, :2][[4, 8, 12, 16, 20]] - person[LEFT_HAND.start, :2], axis=1).sum()
        )
        thickness[scale] = maps[shin].sum() / 255 / length, maps[24].sum() / 255 / bone
    assert thickness[4] == pytest.approx((8, 2), rel=0.2)
    assert thickness[8] == pytest.approx((16, 4), rel=0.2)


def test_people_are_drawn_together(person: NDArray[np.float32]) -> None:
    other = person + np.array([20, 3, 0], np.float32)
    maps = limb_maps(np.stack([person, other]), SIZE)
    single = limb_maps(person[None], SIZE), limb_maps(other[None], SIZE)
    # where soft edges overlap the sum of both shows
    assert (maps >= np.maximum(*single)).all()
    assert np.array_equal(maps > 0, np.maximum(*single) > 0)
    with pytest.raises(DataError, match=r"people must be \(people, 137 points, 3\)"):
        draw_skeleton(person, SIZE)


def test_a_real_person(samples: Path) -> None:
    (folder,) = (samples / "pose" / "poses-openpose").iterdir()
    keypoints = read_keypoints(folder)
    assert keypoints.points.shape == (5, 1, 137, 3)
    maps_of_body = sorted((samples / "pose" / "pose_maps-densepose" / folder.name).iterdir())
    for points, path in ((keypoints.points[t], maps_of_body[t]) for t in (0, 4)):
        densepose = cv2.imread(str(path))
        assert densepose is not None
        # DensePose found the body by itself: its parts, in the first channel, are where our limbs are
        limbs = limb_maps(points, (densepose.shape[0], densepose.shape[1])) > 128
        assert (limbs & (densepose[..., 0] > 0)).sum() > 0.97 * limbs.sum()
        assert len(drawn(limbs.astype(np.uint8))) >= 24
