"""Conditions that are pictures: edges, grey and RGB."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.conditions import encode, kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.ops import to_images

PATH = Path("some/pictures.mkv")


def disc() -> NDArray[np.uint8]:
    """Return a bright disc on a dark ground, twice, ``(2, 64, 64, 3)``."""
    ys, xs = np.mgrid[:64, :64]
    inside = (xs - 32) ** 2 + (ys - 32) ** 2 < 20**2
    return np.repeat(np.where(inside, 200, 20).astype(np.uint8)[None, ..., None], 2, axis=0).repeat(3, axis=-1)


def test_edges_are_thin_lines_of_0_and_255_round_the_object() -> None:
    planes = kind_of(Condition("edges")).planes(disc(), CropResize(), PATH, range(9))
    assert planes.shape == (2, 1, 64, 64)
    assert planes.dtype == np.uint8
    assert set(np.unique(planes)) == {0, 255}
    ys, xs = np.nonzero(planes[0, 0])
    distance = np.hypot(xs - 32, ys - 32)
    # Canny's lines lie on the border, to a pixel and a half, and go all the way round (126 pixels)
    assert np.abs(distance - 20).max() < 1.5
    assert 90 < len(xs) < 180


def test_edges_weaker_than_the_thresholds_are_dropped() -> None:
    sharp = kind_of(Condition("edges", edge_thresholds=[60, 150])).planes(disc(), CropResize(), PATH, range(9))
    # the strongest gradient of the disc, Sobel's 180 · 4 in x and in y, is below 1500
    none = kind_of(Condition("edges", edge_thresholds=[2000, 3000])).planes(disc(), CropResize(), PATH, range(9))
    assert sharp.any()
    assert not none.any()


def test_edges_are_those_of_the_framed_picture() -> None:
    # edges that were resized themselves would be grey, and thicker or lost
    frames, crop_resize = disc(), CropResize(24, 32, crop=(0, 0, 48, 64))
    planes = kind_of(Condition("edges")).planes(frames, crop_resize, PATH, range(9))
    gray = cv2.cvtColor(crop_resize.images(frames)[0], cv2.COLOR_RGB2GRAY)
    assert np.array_equal(planes[0, 0], cv2.Canny(gray, 60, 150))


def test_images_keep_their_channels() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 8, 10, 3), np.uint8)
    planes = kind_of(Condition("image")).planes(frames, CropResize(), PATH, range(9))
    assert np.array_equal(planes, frames.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("crop_resize", [CropResize(), CropResize(7, 13), CropResize(40, 50)])
def test_grey_frames_are_the_same_with_one_channel_and_with_three(crop_resize: CropResize) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 20, 30), np.uint8)
    grey = kind_of(Condition("grey"))
    planes = grey.planes(frames, crop_resize, PATH, range(9))
    assert planes.shape[:2] == (2, 1)
    np.testing.assert_array_equal(
        grey.planes(np.repeat(frames[..., None], 3, axis=3), crop_resize, PATH, range(9)), planes
    )


@pytest.mark.parametrize(("kind", "channels"), [("edges", 1), ("grey", 1), ("image", 3)])
def test_pictures_are_encoded_as_images(kind: str, channels: int) -> None:
    source = torch.randint(0, 256, (1, 2, channels, 4, 4), dtype=torch.uint8)
    code = encode(Condition(kind), source)
    assert torch.equal(code, to_images(source))
    assert code.shape[2] == Condition(kind).channels


def test_edges_are_shown_in_white_and_images_as_themselves() -> None:
    edges = np.array([[[0, 255]]], np.uint8)
    np.testing.assert_array_equal(kind_of(Condition("edges")).picture(edges), [[[0] * 3, [255] * 3]])
    image = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    np.testing.assert_array_equal(kind_of(Condition("image")).picture(image), image.transpose(1, 2, 0))
