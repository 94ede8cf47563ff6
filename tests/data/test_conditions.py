"""From source frames to the planes of a clip."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.conditions import to_planes
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import DataError

PATH = Path("some/labels.mkv")


def as_read(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return label maps ``(N, H, W)`` as a reader gives them."""
    return np.repeat(labels[..., None], 3, axis=-1)


def test_ids_become_their_place_in_the_list() -> None:
    condition = Condition(label_ids=[24, 0, 255, 7])
    labels = np.random.default_rng(0).choice(np.array(condition.label_ids, np.uint8), (3, 8, 10))
    planes = to_planes(condition, as_read(labels), CropResize(), PATH, 0)
    assert planes.dtype == np.uint8
    assert planes.shape == (3, 1, 8, 10)
    for t in range(3):
        for y in range(8):
            for x in range(10):
                assert condition.label_ids[planes[t, 0, y, x]] == labels[t, y, x]


def test_an_unknown_id_is_named_with_file_frame_and_place() -> None:
    labels = np.zeros((4, 8, 10), np.uint8)
    labels[2, 5, 7] = 33
    with pytest.raises(DataError) as caught:
        to_planes(Condition(label_ids=[0, 26]), as_read(labels), CropResize(), PATH, first=40)
    message = str(caught.value)
    assert message.startswith(f"{PATH}: frame 42 has the label id 33 at row 5, column 7")
    assert "(0, 26)" in message


def test_coloured_label_maps_are_refused() -> None:
    frames = as_read(np.zeros((2, 8, 10), np.uint8))
    frames[1, 3, 3, 2] = 1
    with pytest.raises(DataError, match=r"labels\.mkv: frame 6 is no label map"):
        to_planes(Condition(label_ids=[0, 1]), frames, CropResize(), PATH, first=5)


def test_resized_labels_are_still_indices() -> None:
    labels = np.random.default_rng(0).choice(np.array([3, 200], np.uint8), (1, 20, 20))
    planes = to_planes(Condition(label_ids=[3, 200]), as_read(labels), CropResize(7, 9), PATH, 0)
    assert planes.shape == (1, 1, 7, 9)
    assert set(np.unique(planes)) == {0, 1}


def disc() -> NDArray[np.uint8]:
    """Return a bright disc on a dark ground, twice, ``(2, 64, 64, 3)``."""
    ys, xs = np.mgrid[:64, :64]
    inside = (xs - 32) ** 2 + (ys - 32) ** 2 < 20**2
    return np.repeat(np.where(inside, 200, 20).astype(np.uint8)[None, ..., None], 2, axis=0).repeat(3, axis=-1)


def test_edges_are_thin_lines_of_0_and_255_round_the_object() -> None:
    planes = to_planes(Condition(kind="edges"), disc(), CropResize(), PATH, 0)
    assert planes.shape == (2, 1, 64, 64)
    assert planes.dtype == np.uint8
    assert set(np.unique(planes)) == {0, 255}
    ys, xs = np.nonzero(planes[0, 0])
    distance = np.hypot(xs - 32, ys - 32)
    # Canny's lines lie on the border, to a pixel and a half, and go all the way round (126 pixels)
    assert np.abs(distance - 20).max() < 1.5
    assert 90 < len(xs) < 180


def test_edges_weaker_than_the_thresholds_are_dropped() -> None:
    sharp = to_planes(Condition(kind="edges", edge_thresholds=[60, 150]), disc(), CropResize(), PATH, 0)
    # the strongest gradient of the disc, Sobel's 180 · 4 in x and in y, is below 1500
    none = to_planes(Condition(kind="edges", edge_thresholds=[2000, 3000]), disc(), CropResize(), PATH, 0)
    assert sharp.any()
    assert not none.any()


def test_edges_are_those_of_the_framed_picture() -> None:
    # edges that were resized themselves would be grey, and thicker or lost
    frames, crop_resize = disc(), CropResize(24, 32, crop=(0, 0, 48, 64))
    planes = to_planes(Condition(kind="edges"), frames, crop_resize, PATH, 0)
    gray = cv2.cvtColor(crop_resize.images(frames)[0], cv2.COLOR_RGB2GRAY)
    assert np.array_equal(planes[0, 0], cv2.Canny(gray, 60, 150))


def test_images_keep_their_channels() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 8, 10, 3), np.uint8)
    planes = to_planes(Condition(kind="image"), frames, CropResize(), PATH, 0)
    assert np.array_equal(planes, frames.transpose(0, 3, 1, 2))
