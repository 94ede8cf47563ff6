"""Learned edges of a real frame."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.keypoints.detectors.learned_edges import LearnedEdges


@pytest.mark.usefixtures("hed_installed")
def test_edges_lie_on_the_outline_of_a_dancer(
    dance_frames: list[NDArray[np.uint8]], dance_masks: list[NDArray[np.bool_]]
) -> None:
    # the dancer alone, at a fifth of the size; an odd number of rows and columns
    rows, columns = (slice(min(i), max(i) + 1) for i in np.nonzero(dance_masks[0]))
    size = (87, 141)
    frame, mask = (
        np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        for picture in (dance_frames[0][rows, columns], dance_masks[0][rows, columns].astype(np.uint8) * 255)
    )
    edges = LearnedEdges()(frame)
    assert edges.shape == (141, 87)
    assert edges.dtype == np.uint8
    outline = cv2.dilate(cv2.Canny(mask, 60, 150), np.ones((5, 5), np.uint8)) > 0
    assert edges[outline].mean() > 1.5 * edges[~outline].mean()
    assert edges.max() > 200
