"""Lightning's Trainer from settings."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from pytorch_lightning.accelerators import AcceleratorRegistry
from pytorch_lightning.strategies import StrategyRegistry

from vid2vid.cli.assemble import NO_GPU
from vid2vid.config import TrainerConfig
from vid2vid.config.commands import Train
from vid2vid.errors import ConfigError, choose, why
from vid2vid.training.callbacks.nan_guard import NanGuard
from vid2vid.training.callbacks.previews import PreviewCallback
from vid2vid.training.callbacks.progress import TrainingProgress
from vid2vid.training.callbacks.throughput import ThroughputMonitor
from vid2vid.training.checkpoints.saving import AtomicCheckpointIO, CheckpointCallback
from vid2vid.training.loggers import make_loggers
from vid2vid.training.precision import choose_precision


def make_trainer(settings: Train, resumed: bool = False, callbacks: Iterable[pl.Callback] = ()) -> pl.Trainer:
    """Make Lightning's Trainer with the loggers, checkpoints and previews of a run, maybe of one that is resumed."""
    trainer, output, run_dir = settings.trainer, settings.output, Path(settings.run_dir)
    callbacks = [
        *callbacks,
        CheckpointCallback(run_dir / "checkpoints", output),
        NanGuard(trainer.log_every_n_steps),
        ThroughputMonitor(trainer.log_every_n_steps),
    ]
    if trainer.progress:
        callbacks.append(TrainingProgress())
    if output.preview_every:
        callbacks.append(PreviewCallback(run_dir / "previews", output.preview_every))
    return new_trainer(
        trainer,
        max_epochs=trainer.max_epochs,
        max_time=trainer.max_time or None,
        check_val_every_n_epoch=trainer.check_val_every_n_epoch,
        log_every_n_steps=trainer.log_every_n_steps,
        limit_train_batches=limit(trainer.limit_train_batches),
        limit_val_batches=limit(trainer.limit_val_batches),
        enable_progress_bar=trainer.progress,
        logger=make_loggers(settings.logger, run_dir, resumed),
        callbacks=callbacks,
        plugins=[AtomicCheckpointIO()],
        num_sanity_val_steps=0,
        default_root_dir=run_dir,
    )


def new_trainer(config: TrainerConfig, **arguments: Any) -> pl.Trainer:  # noqa: ANN401 - arguments of the Trainer
    """Make Lightning's Trainer for the devices, processes and precision of a configuration.

    Args:
        config: The configuration.
        arguments: All other arguments of the Trainer.

    Raises:
        ConfigError: This machine does not have the devices, or they do not fit each other.
    """
    where = processes(config)
    try:
        return pl.Trainer(**where, **arguments)
    except (MisconfigurationException, ImportError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"trainer.accelerator={config.accelerator}, trainer.devices={config.devices}, trainer.strategy="
            f"{config.strategy}: cannot be used on this machine: {why(error)}"
        ) from error


def processes(trainer: TrainerConfig) -> dict[str, Any]:
    """Return the arguments of Lightning's Trainer for devices, processes and precision.

    Raises:
        ConfigError: A name is unknown, or there is no such device.
    """
    accelerators = ["auto", "gpu", *AcceleratorRegistry.available_accelerators()]
    choose(trainer.accelerator, accelerators, "trainer.accelerator")
    choose(trainer.strategy, ["auto", *StrategyRegistry.available_strategies()], "trainer.strategy")
    if trainer.accelerator in ("gpu", "cuda") and not torch.cuda.is_available():
        mps = trainer.accelerator == "gpu" and torch.backends.mps.is_available()
        if not mps:
            raise ConfigError(f"trainer.accelerator={trainer.accelerator}: {NO_GPU} trainer=cpu trains without one.")
    return {
        "accelerator": trainer.accelerator,
        "devices": trainer.devices if trainer.devices == "auto" else int(trainer.devices),
        "num_nodes": trainer.num_nodes,
        "strategy": trainer.strategy,
        "precision": choose_precision(trainer.precision, trainer.accelerator),
    }


def limit(value: float) -> float | int:
    """Return a limit as Lightning reads it: above 1 a number of batches, up to 1 a fraction."""
    return int(value) if value > 1 else value
