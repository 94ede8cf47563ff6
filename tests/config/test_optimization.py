"""Objective, optimiser, roll-out and flow estimator: values that cannot work, and the paper's defaults."""

from typing import Any

import pytest

from vid2vid.config.optimization import FlowEstimatorConfig, ObjectiveConfig, OptimizerConfig, RolloutConfig
from vid2vid.config.settings import build
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("cls", "given", "message"),
    [
        (ObjectiveConfig, {"adversarial": "lsgan"}, r"objective\.adversarial='lsgan' is unknown"),
        (ObjectiveConfig, {"perceptual_network": "vgg16"}, r"Did you mean 'vgg19'\?"),
        (OptimizerConfig, {"lr": 0}, r"optimizer\.lr must be above 0, but is 0"),
        (OptimizerConfig, {"decay_from": 1.5}, r"optimizer\.decay_from must be at least 0 and at most 1, but is 1\.5"),
        (OptimizerConfig, {"ema_decay": 1.0}, r"optimizer\.ema_decay must be at least 0 and below 1"),
        (OptimizerConfig, {"betas": [0.5]}, r"optimizer\.betas must be two numbers, but is \[0\.5\]"),
        (OptimizerConfig, {"betas": [0.5, 1.5]}, r"optimizer\.betas must be at least 0 and below 1, but is 1\.5"),
        (RolloutConfig, {"chunk_frames": 0}, r"rollout\.chunk_frames must be at least 1"),
        (RolloutConfig, {"bptt_frames": 0}, r"rollout\.bptt_frames must be at least 1"),
        (RolloutConfig, {"past_noise": -0.1}, r"rollout\.past_noise must be at least 0"),
        (RolloutConfig, {"first_frame": "real"}, r"rollout\.first_frame='real' is unknown"),
        (RolloutConfig, {"first_frame": "image"}, r"rollout\.first_frame=image needs rollout\.image_checkpoint"),
        (RolloutConfig, {"image_checkpoint": "a"}, r"image_checkpoint is used with rollout\.first_frame=image only"),
        (FlowEstimatorConfig, {"kind": "raff"}, r"flow_estimator\.kind='raff' is unknown\. Did you mean 'raft'\?"),
    ],
)
def test_values_that_cannot_work_are_refused(cls: type[Any], given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(cls, given, "part")


def test_the_defaults_are_those_of_the_paper() -> None:
    objective, optimizer = ObjectiveConfig(), OptimizerConfig()
    assert (objective.adversarial, objective.flow_weight, objective.feature_weight) == ("least_squares", 10, 10)
    assert (optimizer.lr, optimizer.betas) == (2e-4, [0.5, 0.999])
