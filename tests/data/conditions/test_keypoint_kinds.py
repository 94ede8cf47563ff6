"""Conditions that are drawn from keypoints."""

from pathlib import Path

import numpy as np
import pytest

from vid2vid.condition import Condition
from vid2vid.data.conditions import kind_of
from vid2vid.data.conditions.keypoint_kinds import Skeletons
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError, DataError
from vid2vid.keypoints.face_sketch import draw_face, part_distance_maps
from vid2vid.keypoints.keypoint_layout import FACE_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.mirror import exchange_sides
from vid2vid.video import write_labels

SIZE = (24, 32)


def face(frames: int = 3) -> Keypoints:
    """Return landmarks that move to the right, of frames of `SIZE`."""
    points = np.ones((frames, 1, FACE_POINTS, 3), np.float32)
    points[..., 0] = np.linspace(8, 24, FACE_POINTS) + np.arange(frames)[:, None, None]
    points[..., 1] = 12 + 4 * np.sin(np.arange(FACE_POINTS))
    return Keypoints(points, SIZE, fps=12.5)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A file of a face's landmarks."""
    face().save(tmp_path / "face.npz")
    return tmp_path / "face.npz"


def test_a_face_is_streamed_as_sketch_and_distances(saved: Path) -> None:
    kind = kind_of(Condition("face", distance_maps=True))
    assert (kind.header(saved).fps, kind.header(saved).frames) == (12.5, 3)
    planes = np.concatenate(list(kind.stream(saved, CropResize())))
    assert planes.shape == (3, kind.condition.source_channels, *SIZE)
    for t, people in enumerate(face().points):
        np.testing.assert_array_equal(planes[t, 0], draw_face(people, SIZE))
        np.testing.assert_array_equal(planes[t, 1:], part_distance_maps(people, SIZE))


def test_mirrored_faces_have_their_sides_exchanged(saved: Path) -> None:
    crop_resize = CropResize(flip=True)
    planes = next(kind_of(Condition("face")).stream(saved, crop_resize))
    wanted = draw_face(exchange_sides(crop_resize.points(face().points, *SIZE))[0], SIZE)
    np.testing.assert_array_equal(planes[0, 0], wanted)


def test_the_edges_of_the_background_follow_the_sketch(saved: Path, tmp_path: Path) -> None:
    edges = np.random.default_rng(0).integers(0, 2, (3, *SIZE), np.uint8) * 255
    write_labels(tmp_path / "edges.mkv", edges, fps=12.5)
    kind = kind_of(Condition("face", background_edges=True))
    planes = np.concatenate(list(kind.stream(saved, CropResize(), tmp_path / "edges.mkv")))
    np.testing.assert_array_equal(planes[:, 1], edges)
    write_labels(tmp_path / "short.mkv", edges[:2], fps=12.5)
    with pytest.raises(DataError, match=r"short\.mkv: has fewer frames than .*; both must be equally long"):
        list(kind.stream(saved, CropResize(), tmp_path / "short.mkv"))
    with pytest.raises(DataError, match="has edges of the background: give background=path"):
        next(kind.stream(saved, CropResize()))


def test_keypoints_without_a_size_need_a_crop(tmp_path: Path) -> None:
    Keypoints(face().points, None, 25.0).save(tmp_path / "plain.npz")
    kind = kind_of(Condition("face"))
    with pytest.raises(DataError, match=r"plain\.npz: does not say how large.*give crop="):
        next(kind.stream(tmp_path / "plain.npz", CropResize()))
    assert next(kind.stream(tmp_path / "plain.npz", CropResize(crop=(0, 0, *SIZE)))).shape == (1, 1, *SIZE)


def test_pictures_in_place_of_keypoints_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"a\.mkv: this condition is drawn from keypoints"):
        kind_of(Condition("pose")).planes(np.zeros((1, 4, 4, 3), np.uint8), CropResize(), Path("a.mkv"), range(1))


def test_densepose_parts_are_spread_over_all_levels() -> None:
    maps = np.zeros((1, 1, 3, 3), np.uint8)
    maps[0, 0] = [[3, 2, 1], [30, 20, 24], [0, 0, 99]]
    appended = Skeletons(Condition("pose", densepose=True)).appended_planes(maps, CropResize())
    assert appended[0, :, 0].T.tolist() == [[10, 2, 3], [240, 20, 30], [250, 0, 0]]


def test_sketches_are_white_and_parts_nearby_coloured() -> None:
    planes = np.full((9, 1, 3), 255, np.uint8)
    planes[0] = [[255, 0, 0]]
    planes[1, 0, 1] = 0
    picture = kind_of(Condition("face", distance_maps=True)).picture(planes)
    assert picture[0, 0].tolist() == [255] * 3
    assert 100 < picture[0, 1].max() < 128
    assert picture[0, 2].tolist() == [0] * 3
    np.testing.assert_array_equal(kind_of(Condition("face")).picture(planes[:1]), [[[255] * 3, [0] * 3, [0] * 3]])


def test_the_background_of_a_face_is_grey() -> None:
    planes = np.array([[[255, 0, 255, 0]], [[0, 255, 255, 0]]], np.uint8)
    picture = kind_of(Condition("face", background_edges=True)).picture(planes)
    np.testing.assert_array_equal(picture, [[[255] * 3, [127] * 3, [255] * 3, [0] * 3]])


def test_each_limb_has_a_colour_of_its_own() -> None:
    planes = np.zeros((27, 1, 28), np.uint8)
    planes[range(27), 0, range(27)] = 255
    picture = kind_of(Condition("pose", limb_maps=True)).picture(planes)
    assert len({tuple(colour) for colour in picture[0].tolist()}) == 28
    assert picture[0, 27].tolist() == [0] * 3


@pytest.mark.parametrize("limb_maps", [False, True])
def test_a_skeleton_stands_before_its_surface(limb_maps: bool) -> None:
    limbs = np.zeros((27 if limb_maps else 3, 1, 3), np.uint8)
    limbs[0, 0, 0] = 255
    surface = np.array([[[240, 240, 0]], [[100, 100, 0]], [[50, 50, 0]]], np.uint8)
    picture = kind_of(Condition("pose", limb_maps=limb_maps, densepose=True)).picture(np.concatenate([limbs, surface]))
    alone = kind_of(Condition("pose", limb_maps=limb_maps)).picture(limbs)
    np.testing.assert_array_equal(picture[0, 0], alone[0, 0])
    np.testing.assert_array_equal(picture[0, 1:], [[120, 50, 25], [0, 0, 0]])
