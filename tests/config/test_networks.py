"""Networks: values that cannot work, and the paper's defaults."""

from typing import Any

import pytest

from vid2vid.config.networks import (
    CovstConfig,
    DiscriminatorsConfig,
    EncoderConfig,
    GeneratorConfig,
    ImageGeneratorConfig,
    PatchDiscriminatorConfig,
    PredictorConfig,
)
from vid2vid.config.settings import build
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("cls", "given", "message"),
    [
        (GeneratorConfig, {"past_frames": 0}, r"generator\.past_frames must be at least 1, but is 0"),
        (GeneratorConfig, {"base_channels": 0}, r"generator\.base_channels must be at least 1"),
        (GeneratorConfig, {"downsamples": -1}, r"generator\.downsamples must be at least 0"),
        (GeneratorConfig, {"blocks": 1}, r"generator\.blocks must be at least 2"),
        (GeneratorConfig, {"norm": "instnce"}, r"generator\.norm='instnce' is unknown\. Did you mean 'instance'\?"),
        (
            GeneratorConfig,
            {"scales": 3, "base_channels": 6},
            r"generator\.base_channels must be a multiple of 4 for scales=3",
        ),
        (ImageGeneratorConfig, {"scales": 2, "base_channels": 5}, r"image\.base_channels must be a multiple of 2"),
        (CovstConfig, {"mask_channels": 0}, r"covst\.mask_channels must be at least 1"),
        (EncoderConfig, {"features": -1}, r"encoder\.features must be at least 0"),
        (PredictorConfig, {"blocks": 1}, r"predictor\.blocks must be at least 2"),
        (PatchDiscriminatorConfig, {"base_channels": 0}, r"discriminator\.base_channels must be at least 1"),
        (PatchDiscriminatorConfig, {"layers": 0}, r"discriminator\.layers must be at least 1"),
        (PatchDiscriminatorConfig, {"scales": 0}, r"discriminator\.scales must be at least 1"),
        (PatchDiscriminatorConfig, {"norm": "group"}, r"discriminator\.norm='group' is unknown"),
        (
            DiscriminatorsConfig,
            {"discriminator_frames": 1},
            r"discriminators\.discriminator_frames must be at least 2, but is 1",
        ),
        (DiscriminatorsConfig, {"temporal_strides": [1, 0]}, r"temporal_strides must be at least 1, but is 0"),
        (
            DiscriminatorsConfig,
            {"temporal_strides": [1, 3, 3]},
            r"temporal_strides must be different numbers, but is \[1, 3, 3\]",
        ),
        (
            DiscriminatorsConfig,
            {"video_windows": "sparce"},
            r"video_windows='sparce' is unknown\. Did you mean 'sparse'\?",
        ),
    ],
)
def test_values_that_cannot_work_are_refused(cls: type[Any], given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(cls, given, "part")


def test_the_defaults_are_those_of_the_paper() -> None:
    generator, discriminators = GeneratorConfig(), DiscriminatorsConfig()
    assert (generator.past_frames, generator.base_channels, generator.downsamples, generator.blocks) == (2, 128, 3, 9)
    assert generator.flow_scale == 20
    assert (discriminators.discriminator_frames, discriminators.temporal_strides) == (3, [1, 3, 9])
    assert discriminators.image.base_channels == 64


def test_frames_are_padded_for_all_downsamplings() -> None:
    assert GeneratorConfig(downsamples=3, scales=3).multiple == 32
    assert ImageGeneratorConfig(downsamples=4, scales=1).multiple == 16
    assert PredictorConfig(downsamples=2).multiple == 4
