"""Distortions do what they say, by degrees."""

import pytest
import torch
from torch import Tensor

from distortions import (
    DISTORTIONS,
    blotches,
    blur,
    checkerboard,
    fade,
    flicker,
    freeze,
    halt,
    jitter,
    noise,
    shuffle,
    wobble,
)


@pytest.fixture
def video() -> Tensor:
    return torch.rand(2, 6, 3, 24, 32) * 1.2 - 0.6


@pytest.mark.parametrize("kind", DISTORTIONS)
def test_shape_and_range_stay_and_something_changes(kind: str, video: Tensor) -> None:
    spoilt = DISTORTIONS[kind](video, 2 if kind != "checkerboard" else 1)
    assert spoilt.shape == video.shape
    assert spoilt.abs().max() <= 1
    assert not torch.equal(spoilt, video)


def test_a_degree_of_zero_changes_nothing(video: Tensor) -> None:
    for same in (noise(video, 0), flicker(video, 0), checkerboard(video, 0), blotches(video, 0), jitter(video, 0)):
        assert torch.equal(same, video)
    torch.testing.assert_close(wobble(video, 0), video, rtol=0, atol=1e-5)


def test_frames_are_taken_from_other_times(video: Tensor) -> None:
    assert torch.equal(freeze(video, 3), video[:, [0, 0, 0, 3, 3, 3]])
    assert torch.equal(halt(video, 2), video[:, [0, 1, 2, 3, 3, 3]])
    mixed = shuffle(video, 3)
    for part in (slice(0, 3), slice(3, 6)):
        for before, after in zip(video[:, part], mixed[:, part], strict=True):
            assert sorted(float(frame.sum()) for frame in before) == sorted(float(frame.sum()) for frame in after)


def test_a_blur_keeps_what_is_uniform_and_spreads_a_point() -> None:
    point = torch.zeros(1, 1, 1, 31, 31)
    point[..., 15, 15] = 1
    spread = blur(point, 2.0)[0, 0, 0]
    assert spread.sum().item() == pytest.approx(1, abs=1e-5)
    x = torch.arange(31.0) - 15
    assert (spread.sum(0) * x.square()).sum().item() == pytest.approx(4, rel=0.02)
    flat = torch.full((1, 2, 3, 9, 9), 0.3)
    torch.testing.assert_close(blur(flat, 1.0), flat)


def test_a_shift_takes_the_frame_along() -> None:
    ramp = torch.arange(32.0).expand(1, 5, 3, 24, 32) / 40
    moved = jitter(ramp, 3) - ramp
    inner = moved[..., 4:-4]
    assert inner.flatten(2).std(2).max() < 1e-6
    assert (inner[0, :, 0, 0, 0] * 40).round().abs().max() <= 3


def test_a_checkerboard_is_as_strong_as_the_texture_and_stands_still(video: Tensor) -> None:
    still = video[:, :1].expand_as(video)
    spoilt = checkerboard(still, 1.0)
    texture, pattern = (each - blur(still, 1.0) for each in (still, spoilt))
    ratio = pattern.square().mean().sqrt() / texture.square().mean().sqrt()
    assert ratio.item() == pytest.approx(1, abs=0.1)
    # two pixels to the right and two down it is the same
    signs = pattern.sign()
    assert (signs[..., 2:, 2:] == signs[..., :-2, :-2]).all()
    assert (signs[..., 2:] == -signs[..., :-2]).all()


def test_a_fade_begins_with_the_frame_itself_and_ends_blurred(video: Tensor) -> None:
    faded = fade(video, 2.0)
    assert torch.equal(faded[:, 0], video[:, 0])
    torch.testing.assert_close(faded[:, -1], blur(video[:, -1:], 2.0)[:, 0])
    assert (faded.std((0, 2, 3, 4)).diff() < 0).all()
