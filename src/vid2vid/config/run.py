"""Settings of a run: trainer, logger, previews and checkpoints, stages."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from vid2vid.config.settings import LARGEST_SIDE, Settings, setting
from vid2vid.errors import ConfigError

LOGGERS = ("csv", "tensorboard", "wandb")
WANDB_MODES = ("offline", "online")


@dataclass
class TrainerConfig(Settings):
    """PyTorch Lightning's Trainer; its documentation explains these settings in detail.

    Attributes:
        max_epochs: Number of epochs; -1: no end.
        max_time: Longest time as ``DD:HH:MM:SS``, counted over all resumed runs; empty: no limit.
        accelerator: ``auto``, ``cpu``, ``gpu``, ...
        devices: ``auto``, or the number of devices of each node.
        num_nodes: Number of machines.
        strategy: ``auto`` or a Lightning strategy; several devices need ``ddp_find_unused_parameters_true``. FSDP and
            DeepSpeed are not supported.
        precision: ``32-true``, ``bf16-mixed``, ..., or ``auto``: bfloat16 where the device computes in it, else
            float32.
        check_val_every_n_epoch: Number of epochs between two validations.
        log_every_n_steps: Number of batches between two lines of the log.
        limit_train_batches: Batches of an epoch: up to 1 a fraction, above 1 a number.
        limit_val_batches: Batches of a validation: up to 1 a fraction, above 1 a number.
        progress: Show a progress bar.
    """

    key: ClassVar[str] = "trainer"

    max_epochs: int = setting(40, ge=-1)
    max_time: str = ""
    accelerator: str = "auto"
    devices: str = "auto"
    num_nodes: int = setting(1, ge=1)
    strategy: str = "auto"
    precision: str = "32-true"
    check_val_every_n_epoch: int = setting(1, ge=1)
    log_every_n_steps: int = setting(10, ge=1)
    limit_train_batches: float = setting(1.0, ge=0)
    limit_val_batches: float = setting(1.0, ge=0)
    progress: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, or the strategy shards parameters.
        """
        super().__post_init__()
        refuse_sharding(self.strategy)
        if self.devices != "auto" and not re.fullmatch(r"[1-9]\d*", self.devices):
            raise ConfigError(
                f"trainer.devices must be auto or the number of devices, at least 1, but is {self.devices!r}; "
                "trainer=cpu trains without a GPU."
            )
        if self.max_time and not re.fullmatch(r"\d+:\d\d:\d\d:\d\d", self.max_time):
            raise ConfigError(
                "trainer.max_time must be days:hours:minutes:seconds, as 00:08:00:00 for eight hours, "
                f"but is {self.max_time!r}."
            )


@dataclass
class LoggerConfig(Settings):
    """The logger, besides ``metrics.csv``.

    Attributes:
        kind: A further logger; ``csv``: none.
        project: Project of Weights & Biases.
        mode: Mode of Weights & Biases; ``online`` needs an account.
    """

    key: ClassVar[str] = "logger"

    kind: str = setting("csv", LOGGERS)
    project: str = "vid2vid"
    mode: str = setting("offline", WANDB_MODES)


@dataclass
class OutputConfig(Settings):
    """Previews and checkpoints.

    Attributes:
        preview_every: Number of epochs between two previews; 0: none.
        checkpoint_every: Number of epochs between two checkpoints.
        checkpoint_every_batches: Number of batches between two further checkpoints; 0: none.
        checkpoint_every_minutes: Minutes after the last checkpoint until a further one is written; 0: none.
        keep_checkpoints: Number of the newest checkpoints that are kept besides ``last.ckpt``; -1: all.
    """

    key: ClassVar[str] = "output"

    preview_every: int = setting(5, ge=0)
    checkpoint_every: int = setting(5, ge=1)
    checkpoint_every_batches: int = setting(0, ge=0)
    checkpoint_every_minutes: float = setting(0.0, ge=0)
    keep_checkpoints: int = setting(1, ge=-1)


@dataclass
class StageConfig(Settings):
    """One stage of a training; a value of 0 means that of the whole training.

    Attributes:
        height: Height of the frames in pixels, as ``data.height``.
        width: Width of the frames in pixels, as ``data.width``.
        scales: Number of spatial scales of the generator; one more than in the stage before adds a finer one.
        epochs: Number of epochs of this stage, as ``trainer.max_epochs``.
        freeze_coarse_epochs: Number of its first epochs in which only the finest scale of the generator learns.
        lr: Learning rate, as ``optimizer.lr``; ``optimizer.discriminator_lr`` changes by the same factor.
        batch_size: Clips per batch, as ``data.batch_size``.
        clip_frames: Frames per clip, as ``data.clip_frames``.
        image_discriminator_scales: Number of spatial scales of D_I, as ``discriminators.image.scales``.
    """

    height: int = setting(0, ge=0, le=LARGEST_SIDE)
    width: int = setting(0, ge=0, le=LARGEST_SIDE)
    scales: int = setting(0, ge=0)
    epochs: int = setting(0, ge=0)
    freeze_coarse_epochs: int = setting(0, ge=0)
    lr: float = setting(0.0, ge=0)
    batch_size: int = setting(0, ge=0)
    clip_frames: int = setting(0, ge=0)
    image_discriminator_scales: int = setting(0, ge=0)

    def __post_init__(self) -> None:
        """Leave the checks to the training, which knows the number of the stage (`check`)."""

    def check(self, key: str) -> None:
        """Refuse what cannot work.

        Args:
            key: Where the stage stands in the configuration, for messages.

        Raises:
            ConfigError: A value is not allowed, or only one side of the frames is given.
        """
        try:
            super().__post_init__()
        except ConfigError as error:
            raise ConfigError(f"{key}: {error}") from error
        if bool(self.height) != bool(self.width):
            raise ConfigError(f"{key}: give both height and width, or neither; got {self.height} x {self.width}.")

    @property
    def loader(self) -> dict[str, Any]:
        """The settings of the loader that this stage changes (`LoaderConfig`)."""
        names = ("height", "width", "batch_size", "clip_frames")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def refuse_sharding(strategy: str) -> None:
    """Refuse the strategies of Lightning that do not let several networks take turns within a step.

    Args:
        strategy: The name of the strategy.

    Raises:
        ConfigError: It is FSDP, which allows no backward pass before the end of the step, or DeepSpeed, which has one
            optimiser only.
    """
    if strategy.startswith(("fsdp", "deepspeed")):
        raise ConfigError(
            f"trainer.strategy={strategy} cannot train F, D_I and D_V, which take turns: each has an optimiser of its "
            "own and several backward passes within a step. Use trainer=ddp (ddp_find_unused_parameters_true); "
            "rollout.recompute=true and a smaller rollout.chunk_frames save memory."
        )
