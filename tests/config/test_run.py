"""Trainer, logger, output and stages: values that cannot work."""

from typing import Any

import pytest

from vid2vid.config.run import LoggerConfig, OutputConfig, StageConfig, TrainerConfig
from vid2vid.config.settings import build
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("cls", "given", "message"),
    [
        (TrainerConfig, {"strategy": "fsdp_cpu_offload"}, r"trainer\.strategy=fsdp_cpu_offload .* Use trainer=ddp"),
        (TrainerConfig, {"strategy": "deepspeed_stage_2"}, r"trainer\.strategy=deepspeed_stage_2 .* Use trainer=ddp"),
        (TrainerConfig, {"devices": "0"}, r"trainer\.devices must be auto or the number of devices, .* '0'"),
        (TrainerConfig, {"devices": "two"}, r"trainer\.devices must be auto or the number of devices"),
        (TrainerConfig, {"max_time": "10m"}, r"trainer\.max_time must be days:hours:minutes:seconds, .* '10m'"),
        (TrainerConfig, {"limit_val_batches": float("nan")}, r"limit_val_batches must be a finite number"),
        (TrainerConfig, {"max_epochs": -2}, r"trainer\.max_epochs must be at least -1"),
        (LoggerConfig, {"kind": "wandbb"}, r"logger\.kind='wandbb' is unknown\. Did you mean 'wandb'\?"),
        (LoggerConfig, {"mode": "on"}, r"logger\.mode='on' is unknown"),
        (OutputConfig, {"preview_every": -1}, r"output\.preview_every must be at least 0"),
        (OutputConfig, {"checkpoint_every": 0}, r"output\.checkpoint_every must be at least 1"),
        (OutputConfig, {"checkpoint_every_minutes": -1}, r"output\.checkpoint_every_minutes must be at least 0"),
        (OutputConfig, {"keep_checkpoints": -2}, r"output\.keep_checkpoints must be at least -1"),
    ],
)
def test_values_that_cannot_work_are_refused(cls: type[Any], given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(cls, given, "part")


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (StageConfig(epochs=-1), r"^stages\.2: epochs must be at least 0, but is -1"),
        (StageConfig(lr=-0.1), r"^stages\.2: lr must be at least 0"),
        (StageConfig(height=32), r"^stages\.2: give both height and width, or neither; got 32 x 0"),
    ],
)
def test_stages_are_refused_with_their_number(stage: StageConfig, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        stage.check("stages.2")


def test_a_stage_changes_what_it_gives() -> None:
    assert StageConfig(height=32, width=64, epochs=3, batch_size=1).loader == {
        "height": 32,
        "width": 64,
        "batch_size": 1,
    }
    assert StageConfig().loader == {}
