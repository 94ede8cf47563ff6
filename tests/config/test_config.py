"""Settings: from plain mappings to typed ones, and what each refuses."""

from dataclasses import asdict
from typing import Any

import pytest
from omegaconf import OmegaConf

from vid2vid import config as config_package
from vid2vid.condition import Condition
from vid2vid.config import (
    DiscriminatorsConfig,
    FlowEstimatorConfig,
    GeneratorConfig,
    LoaderConfig,
    ObjectiveConfig,
    OptimizerConfig,
    PatchDiscriminatorConfig,
    RolloutConfig,
    TrainerConfig,
    VideoConfig,
    build,
)
from vid2vid.errors import ConfigError


def test_nothing_given_means_the_defaults() -> None:
    assert build(GeneratorConfig, None, "generator") == GeneratorConfig()
    assert build(GeneratorConfig, {}, "generator") == GeneratorConfig()


def test_an_instance_passes_through() -> None:
    config = GeneratorConfig(blocks=5)
    assert build(GeneratorConfig, config, "generator") is config


def test_a_mapping_changes_what_it_names() -> None:
    built = build(GeneratorConfig, {"blocks": 5, "norm": "batch"}, "generator")
    assert built == GeneratorConfig(blocks=5, norm="batch")


def test_a_part_inside_is_a_mapping_or_an_instance() -> None:
    expected = DiscriminatorsConfig(image=PatchDiscriminatorConfig(scales=3), discriminator_frames=4)
    inside: tuple[Any, ...] = ({"scales": 3}, PatchDiscriminatorConfig(scales=3))
    for image in inside:
        built = build(DiscriminatorsConfig, {"image": image, "discriminator_frames": 4}, "discriminators")
        assert built == expected
        assert isinstance(built.image, PatchDiscriminatorConfig)


@pytest.mark.parametrize("given", [{"label_ids": [4, 2], "palette": [[0, 1, 2], [3, 4, 5]]}, {"kind": "edges"}])
def test_what_was_built_survives_a_checkpoint(given: dict[str, Any]) -> None:
    built = build(Condition, given, "condition")
    again = build(Condition, asdict(built), "condition")
    assert again == built
    # plain lists: others cannot be loaded weights-only
    assert all(type(value) in (str, bool, list) for value in vars(again).values())


def test_the_configuration_of_the_command_line_is_understood() -> None:
    given = OmegaConf.create({"betas": [0.0, 0.9], "lr": "1e-3"})
    built = build(OptimizerConfig, given, "optimizer")
    assert built == OptimizerConfig(lr=1e-3, betas=[0.0, 0.9])
    assert type(built.betas) is list


@pytest.mark.parametrize(
    ("cls", "given", "message"),
    [
        (GeneratorConfig, {"past_frame": 3}, r"^part\.past_frame is not a setting\. Did you mean part\.past_frames\?"),
        (
            DiscriminatorsConfig,
            {"image": {"scale": 2}},
            r"part\.image\.scale is not a setting\. .* part\.image\.scales\?",
        ),
        (FlowEstimatorConfig, {"zzz": 1}, r"part\.zzz is not a setting\. Known: kind, weights"),
        (GeneratorConfig, {"past_frames": "two"}, r"part\.past_frames: .*'two'.* Integer"),
        (GeneratorConfig, {"past_frames": 2.5}, r"part\.past_frames: .*2\.5"),
        (GeneratorConfig, {"past_frames": None}, r"part\.past_frames: .*None"),
        (GeneratorConfig, {"use_flow": "maybe"}, r"part\.use_flow: .*'maybe'.* bool"),
        (DiscriminatorsConfig, {"video": {"layers": "x"}}, r"part\.video\.layers: "),
        (DiscriminatorsConfig, {"temporal_strides": [1, "x"]}, r"part\.temporal_strides\[1\]: "),
        (VideoConfig, None, r"part\.path: .*missing"),
        (GeneratorConfig, 3, r"part must be a mapping of settings, but is 3"),
        (GeneratorConfig, ["blocks"], r"part must be a mapping of settings"),
    ],
)
def test_mistakes_are_named_with_their_key(cls: type[Any], given: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError, match=message):
        build(cls, given, "part")


