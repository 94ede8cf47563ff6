"""Settings of a run: trainer, logger, previews, checkpoints."""

from dataclasses import dataclass

from vid2vid.errors import ConfigError, choose

LOGGERS = ("csv", "tensorboard", "wandb")
WANDB_MODES = ("offline", "online")


@dataclass
class TrainerConfig:
    """Lightning's Trainer; its documentation explains each of these.

    Attributes:
        max_epochs: Epochs in all.
        max_time: Longest time, ``DD:HH:MM:SS``, before and after a resume together; empty: no limit.
        accelerator: ``auto``, ``cpu``, ``gpu``, ...
        devices: ``auto`` or a number, in each node.
        num_nodes: Number of machines.
        strategy: ``auto`` or a Lightning strategy; several devices need ``ddp_find_unused_parameters_true``. FSDP and
            DeepSpeed are refused (`refuse_sharding`).
        precision: ``32-true``, ``bf16-mixed``, ...; ``auto``: bfloat16 where the device computes in it, else float32.
        check_val_every_n_epoch: Epochs between two validations.
        log_every_n_steps: Batches between two lines of the log.
        limit_train_batches: Part or number of batches of an epoch.
        limit_val_batches: Part or number of batches of a validation.
        progress: Show a progress bar.
    """

    max_epochs: int = 40
    max_time: str = ""
    accelerator: str = "auto"
    devices: str = "auto"
    num_nodes: int = 1
    strategy: str = "auto"
    precision: str = "32-true"
    check_val_every_n_epoch: int = 1
    log_every_n_steps: int = 10
    limit_train_batches: float = 1.0
    limit_val_batches: float = 1.0
    progress: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: The strategy shards parameters.
        """
        refuse_sharding(self.strategy)


@dataclass
class LoggerConfig:
    """Where the numbers go, besides ``metrics.csv``.

    Attributes:
        kind: ``csv`` (nothing else), ``tensorboard`` or ``wandb``.
        project: wandb's project.
        mode: wandb's mode: ``offline`` needs no account, ``online`` does.
    """

    kind: str = "csv"
    project: str = "vid2vid"
    mode: str = "offline"

    def __post_init__(self) -> None:
        """Refuse unknown names.

        Raises:
            ConfigError: The kind or the mode is unknown.
        """
        choose(self.kind, LOGGERS, "logger.kind")
        choose(self.mode, WANDB_MODES, "logger.mode")


@dataclass
class OutputConfig:
    """What a training writes beside its numbers.

    Attributes:
        preview_every: Epochs between two previews; 0: none.
        checkpoint_every: Epochs between two checkpoints.
        checkpoint_every_batches: Batches between two checkpoints, besides; 0: none.
        checkpoint_every_minutes: Minutes since the last one after which another is written, besides; 0: none.
        keep_checkpoints: How many of the newest checkpoints are kept, besides ``last.ckpt``; -1: all.
    """

    preview_every: int = 5
    checkpoint_every: int = 5
    checkpoint_every_batches: int = 0
    checkpoint_every_minutes: float = 0.0
    keep_checkpoints: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small.
        """
        if self.preview_every < 0 or self.checkpoint_every < 1 or self.keep_checkpoints < -1:
            raise ConfigError("output: preview_every from 0, checkpoint_every from 1, keep_checkpoints from -1 on.")
        if self.checkpoint_every_batches < 0 or self.checkpoint_every_minutes < 0:
            raise ConfigError("output: checkpoint_every_batches and checkpoint_every_minutes from 0 on.")


def refuse_sharding(strategy: str) -> None:
    """Refuse those of Lightning's strategies under which several networks cannot take turns within a step.

    Args:
        strategy: Lightning's name of it.

    Raises:
        ConfigError: It is FSDP, which knows no backward pass before the end of the step, or DeepSpeed, which has one
            optimiser only.
    """
    if strategy.startswith(("fsdp", "deepspeed")):
        raise ConfigError(
            f"trainer.strategy={strategy} cannot train F, D_I and D_V, which take turns: each has an optimiser of its "
            "own and several backward passes within a step. Use trainer=ddp (ddp_find_unused_parameters_true); "
            "rollout.recompute=true and a smaller rollout.chunk_frames save memory."
        )
