"""Pictures of channels."""

import numpy as np

from vid2vid.data.conditions.colours import channels_picture, hues, hues_picture


def test_channels_are_grey_or_rgb() -> None:
    planes = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    np.testing.assert_array_equal(channels_picture(planes), planes.transpose(1, 2, 0))
    np.testing.assert_array_equal(channels_picture(planes[:1]), np.repeat(planes[0][..., None], 3, axis=2))


def test_hues_differ() -> None:
    colours = hues(40)
    assert colours.shape == (40, 3)
    assert len({tuple(colour) for colour in colours.tolist()}) == 40


def test_the_brightest_channel_wins() -> None:
    planes = np.array([[[255, 0, 255]], [[0, 255, 255]]], np.uint8)
    first, second = hues(2)
    np.testing.assert_array_equal(hues_picture(planes)[0], [first, second, np.maximum(first, second)])
    assert not hues_picture(planes // 255)[0].max() > 1
