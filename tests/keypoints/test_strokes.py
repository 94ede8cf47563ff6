"""Curves through points, and lines whose ink is where it should be."""

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.keypoints.strokes import smooth_curve, stroke


def canvas_with(
    *curves: NDArray[np.float32], thickness: float = 1, size: tuple[int, int] = (64, 80)
) -> NDArray[np.uint8]:
    """Draw curves onto black."""
    canvas = np.zeros(size, np.uint8)
    stroke(canvas, [smooth_curve(curve) for curve in curves], (255,), thickness)
    return canvas


def points(*places: tuple[float, float]) -> NDArray[np.float32]:
    """Return ``(M, 2)``."""
    return np.array(places, np.float32)


@pytest.mark.parametrize("count", range(1, 9))
def test_a_curve_goes_through_its_points_in_their_order(count: int) -> None:
    given = np.random.default_rng(count).uniform(0, 60, (count, 2)).astype(np.float32)
    curve = smooth_curve(given)
    distance = np.linalg.norm(curve[:, None] - given, axis=-1)
    assert distance.min(axis=0).max() < 1e-4
    assert (np.diff(distance.argmin(axis=0)) > 0).all()
    if count > 2:
        # dense enough to look smooth
        assert np.linalg.norm(np.diff(curve, axis=0), axis=1).max() < 8
        assert len(curve) > 2 * count


def test_a_curve_does_not_care_for_its_direction() -> None:
    given = np.random.default_rng(0).uniform(0, 60, (7, 2)).astype(np.float32)
    np.testing.assert_allclose(smooth_curve(given[::-1]), smooth_curve(given)[::-1], atol=1e-3)


def test_a_curve_through_points_of_a_circle_is_nearly_round() -> None:
    turns = np.linspace(0, 2 * np.pi, 17)
    circle = (30 * np.stack([np.cos(turns), np.sin(turns)], axis=1)).astype(np.float32)
    # the ends of an open curve know nothing of each other
    radius = np.linalg.norm(smooth_curve(circle), axis=1)[8:-8]
    assert np.abs(radius - 30).max() < 0.3
    # straight lines between the points would be farther off
    assert 30 - np.linalg.norm((circle[3] + circle[4]) / 2) > 0.5


def test_uneven_points_on_a_line_give_neither_loops_nor_bends() -> None:
    curve = smooth_curve(points((0, 5), (1, 5), (40, 5), (41.5, 5), (60, 5)))
    assert (np.diff(curve[:, 0]) > 0).all()
    assert (curve[:, 1] == 5).all()


def test_repeated_points_count_once() -> None:
    once = points((3, 4), (20, 30), (50, 10))
    assert np.array_equal(smooth_curve(once), smooth_curve(np.repeat(once, 3, axis=0)))
    assert np.array_equal(smooth_curve(np.repeat(once[:1], 4, axis=0)), once[:1])


def test_a_thin_line_on_a_row_is_that_row() -> None:
    expected = np.zeros((64, 80), np.uint8)
    expected[20, 10:51] = 255
    drawn = canvas_with(points((10, 20), (50, 20)))
    # half a pixel is round at each end
    drawn[20, [9, 51]] = 0
    assert np.array_equal(drawn, expected)
    between = canvas_with(points((10, 20.5), (50, 20.5)))
    assert set(between[20:22, 11:50].reshape(-1)) == {128}
    assert not between[[19, 22]].any()


@pytest.mark.parametrize("thickness", [1, 2, 3.5, 8])
@pytest.mark.parametrize("angle", [0, 0.3, 0.8, 1.2, 1.57])
def test_the_ink_is_length_times_thickness_at_any_angle(thickness: float, angle: float) -> None:
    reach = 25 * np.array([np.cos(angle), np.sin(angle)])
    middle = np.array([40.3, 31.8])
    drawn = canvas_with(np.stack([middle - reach, middle + reach]).astype(np.float32), thickness=thickness)
    area = 50 * thickness + np.pi * (thickness / 2) ** 2
    assert drawn.sum() / 255 == pytest.approx(area, rel=0.05)
    assert drawn.max() >= 250 or thickness == 1


def test_pieces_that_meet_are_no_brighter_than_one() -> None:
    ends = points((5, 8), (69, 40))
    whole = canvas_with(ends, thickness=3)
    middle = ends.mean(axis=0, keepdims=True)
    halves = canvas_with(np.concatenate([ends[:1], middle]), np.concatenate([middle, ends[1:]]), thickness=3)
    np.testing.assert_allclose(halves.astype(int), whole, atol=1)
    assert np.array_equal(canvas_with(ends, ends, thickness=3), whole)


def test_a_point_is_a_dot() -> None:
    drawn = canvas_with(points((30, 20)), thickness=5)
    assert drawn[20, 30] == 255
    assert drawn.sum() / 255 == pytest.approx(np.pi * 2.5**2, rel=0.05)
    assert np.array_equal(drawn[15:26, 25:36], drawn[15:26, 25:36].T)


def test_what_is_drawn_is_a_part_of_a_larger_picture() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        curve = random.uniform(-60, 140, (4, 2)).astype(np.float32).round(2)
        whole = canvas_with(curve + 100, thickness=4, size=(300, 300))
        part = canvas_with(curve, thickness=4)
        # the larger coordinates are rounded a little differently
        np.testing.assert_allclose(part.astype(int), whole[100:164, 100:180], atol=1)


def test_colours_are_mixed_at_soft_edges_only() -> None:
    canvas = np.full((20, 20, 3), 100, np.uint8)
    stroke(canvas, [points((2, 10), (17, 10))], (255, 0, 100), 4)
    assert canvas[10, 10].tolist() == [255, 0, 100]
    assert canvas[8, 10].tolist() == [178, 50, 100]
    assert (canvas[[0, 1, -2, -1]] == 100).all()


def test_points_far_outside_take_no_time_and_leave_no_ink() -> None:
    start = time.perf_counter()
    assert not canvas_with(points((1e30, 1e30), (1e30, -1e30), (2e30, 5)), thickness=9).any()
    assert canvas_with(points((-1e9, 20), (1e9, 20)))[20].min() == 255
    assert not canvas_with().any()
    assert time.perf_counter() - start < 1