@pytest.mark.parametrize(
    ("cls", "given", "message"),
    [
        (GeneratorConfig, {"past_frames": 0}, r"generator\.past_frames must be at least 1, but is 0"),
        (GeneratorConfig, {"base_channels": 0}, r"generator\.base_channels must be at least 1"),
        (GeneratorConfig, {"downsamples": -1}, r"generator\.downsamples must be at least 0"),
        (GeneratorConfig, {"blocks": 1}, r"generator\.blocks must be at least 2"),
        (GeneratorConfig, {"norm": "instnce"}, r"generator\.norm='instnce' is unknown\. Did you mean 'instance'\?"),
        (PatchDiscriminatorConfig, {"base_channels": 0}, r"discriminator\.base_channels must be at least 1"),
        (PatchDiscriminatorConfig, {"layers": 0}, r"discriminator\.layers must be at least 1"),
        (PatchDiscriminatorConfig, {"scales": 0}, r"discriminator\.scales must be at least 1"),
        (PatchDiscriminatorConfig, {"norm": "group"}, r"discriminator\.norm='group' is unknown"),
        (DiscriminatorsConfig, {"discriminator_frames": 1}, r"discriminator_frames must be at least 2"),
        (DiscriminatorsConfig, {"temporal_strides": [1, 0]}, r"temporal_strides different numbers from 1 on"),
        (DiscriminatorsConfig, {"temporal_strides": [1, 3, 3]}, r"temporal_strides different numbers"),
        (ObjectiveConfig, {"adversarial": "lsgan"}, r"objective\.adversarial='lsgan' is unknown"),
        (ObjectiveConfig, {"perceptual_network": "vgg16"}, r"Did you mean 'vgg19'\?"),
        (OptimizerConfig, {"lr": 0}, r"lr must be positive"),
        (OptimizerConfig, {"decay_from": 1.5}, r"decay_from in 0\.\.1"),
        (OptimizerConfig, {"betas": [0.5]}, r"betas a pair"),
        (RolloutConfig, {"chunk_frames": 0}, r"rollout\.chunk_frames .* at least 1"),
        (RolloutConfig, {"bptt_frames": 0}, r"rollout\.bptt_frames must be at least 1"),
        (RolloutConfig, {"first_frame": "real"}, r"rollout\.first_frame='real' is unknown"),
        (RolloutConfig, {"first_frame": "image"}, r"rollout\.first_frame=image needs rollout\.image_checkpoint"),
        (RolloutConfig, {"image_checkpoint": "a"}, r"image_checkpoint is used with rollout\.first_frame=image only"),
        (FlowEstimatorConfig, {"kind": "raff"}, r"flow_estimator\.kind='raff' is unknown\. Did you mean 'raft'\?"),
        (
            DiscriminatorsConfig,
            {"video_windows": "sparce"},
            r"video_windows='sparce' is unknown\. Did you mean 'sparse'\?",
        ),
        (TrainerConfig, {"strategy": "fsdp_cpu_offload"}, r"trainer\.strategy=fsdp_cpu_offload .* Use trainer=ddp"),
        (TrainerConfig, {"strategy": "deepspeed_stage_2"}, r"trainer\.strategy=deepspeed_stage_2 .* Use trainer=ddp"),
        (VideoConfig, {"path": ""}, r"data\.path is empty"),
        (VideoConfig, {"path": "a.mp4", "condition": "edge"}, r"data\.condition='edge' .* 'edges'"),
        (VideoConfig, {"path": "a.mp4", "holdout": 1.0}, r"data\.holdout must lie between 0 and 1"),
        (LoaderConfig, {"clip_frames": 1}, r"data\.clip_frames must be at least 2"),
        (LoaderConfig, {"batch_size": 0}, r"data\.batch_size must be at least 1"),
        (LoaderConfig, {"num_workers": -1}, r"data\.num_workers must be at least 0"),
        (LoaderConfig, {"repeats": 0}, r"data\.repeats must be at least 1"),
        (LoaderConfig, {"val_frames": 1}, r"data\.val_frames must be at least 2"),
    ],
)
def test_values_that_cannot_work_are_refused(cls: type[Any], given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(cls, given, "part")


def test_the_defaults_are_those_of_the_paper() -> None:
    generator, discriminators, objective, optimizer = (
        GeneratorConfig(),
        DiscriminatorsConfig(),
        ObjectiveConfig(),
        OptimizerConfig(),
    )
    assert (generator.past_frames, generator.base_channels, generator.downsamples, generator.blocks) == (2, 128, 3, 9)
    assert generator.flow_scale == 20
    assert (
        discriminators.discriminator_frames,
        discriminators.temporal_strides,
        discriminators.image.base_channels,
    ) == (3, [1, 3, 9], 64)
    assert (objective.adversarial, objective.flow_weight, objective.feature_weight) == ("least_squares", 10, 10)
    assert (optimizer.lr, optimizer.betas) == (2e-4, [0.5, 0.999])


def test_every_settings_class_is_public() -> None:
    classes = {name for name in vars(config_package) if name.endswith("Config")}
    assert classes == {name for name in config_package.__all__ if name.endswith("Config")}
