"""Canny's edges of a picture that is made by hand."""

import numpy as np

from vid2vid.video import canny


def test_edges_run_along_the_border_of_a_square() -> None:
    frame = np.zeros((32, 40, 3), np.uint8)
    frame[8:24, 10:30] = (0, 200, 0)
    edges = canny(frame, 60, 150)
    assert edges.shape == (32, 40)
    assert edges.dtype == np.uint8
    assert set(np.unique(edges)) == {0, 255}
    ys, xs = np.nonzero(edges)
    assert (ys.min(), ys.max(), xs.min(), xs.max()) in {
        (7, 23, 9, 29),
        (8, 24, 10, 30),
        (7, 24, 9, 30),
        (8, 23, 10, 29),
    }
    assert not edges[10:22, 12:28].any()


def test_edges_below_the_thresholds_are_dropped() -> None:
    frame = np.zeros((32, 40, 3), np.uint8)
    frame[:, 20:] = 30
    # Sobel's response to a step of 30 levels is 4 times as large
    assert canny(frame, 50, 100).any()
    assert not canny(frame, 130, 200).any()
