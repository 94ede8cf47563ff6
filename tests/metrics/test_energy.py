"""Oriented energy answers to the patterns that it is made for, and to nothing else."""

import math

import pytest
import torch
from torch import Tensor

from vid2vid.metrics.energy import MotionEnergy, SpatialEnergy


def grating(angle: float, speed: float = 0.0, period: float = 4.0, frames: int = 8) -> Tensor:
    """Return a moving grating ``(1, 3, T, 32, 32)`` that is ``period`` pixels wide, faint as real texture."""
    t, y, x = (axis.float() for axis in torch.meshgrid(*map(torch.arange, (frames, 32, 32)), indexing="ij"))
    along = x * math.cos(angle) + y * math.sin(angle) - speed * t
    return (0.2 * torch.cos(along * (2 * math.pi / period)))[None, None].expand(1, 3, -1, -1, -1)


def middle(maps: Tensor) -> Tensor:
    """Return the mean of each channel away from the borders."""
    return maps[..., 10:-10, 10:-10].flatten(2).mean((0, 2))


@pytest.mark.parametrize("orientation", range(4))
def test_a_grating_excites_its_own_orientation_most(orientation: int) -> None:
    image = grating(orientation * math.pi / 4)[:, :, 0]
    energy = middle(SpatialEnergy(1)(image)[0])[:4]
    assert energy.argmax() == orientation
    # the wave's own amplitude against the noise constant: filters of unit gain
    assert energy.max().item() == pytest.approx(math.log1p(0.2 / 0.02), rel=0.05)


def test_energy_does_not_depend_on_the_phase() -> None:
    image = grating(0.0)[:, :, 0]
    one, other = (SpatialEnergy(1)(torch.roll(image, shift, -1))[0][:, 0, 10:-10, 10:-10] for shift in (0, 1))
    assert torch.allclose(one, other, rtol=0.05)


@pytest.mark.parametrize(("speed", "group"), [(0.0, 0), (1.0, 1), (-1.0, 2)])
@pytest.mark.parametrize("orientation", range(4))
def test_standing_and_moving_patterns_are_told_apart(speed: float, group: int, orientation: int) -> None:
    energy = middle(MotionEnergy(1)(grating(orientation * math.pi / 4, speed))[0])[:12]
    assert energy.argmax() == 4 * group + orientation


@pytest.mark.parametrize("brightness", [-1.0, 0.5])
def test_nothing_is_seen_in_a_uniform_video(brightness: float) -> None:
    for maps in MotionEnergy()(torch.full((1, 3, 8, 32, 32), brightness)):
        energy, colour, flicker = maps.split_with_sizes([12, 3, 3], dim=1)
        assert energy.abs().max() < 1e-3
        assert flicker.abs().max() < 1e-3
        assert torch.allclose(colour[:, 0], torch.tensor(brightness))


def test_flicker_is_seen_in_its_own_colour() -> None:
    video = torch.zeros(1, 3, 8, 32, 32)
    video[:, 0] += 0.1 * torch.cos(torch.arange(8.0) * math.pi / 2)[:, None, None]
    video[:, 1] -= 0.1 * torch.cos(torch.arange(8.0) * math.pi / 2)[:, None, None]
    bright, red_green, blue_yellow = middle(MotionEnergy(1)(video)[0])[-3:]
    assert bright < 1e-4
    assert blue_yellow < 1e-4
    assert red_green > 1


@pytest.mark.parametrize(("network", "shape"), [(SpatialEnergy(), (2, 3, 40, 72)), (MotionEnergy(), (2, 3, 8, 40, 72))])
def test_the_number_of_features_is_known_beforehand(network: SpatialEnergy | MotionEnergy, shape: tuple[int]) -> None:
    maps = network(torch.rand(shape))
    assert network.features == sum(2 * level.shape[1] for level in maps)


def test_filters_are_no_weights() -> None:
    # they would be written into every checkpoint, and random ones would differ from run to run
    assert not MotionEnergy().state_dict()
    assert torch.equal(MotionEnergy().filters, MotionEnergy().filters)


def test_images_too_small_for_the_scales_are_refused() -> None:
    with pytest.raises(ValueError, match="4 scales need images of at least 32 x 32 pixels, not 16 x 64"):
        SpatialEnergy()(torch.zeros(1, 3, 16, 64))
    with pytest.raises(ValueError, match="scales=0"):
        SpatialEnergy(0)
