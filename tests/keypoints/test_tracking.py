"""Who is who from frame to frame."""

import numpy as np
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.tracking import track_people


def walkers(person: NDArray[np.float32], starts: list[float], speeds: list[float], frames: int) -> NDArray[np.float32]:
    """Return people ``(T, P, 137, 3)`` who walk across, each in its row."""
    places = np.array(starts) + np.arange(frames)[:, None] * np.array(speeds)
    points = np.tile(person, (frames, len(starts), 1, 1))
    points[..., 0] += places[..., None].astype(np.float32)
    return points


def test_people_in_any_order_keep_their_rows(person: NDArray[np.float32]) -> None:
    expected = walkers(person, [0, 150, 400], [4, -3, 1], 12)
    random = np.random.default_rng(0)
    shuffled = np.stack([expected[0], *(random.permutation(frame) for frame in expected[1:])])
    assert not np.array_equal(shuffled, expected)
    tracked = track_people(Keypoints(shuffled, (5, 6), 25))
    assert np.array_equal(tracked.points, expected)
    assert (tracked.size, tracked.fps) == ((5, 6), 25)
    assert np.array_equal(track_people(tracked).points, expected)


def test_who_comes_back_gets_the_old_row(person: NDArray[np.float32]) -> None:
    expected = walkers(person, [0, 300], [1, 1], 9)
    expected[3:6, 0] = 0
    # detectors put those they find first
    packed = expected.copy()
    packed[3:6] = expected[3:6, ::-1]
    assert np.array_equal(track_people(Keypoints(packed)).points, expected)


def test_somebody_far_away_is_somebody_new(person: NDArray[np.float32]) -> None:
    expected = walkers(person, [0, 900], [2, 2], 6)
    expected[:3, 1] = expected[3:5, 0] = 0
    packed = expected.copy()
    packed[3:5] = expected[3:5, ::-1]
    assert np.array_equal(track_people(Keypoints(packed)).points, expected)


def test_those_without_common_points_are_kept_all_the_same(person: NDArray[np.float32]) -> None:
    upper, lower = person.copy(), person.copy()
    upper[8:, 2] = lower[:8, 2] = 0
    points = np.stack([upper[None], lower[None]])
    assert np.array_equal(track_people(Keypoints(points)).points, points)
    assert len(track_people(Keypoints(points[:0]))) == 0
