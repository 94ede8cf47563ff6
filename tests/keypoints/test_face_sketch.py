"""Sketches of faces and the distances to their parts."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.condition import FACE_PARTS as CHANNELS
from vid2vid.errors import DataError
from vid2vid.keypoints.face_sketch import draw_face, part_distance_maps
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.keypoints.keypoint_layout import FACE_PARTS

SIZE = (128, 128)


def background(sketch: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which pixels a flood from the upper left corner reaches."""
    flooded = (sketch > 60).astype(np.uint8)
    cv2.floodFill(flooded, None, (0, 0), (7,))
    return np.asarray(flooded == 7)


def test_the_lines_go_through_the_landmarks(face: NDArray[np.float32]) -> None:
    sketch = draw_face(face, SIZE)
    assert sketch.shape == SIZE
    assert sketch.dtype == np.uint8
    x, y = face[:, :2].round().astype(int).T
    assert sketch[y, x].min() >= 100
    assert 0.01 < (sketch > 0).mean() < 0.1


def test_eyes_and_lips_are_closed_and_the_jaw_is_not(face: NDArray[np.float32]) -> None:
    outside = background(draw_face(face, SIZE))
    for inside in ((56, 46), (57, 83), (94, 65)):
        assert not outside[inside]
    assert outside[85, 35]


def test_missing_points_are_left_out(face: NDArray[np.float32]) -> None:
    whole = draw_face(face, SIZE)
    face[8, 2] = face[30, 2] = 0
    left_out = draw_face(face, SIZE)
    assert (left_out != whole).any()
    # wherever a detector puts what it has not found
    face[8, :2], face[30, :2] = 0, 1e9
    assert np.array_equal(draw_face(face, SIZE), left_out)
    # the jaw still goes from one ear to the other
    assert not background(cv2.line(left_out.copy(), (20, 58), (108, 58), (255,), 2).astype(np.uint8))[85, 35]
    face[:, 2] = 0
    assert not draw_face(face, SIZE).any()


def test_a_single_point_of_a_part_is_no_line(face: NDArray[np.float32]) -> None:
    face[1:, 2] = 0
    assert not draw_face(face, SIZE).any()


def test_several_faces_are_drawn_together(face: NDArray[np.float32]) -> None:
    other = face * np.array([0.7, 0.5, 1], np.float32)
    both = draw_face(np.stack([face, other]), SIZE)
    assert np.array_equal(both, np.maximum(draw_face(face, SIZE), draw_face(other, SIZE)))


def test_lines_grow_with_the_picture(face: NDArray[np.float32]) -> None:
    ink = []
    for scale in (1, 2, 4, 8):
        sketch = draw_face(face * np.array([scale, scale, 1], np.float32), (128 * scale, 128 * scale))
        ink.append(sketch.sum() / 255 / scale)
    # the length grows with the scale; the thickness only from 256 pixels on
    assert ink[1] == pytest.approx(ink[0], rel=0.05)
    assert ink[2] == pytest.approx(2 * ink[1], rel=0.05)
    assert ink[3] == pytest.approx(2 * ink[2], rel=0.05)
    assert draw_face(face, SIZE, thickness=3).sum() > 2 * draw_face(face, SIZE).sum()


def test_distances_are_those_to_the_nearest_pixel_of_a_part(face: NDArray[np.float32]) -> None:
    size = (40, 48)
    face = face * np.array([0.35, 0.3, 1], np.float32)
    maps = part_distance_maps(face, size)
    assert maps.shape == (CHANNELS, *size)
    assert len(FACE_PARTS) == CHANNELS
    pixels = np.argwhere(np.ones(size)).reshape(*size, 2)
    for part in maps:
        nearest = np.argwhere(part == 0)
        distance = np.linalg.norm(pixels[:, :, None] - nearest, axis=-1).min(axis=-1)
        # 255 at half of the shorter side
        np.testing.assert_allclose(part, (distance * 255 / 20).clip(max=255), atol=0.51)


def test_each_part_has_its_own_map(face: NDArray[np.float32]) -> None:
    maps = part_distance_maps(face, SIZE)
    for i, curves in enumerate(FACE_PARTS.values()):
        own = sorted({point for curve in curves for point in curve})
        x, y = face[:, :2].round().astype(int).T
        assert maps[i, y[own], x[own]].max() <= 4  # a pixel
        others = sorted(set(range(68)) - set(own))
        assert maps[i, y[others], x[others]].min() > 4
    assert sorted({point for curves in FACE_PARTS.values() for curve in curves for point in curve}) == list(range(68))


def test_distances_are_relative_to_the_size(face: NDArray[np.float32]) -> None:
    small = part_distance_maps(face, SIZE).astype(int)
    large = part_distance_maps(face * np.array([4, 4, 1], np.float32), (512, 512)).astype(int)
    # of half a pixel to the other
    assert np.abs(large[:, ::4, ::4] - small).max() <= 4


def test_a_part_that_is_not_seen_is_far_from_everywhere(face: NDArray[np.float32]) -> None:
    face[:17, 2] = 0
    face[17:22, :2] += 500
    maps = part_distance_maps(face, SIZE)
    assert (maps[:2] == 255).all()
    assert (maps[2:].reshape(6, -1).min(axis=1) == 0).all()


def test_of_several_faces_the_nearest_counts(face: NDArray[np.float32]) -> None:
    other = face * np.array([0.5, 0.5, 1], np.float32)
    both = part_distance_maps(np.stack([face, other]), SIZE)
    assert np.array_equal(both, np.minimum(part_distance_maps(face, SIZE), part_distance_maps(other, SIZE)))


@pytest.mark.parametrize("shape", [(70, 3), (68, 2), (1, 1, 68, 3), (68,)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    for draw in (draw_face, part_distance_maps):
        with pytest.raises(DataError, match="faces must be"):
            draw(np.zeros(shape, np.float32), SIZE)


def test_a_real_face(samples: Path) -> None:
    (folder,) = (samples / "face" / "landmarks-dlib68").iterdir()
    keypoints = read_keypoints(folder)
    images = sorted((samples / "face" / "images" / folder.name).iterdir())
    assert keypoints.points.shape == (len(images), 1, 68, 3)
    picture = cv2.imread(str(images[0]))
    assert picture is not None
    size = picture.shape[0], picture.shape[1]
    sketch = draw_face(keypoints.points[0], size)
    x, y = keypoints.points[0, 0, :, :2].astype(int).T
    assert sketch[y, x].min() == 255
    # the mouth is redder than the cheeks beside it: the lines are where the face is
    mouth = np.zeros(size, np.uint8)
    cv2.fillPoly(mouth, [keypoints.points[0, 0, 48:60, :2].astype(np.int32)], (1,))
    ratio = picture[..., 2].astype(float) / (picture[..., 1].astype(float) + 1)
    cheeks = ratio[175:190, 305:325]
    assert ratio[mouth > 0].mean() > 1.1 * cheeks.mean()
