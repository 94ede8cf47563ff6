"""Filling gaps, and taking trembling away."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import ConfigError
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.repair import interpolate, smooth


def track(values: NDArray[np.float64], seen: NDArray[np.bool_]) -> Keypoints:
    """Return keypoints whose first point goes along ``values`` (T,), the others being missing."""
    points = np.zeros((len(values), 1, 68, 3), np.float32)
    points[:, 0, 0] = np.stack([values, -2 * values, np.where(seen, 0.5, 0)], axis=1)
    points[~seen] = 0
    return Keypoints(points, (9, 9), 25)


def wild(frames: int = 30) -> Keypoints:
    """Return keypoints of two people, a third of the points missing."""
    random = np.random.default_rng(0)
    points = random.random((frames, 2, 68, 3), np.float32) * np.array([50, 50, 1], np.float32)
    points[random.random((frames, 2, 68)) < 0.33] = 0
    return Keypoints(points)


def test_every_pattern_of_gaps_is_filled_as_said() -> None:
    values = np.array([3.0, 8, 1, 7, 20, -4, 5])
    now = np.arange(7)
    for pattern in product([False, True], repeat=7):
        seen = np.array(pattern)
        runs = "".join("x" if flag else "." for flag in seen).replace("x", " x ").split()
        gap = np.concatenate([[0 if run == "x" else len(run)] * len(run) for run in runs])
        for longest in (0, 1, 2, 7):
            filled = ~seen & (gap <= longest) & seen.any()
            repaired, report = interpolate(track(values, seen), longest)
            first = repaired.points[:, 0, 0]
            assert np.array_equal(first[:, 2] > 0, seen | filled)
            if seen.any():
                # numpy's takes the nearest at the ends, too
                expected = np.interp(now, now[seen], values[seen])[seen | filled]
                np.testing.assert_allclose(first[seen | filled, 0], expected, rtol=1e-5)
                np.testing.assert_allclose(first[seen | filled, 1], -2 * expected, rtol=1e-5)
            assert (report.frames, report.empty, report.filled) == (7, (~seen).sum(), filled.sum())
            still = [frame for span in report.missing for frame in span]
            assert still == np.flatnonzero(~(seen | filled)).tolist()
            assert all(
                before.stop < after.start for before, after in zip(report.missing, report.missing[1:], strict=False)
            )


def test_points_are_filled_each_for_itself() -> None:
    keypoints = wild()
    repaired, report = interpolate(keypoints, 2)
    seen = keypoints.points[..., 2] > 0
    assert np.array_equal(repaired.points[seen], keypoints.points[seen])
    assert report.filled == ((repaired.points[..., 2] > 0) & ~seen).sum() > 500
    assert (report.empty, report.missing) == (0, ())
    for person, point in ((0, 5), (1, 60)):
        alone = np.zeros_like(keypoints.points)
        alone[:, person, point] = keypoints.points[:, person, point]
        only, _ = interpolate(Keypoints(alone), 2)
        assert np.array_equal(only.points[:, person, point], repaired.points[:, person, point])


def test_confidence_is_filled_in_between() -> None:
    keypoints = track(np.arange(5.0), np.array([True, False, False, False, True]))
    keypoints.points[4, 0, 0, 2] = 0.9
    repaired, _ = interpolate(keypoints, 3)
    np.testing.assert_allclose(repaired.points[:, 0, 0, 2], [0.5, 0.6, 0.7, 0.8, 0.9], rtol=1e-6)
    assert (repaired.size, repaired.fps) == ((9, 9), 25)


def test_the_report_reads_well() -> None:
    seen = np.array([True, False, True, False, False, False, True, False, False])
    assert str(interpolate(track(np.arange(9.0), seen), 1)[1]) == (
        "9 frames, 6 without anybody; 1 points filled in, still nobody in 3-5, 7-8"
    )
    assert str(interpolate(track(np.arange(9.0), seen), 3)[1]) == (
        "9 frames, 6 without anybody; 6 points filled in, no frame left without anybody"
    )
    assert interpolate(track(np.zeros(1), np.array([False])))[1].missing == (range(1),)
    assert str(interpolate(Keypoints(np.zeros((0, 1, 68, 3), np.float32)))[1]).startswith("0 frames")


def test_steady_motion_stays_as_it_is() -> None:
    keypoints = wild()
    velocity = np.random.default_rng(1).normal(0, 5, (2, 68, 2))
    places = np.arange(30)[:, None, None, None] * velocity + 20
    keypoints.points[..., :2] = places
    for sigma in (0.5, 2, 10):
        seen = keypoints.points[..., 2] > 0
        smoothed = smooth(keypoints, sigma)
        # whatever the confidences, in runs of any length, and at the ends: nothing lags behind
        np.testing.assert_allclose(smoothed.points[seen], keypoints.points[seen], rtol=1e-4, atol=1e-3)


def test_smoothing_is_the_same_backwards_in_time() -> None:
    keypoints = wild()
    backwards = smooth(Keypoints(keypoints.points[::-1].copy()), 2).points[::-1]
    np.testing.assert_allclose(backwards, smooth(keypoints, 2).points, atol=1e-3)


def test_confidence_and_missing_points_stay() -> None:
    keypoints = wild()
    smoothed = smooth(keypoints, 1.5).points
    assert np.array_equal(smoothed[..., 2], keypoints.points[..., 2])
    missing = keypoints.points[..., 2] == 0
    assert not smoothed[missing].any()
    assert (smoothed[~missing] != keypoints.points[~missing]).any()


def test_trembling_shrinks_and_the_motion_stays() -> None:
    random = np.random.default_rng(0)
    motion = 40 * np.sin(np.arange(200) / 25)
    trembling = motion + random.normal(0, 2, 200)
    smoothed = smooth(track(trembling, np.ones(200, bool)), 3).points[:, 0, 0, 0]
    assert np.std(smoothed - motion) < 0.5 * np.std(trembling - motion)
    # zero phase: no shift in time fits better than none
    errors = [np.std(smoothed[5:-5] - motion[5 + lag : len(motion) - 5 + lag]) for lag in range(-3, 4)]
    assert int(np.argmin(errors)) == 3


def test_nothing_is_smeared_over_a_gap() -> None:
    seen = np.ones(20, bool)
    seen[9] = False
    values = np.random.default_rng(0).normal(0, 3, 20)
    jump = np.where(np.arange(20) > 9, values + 1000, values)
    near, far = (smooth(track(x, seen), 4).points[:, 0, 0, 0] for x in (values, jump))
    assert np.array_equal(near[:10], far[:10])
    np.testing.assert_allclose(near[10:] + 1000, far[10:], atol=1e-3)


def test_doubtful_points_follow_the_sure_ones() -> None:
    values = np.zeros(11)
    values[5] = 10
    keypoints = track(values, np.ones(11, bool))
    sure = smooth(keypoints, 2).points[5, 0, 0, 0]
    keypoints.points[5, 0, 0, 2] = 0.01
    doubtful = smooth(keypoints, 2).points[5, 0, 0, 0]
    assert 0 < doubtful < 0.1 < 1 < sure < 10


def test_frames_alone_stay() -> None:
    seen = np.arange(12) % 2 == 0
    keypoints = track(np.random.default_rng(0).normal(0, 9, 12), seen)
    np.testing.assert_allclose(smooth(keypoints, 3).points, keypoints.points, rtol=1e-6)
    assert len(smooth(keypoints[3:3], 3)) == 0
    assert smooth(keypoints, 0) is keypoints


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match="longest_gap must be 0 or more frames, but is -1"):
        interpolate(wild(2), -1)
    for sigma in (-1, float("nan"), float("inf")):
        with pytest.raises(ConfigError, match="sigma must be 0 or more frames"):
            smooth(wild(2), sigma)
