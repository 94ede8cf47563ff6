"""Holes are filled, borders moved, and object ids follow."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.data.editing import Sketch, coarsened, filled, followed, grown, sketched


@pytest.fixture
def square() -> NDArray[np.uint8]:
    """A square of 1 in the middle of 0."""
    labels = np.zeros((15, 15), np.uint8)
    labels[5:10, 5:10] = 1
    return labels


def test_a_hole_takes_the_nearest_label_exactly() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, (24, 31), dtype=np.uint8)
    ids = random.integers(0, 30000, (24, 31), dtype=np.int32)
    hole = np.zeros((24, 31), bool)
    hole[6:17, 8:20] = True
    found, objects = filled(labels, ids, hole)
    assert objects is not None
    rows, columns = np.nonzero(~hole)
    for y, x in np.argwhere(hole):
        apart = np.hypot(rows - y, columns - x)
        # among those as near as any, but for the roundings of the distance transform
        candidates = apart <= apart.min() * 1.02
        assert (found[y, x], objects[y, x]) in {
            (labels[r, c], ids[r, c]) for r, c in zip(rows[candidates], columns[candidates], strict=True)
        }
    np.testing.assert_array_equal(found[~hole], labels[~hole])


def test_labels_grow_and_shrink(square: NDArray[np.uint8]) -> None:
    assert grown(square, 1, 0) is square
    larger, smaller = grown(square, 1, 2), grown(square, 1, -1)
    assert (larger[square == 1] == 1).all()
    assert (larger[7, 3:12] == 1).all()
    assert not larger[7, :3].any()
    assert smaller.sum() == 9
    assert smaller[6:9, 6:9].all()
    everything = np.ones((4, 4), np.uint8)
    np.testing.assert_array_equal(grown(everything, 1, -2), everything)


def test_coarse_labels_lose_what_is_thin(square: NDArray[np.uint8]) -> None:
    square[:, 2] = 2
    rough = coarsened(square, 5)
    assert not (rough == 2).any()
    assert rough[7, 7] == 1
    assert set(np.unique(rough)) == {0, 1}
    np.testing.assert_array_equal(coarsened(square, 1), square)


def test_ids_follow_borders(square: NDArray[np.uint8]) -> None:
    ids = np.where(square == 1, 1001, 0)
    ids[5:10, 8:10] = 1002
    larger = grown(square, 1, 2)
    objects = followed(square, larger, ids)
    assert objects is not None
    assert objects[7, 3] == objects[7, 5] == 1001
    assert objects[7, 11] == 1002
    np.testing.assert_array_equal(objects[larger == 0], 0)
    assert followed(square, larger, None) is None


def test_what_is_little_of_the_surroundings_does_not_spread(square: NDArray[np.uint8]) -> None:
    # a lamp that touches the car's side, and a road that it stands on
    square[5:7, 10] = 2
    square[9:] = np.where(square[9:] == 1, 1, 3)
    ids = square.astype(np.int32) + 10
    found, objects = filled(square, ids, square == 1)
    assert objects is not None
    np.testing.assert_array_equal(found == 2, square == 2)
    assert (found[9, 5:10] == 3).all()
    assert (found[5:7, 5:10] == 0).all()
    np.testing.assert_array_equal(objects, found + np.int32(10))


def test_holes_are_filled_one_by_one(square: NDArray[np.uint8]) -> None:
    # two cars, one on the road and one, in the picture's corner, before the wall
    square[4:11, 4:11] = np.where(square[4:11, 4:11] == 1, 1, 3)
    square[13:, 13:] = 1
    found, _ = filled(square, None, square == 1)
    assert (found[4:11, 4:11] == 3).all()
    assert not found[11:].any()


def test_a_sketch_is_a_box_or_an_ellipse_around_the_object() -> None:
    mask = np.zeros((30, 40), bool)
    mask[10:20, 5:25:2] = True
    box, ellipse = (Sketch(round=each)(mask) for each in (False, True))
    assert np.flatnonzero(box.any(1)).tolist() == list(range(10, 20))
    assert np.flatnonzero(box.any(0)).tolist() == list(range(5, 24))
    assert box.sum() == 10 * 19
    assert (ellipse <= box).all()
    assert 0.7 < ellipse.sum() / box.sum() < 0.85
    larger = Sketch(False, (1.2, 1.0), (0.0, 0.2))(mask)
    assert larger.sum() == 12 * 19
    assert np.flatnonzero(larger.any(0))[0] == 9


def test_sketched_objects_cover_those_behind_them() -> None:
    labels, ids = np.zeros((20, 30), np.uint8), np.zeros((20, 30), np.int32)
    for number, (rows, columns) in {5: (slice(8, 16), slice(4, 14)), 6: (slice(6, 12), slice(10, 24))}.items():
        labels[rows, columns], ids[rows, columns] = 1, number
    labels[8:10, 4:7] = ids[8:10, 4:7] = 0  # a corner is missing, as of a car
    found, objects = sketched(labels, ids, {5: Sketch(False), 6: Sketch(True), 7: Sketch(True)})
    np.testing.assert_array_equal(objects[8:16, 4:14], 5)
    assert objects[6, 23] == 0
    assert {*np.unique(objects)} == {0, 5, 6}
    np.testing.assert_array_equal(found, objects > 0)
    np.testing.assert_array_equal(sketched(labels, ids, {7: Sketch(True)})[0], labels)


def test_drawn_sketches_are_nearly_as_large_as_the_object() -> None:
    random = np.random.default_rng(0)
    sketches = [Sketch.drawn(random) for _ in range(100)]
    assert 30 < sum(sketch.round for sketch in sketches) < 70
    assert all(abs(each - 1) <= 0.1 for sketch in sketches for each in sketch.scale)
    assert all(abs(each) <= 0.1 for sketch in sketches for each in sketch.shift)
