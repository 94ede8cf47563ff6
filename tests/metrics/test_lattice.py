"""The lattice that layers of stride 2 leave is seen whatever its period, and nothing else is taken for it."""

import pytest
import torch
from torch import Tensor

from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.lattice import Lattice, mean_block


def level(video: Tensor) -> float:
    """Return the root mean square of the mean block."""
    return float(mean_block(video).square().mean().sqrt())


def checkers(amplitude: float, period: int = 2, size: int = 64) -> Tensor:
    """Return a field ``(H, W)`` that alternates by ``amplitude`` levels of 255 up and down, in squares."""
    places = torch.arange(size) * 2 // period
    return torch.where((places[:, None] + places) % 2 == 0, 1.0, -1.0) * amplitude * 2 / 255


def test_checkers_have_eight_ninths_of_their_height() -> None:
    # the mean over 3 x 3 pixels holds five of one sign and four of the other; nothing counts at the border of the frame
    video = checkers(3.0, size=256).expand(4, 3, -1, -1)
    assert level(video) == pytest.approx(3 * 8 / 9, rel=0.02)
    sign = checkers(3.0, size=8).sign()
    assert torch.equal(mean_block(video).sign(), sign)


@pytest.mark.parametrize("period", [4, 8])
def test_other_periods_of_convolutions_are_seen(period: int) -> None:
    assert level(checkers(3.0, period).expand(2, 3, -1, -1)) > 0.8


def test_ramps_and_outlines_are_none() -> None:
    assert level(torch.linspace(-1, 1, 64).expand(3, 3, 64, 64)) < 1e-3
    moving = torch.stack([torch.where(torch.arange(64) > 3 * t, 1.0, -1.0).expand(3, 64, 64) for t in range(20)])
    # an edge of full contrast in each frame leaves less than checkers of three levels
    assert level(moving) < 0.3 * level(checkers(3.0).expand(20, 3, -1, -1))


def test_texture_averages_out_and_a_lattice_in_it_does_not() -> None:
    torch.manual_seed(0)
    noise = 0.1 * torch.randn(4, 1, 64, 64).expand(-1, 3, -1, -1)
    assert level(noise) < 1
    assert level(noise + checkers(3.0)) == pytest.approx(3 * 8 / 9, rel=0.15)


def test_a_clip_in_parts_has_the_value_of_the_whole_and_the_given_frames_do_not_count() -> None:
    torch.manual_seed(0)
    video = torch.rand(1, 9, 3, 40, 70) * 2 - 1
    clip = ReferenceClip(video.clone(), None, given=2)
    whole, parted = Lattice(), Lattice()
    whole.update(video, clip)
    for times, part in clip.parts(3):
        parted.update(video[:, times], part)
    assert float(whole.compute()) == pytest.approx(level(video[0, 2:]), rel=1e-5)
    assert float(parted.compute()) == pytest.approx(float(whole.compute()), rel=1e-5)


def test_small_frames_have_none() -> None:
    metric, video = Lattice(), torch.zeros(1, 3, 3, 31, 64)
    metric.update(video, ReferenceClip(video, None, given=1))
    assert metric.figure("lattice") is None
    assert metric.notes == ["lattice: left out of clips whose frames have a side of less than 32 pixels."]
