"""All that the library uses of Lightning beyond its public interface; the pin in pyproject.toml follows from it."""

from collections.abc import Iterable
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.core.optimizer import LightningOptimizer, do_nothing_closure
from pytorch_lightning.loggers.csv_logs import ExperimentWriter
from pytorch_lightning.strategies import DDPStrategy, Strategy


def stop_counting(optimizers: Iterable[LightningOptimizer]) -> None:
    """Exclude further optimiser steps of this batch from ``trainer.global_step``.

    It then counts batches, not the steps of every network and chunk.
    """
    for optimizer in optimizers:
        optimizer._on_before_step = do_nothing_closure
        optimizer._on_after_step = do_nothing_closure


def find_unused_parameters(strategy: Strategy) -> None:
    """Make DDP accept parameters without a gradient: networks take turns, so each backward pass leaves some out."""
    if isinstance(strategy, DDPStrategy):
        strategy._ddp_kwargs["find_unused_parameters"] = True


def validate_after_last_batch(trainer: pl.Trainer) -> None:
    """Validate after the last batch of an epoch, however many it has.

    Lightning reads the number of batches once, from the first epoch. A ``val_check_interval`` other than 1.0 stays.
    """
    if trainer.val_check_interval == 1.0:
        trainer.val_check_batch = float("inf")


def count_batches(trainer: pl.Trainer) -> None:
    """Set the number of batches of the coming epoch to that of its loader, within ``limit_train_batches``.

    Lightning counts the batches once and cuts later epochs to that number. A training that is resumed within an epoch,
    with batches of another size, has another number of them in that epoch than in later ones.
    """
    loader, limit = trainer.fit_loop._combined_loader, trainer.limit_train_batches
    if loader is None or any(count == float("inf") for count in loader.limits or []):
        return
    lengths = [len(one) for one in loader.flattened]
    loader.limits = [min(n, limit) if isinstance(limit, int) else int(n * limit) for n in lengths]
    trainer.fit_loop.max_batches = max(loader.limits)


def log_training_step(trainer: pl.Trainer) -> None:
    """Log this batch's row now, if there is to be one; Lightning itself logs after all callbacks."""
    trainer._logger_connector.update_train_step_metrics()


def trainer_of(module: pl.LightningModule) -> pl.Trainer | None:
    """Return the trainer of a module, or None; the public attribute raises an error where there is none."""
    return module._trainer


def trained_batches(trainer: pl.Trainer) -> int:
    """Return the number of trained batches of all epochs."""
    return trainer.fit_loop.total_batch_idx + 1


def trained_batches_of_epoch(trainer: pl.Trainer) -> int:
    """Return the number of trained batches of this epoch."""
    return trainer.fit_loop.batch_idx + 1


def is_last_batch(trainer: pl.Trainer) -> bool:
    """Whether the batch that was trained last is the last one of its epoch."""
    return trainer.fit_loop.epoch_loop.batch_progress.is_last_batch


def finished_epochs(checkpoint: dict[str, Any]) -> int:
    """Return the number of epochs that a training had finished when it wrote a checkpoint."""
    loops = checkpoint.get("loops", {})
    progress = loops.get("fit_loop", {}).get("epoch_progress", {}).get("current", {})
    return int(progress.get("processed", 0))


class CsvWriter(ExperimentWriter):
    """Lightning's writer of ``metrics.csv``, which keeps the file of an earlier training."""

    def _check_log_dir_exists(self) -> None:
        """Neither warn of an earlier training's file nor remove it."""
