"""The image generator and the feature encoder: sizes, what they depend on, and features of objects."""

from typing import Any

import pytest
import torch
from torch import Tensor

from vid2vid.baselines import ImageGenerator
from vid2vid.config import EncoderConfig, ImageGeneratorConfig
from vid2vid.errors import ConfigError

CHANNELS = 3


def small(**settings: Any) -> ImageGenerator:  # noqa: ANN401 - any setting
    """Build a small image generator in float64."""
    given = {"base_channels": 4, "downsamples": 2, "blocks": 2, "finer_blocks": 1, **settings}
    return ImageGenerator(ImageGeneratorConfig(**given), CHANNELS).double()


def conditions(*shape: int) -> Tensor:
    """Draw conditions."""
    return torch.rand(*shape, dtype=torch.float64)


@pytest.mark.parametrize("scales", [1, 2, 3])
@pytest.mark.parametrize("size", [(32, 48), (33, 47)])
def test_any_size_comes_back_as_it_was(scales: int, size: tuple[int, int]) -> None:
    image = small(scales=scales)(conditions(2, CHANNELS, *size))
    assert image.shape == (2, 3, *size)
    assert image.abs().max() <= 1


def test_a_clip_is_its_frames() -> None:
    generator, source = small(scales=2), conditions(2, 3, CHANNELS, 16, 24)
    clip = generator(source)
    assert clip.shape == (2, 3, 3, 16, 24)
    torch.testing.assert_close(clip[1, 2], generator(source[1:, 2])[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
@pytest.mark.parametrize("scales", [1, 3])
def test_every_kernel_learns(scales: int, upsampling: str) -> None:
    generator = small(scales=scales, upsampling=upsampling)
    generator(conditions(2, CHANNELS, 32, 48)).square().mean().backward()
    assert all(p.grad is not None and p.grad.any() for p in generator.parameters() if p.ndim == 4)


def test_settings_that_cannot_work_are_named() -> None:
    with pytest.raises(ConfigError, match=r"image\.base_channels must be a multiple of 4 for scales=3"):
        ImageGeneratorConfig(scales=3, base_channels=6)
    with pytest.raises(ConfigError, match=r"image\.upsampling='blur'"):
        ImageGeneratorConfig(upsampling="blur")
    with pytest.raises(ConfigError, match=r"encoder\.features must be at least 0"):
        EncoderConfig(features=-1)
