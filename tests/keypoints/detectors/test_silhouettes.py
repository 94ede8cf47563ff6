"""Silhouettes of frames in which nobody was found come from the frames around."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.keypoints.detectors.silhouettes import fill_gaps


def strip(*values: int) -> list[NDArray[np.uint8]]:
    """Return silhouettes of one row; a value is that of its second pixel."""
    return [np.array([[0, value, value // 2]], np.uint8) for value in values]


@pytest.mark.parametrize(
    ("found", "filled"),
    [
        ((100, 200), (100, 200)),
        ((100, 0, 0, 0, 200), (100, 125, 150, 175, 200)),
        ((0, 0, 80, 40), (80, 80, 80, 40)),
        ((40, 80, 0), (40, 80, 80)),
        ((100, 0, 200, 0, 0, 0, 0, 100), (100, 150, 200, 0, 0, 0, 0, 100)),
        ((0, 0, 0, 0, 90, 0, 0, 0, 0), (0, 0, 0, 0, 90, 0, 0, 0, 0)),
        ((0, 0), (0, 0)),
    ],
)
def test_gaps_are_filled_unless_they_are_too_long(found: tuple[int, ...], filled: tuple[int, ...]) -> None:
    made = list(fill_gaps(strip(*found), longest_gap=3))
    assert [int(silhouette[0, 1]) for silhouette in made] == list(filled)
    assert all(silhouette.dtype == np.uint8 and silhouette[0, 0] == 0 for silhouette in made)


def test_a_long_gap_is_not_kept_in_memory() -> None:
    blank = np.zeros((1, 3), np.uint8)
    made = fill_gaps((blank if i else strip(9)[0] for i in range(100_000)), longest_gap=8)
    assert sum(int(silhouette.any()) for silhouette in made) == 1
