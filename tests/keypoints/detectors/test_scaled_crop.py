"""Coordinates of crops and of their frames."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.keypoints.detectors.scaled_crop import Box, ScaledCrop


def blob(x: float, y: float) -> NDArray[np.uint8]:
    """Return a frame ``(80, 100, 3)`` with a soft spot whose middle lies at pixel centre ``(x, y)``."""
    rows, columns = np.mgrid[:80, :100]
    spot = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18)
    return np.repeat(spot.round().astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("scale", [0.5, 1, 2.5, 4])
@pytest.mark.parametrize("box", [Box(20, 10, 70, 60), Box(20.4, -30, 130, 60.3)])
def test_what_is_seen_in_a_window_is_found_again_in_the_frame(box: Box, scale: float) -> None:
    x, y = 42.25, 33.5
    window = ScaledCrop.cut(blob(x, y), box, scale)
    light = window.pixels[..., 0].astype(np.float64)
    rows, columns = np.indices(light.shape)
    seen = np.array([[(light * columns).sum(), (light * rows).sum()]], np.float32) / light.sum()
    # half a pixel of the frame would be the usual mistake
    np.testing.assert_allclose(window.to_frame(seen.astype(np.float32)), [[x, y]], atol=0.06)


def test_boxes_go_in_and_out_unchanged() -> None:
    window = ScaledCrop.cut(blob(0, 0), Box(20, 10, 70, 60), 2.5)
    inside = window.inside(Box(20, 10, 70, 60))
    assert inside == Box(0, 0, 125, 125)
    assert window.pixels.shape == (125, 125, 3)
    assert window.outside(inside) == Box(20, 10, 70, 60)


def test_a_box_beside_the_frame_shows_the_nearest_pixel() -> None:
    window = ScaledCrop.cut(blob(99, 79), Box(200, 200, 260, 260), 2)
    assert (window.left, window.top) == (99, 79)
    assert window.pixels.shape == (2, 2, 3)
    assert (window.pixels == 255).all()


def test_overlap_is_that_of_areas() -> None:
    box = Box(0, 0, 10, 10)
    assert box.overlap(box) == 1
    assert box.overlap(Box(5, 0, 15, 10)) == pytest.approx(50 / 150)
    assert box.overlap(Box(10, 0, 20, 10)) == box.overlap(Box(30, 30, 40, 40)) == 0
    assert box.widened(0.5) == Box(-5, -5, 15, 15)
