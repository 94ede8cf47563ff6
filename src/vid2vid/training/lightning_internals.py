"""All that the library uses of Lightning beyond its public interface; the pin in pyproject.toml follows from it."""

from collections.abc import Iterable
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.core.optimizer import LightningOptimizer, do_nothing_closure
from pytorch_lightning.loggers.csv_logs import ExperimentWriter
from pytorch_lightning.strategies import DDPStrategy, Strategy


def stop_counting(optimizers: Iterable[LightningOptimizer]) -> None:
    """Let further steps of optimisers not count in ``trainer.global_step``; with the next batch they count again.

    So it counts batches instead of the steps of every network and chunk.
    """
    for optimizer in optimizers:
        optimizer._on_before_step = do_nothing_closure
        optimizer._on_after_step = do_nothing_closure


def find_unused_parameters(strategy: Strategy) -> None:
    """Let DDP allow parameters without a gradient: the networks take turns, so there are some in each backward pass."""
    if isinstance(strategy, DDPStrategy):
        strategy._ddp_kwargs["find_unused_parameters"] = True


def validate_after_last_batch(trainer: pl.Trainer) -> None:
    """Let an epoch's validation come after its last batch, however many it has.

    Lightning reads the number of batches once, from the first epoch. A ``val_check_interval`` other than 1.0 stays.
    """
    if trainer.val_check_interval == 1.0:
        trainer.val_check_batch = float("inf")


def count_batches(trainer: pl.Trainer) -> None:
    """Let the coming epoch have as many batches as its loader, or as ``limit_train_batches`` says.

    Lightning counts the batches once, and cuts later epochs to that number. An epoch that a training resumes in with
    larger or smaller batches than it began with has fewer or more of them than later ones.
    """
    loader, limit = trainer.fit_loop._combined_loader, trainer.limit_train_batches
    if loader is None or any(count == float("inf") for count in loader.limits or []):
        return
    lengths = [len(one) for one in loader.flattened]
    loader.limits = [min(n, limit) if isinstance(limit, int) else int(n * limit) for n in lengths]
    trainer.fit_loop.max_batches = max(loader.limits)


def log_training_step(trainer: pl.Trainer) -> None:
    """Let the loggers have this batch's row now, if there is to be one; Lightning logs only after all callbacks."""
    trainer._logger_connector.update_train_step_metrics()


def trainer_of(module: pl.LightningModule) -> pl.Trainer | None:
    """Return the trainer that a module is attached to; the public attribute raises an error where there is none."""
    return module._trainer


def trained_batches(trainer: pl.Trainer) -> int:
    """Return how many batches have been trained, in all epochs."""
    return trainer.fit_loop.total_batch_idx + 1


def trained_batches_of_epoch(trainer: pl.Trainer) -> int:
    """Return how many batches of this epoch have been trained."""
    return trainer.fit_loop.batch_idx + 1


def is_last_batch(trainer: pl.Trainer) -> bool:
    """Whether the batch that was trained last is the last one of its epoch."""
    return trainer.fit_loop.epoch_loop.batch_progress.is_last_batch


def finished_epochs(checkpoint: dict[str, Any]) -> int:
    """Return how many whole epochs a training had behind it when it wrote a checkpoint."""
    loops = checkpoint.get("loops", {})
    progress = loops.get("fit_loop", {}).get("epoch_progress", {}).get("current", {})
    return int(progress.get("processed", 0))


class CsvWriter(ExperimentWriter):
    """Lightning's writer of ``metrics.csv``, which keeps the file of an earlier training."""

    def _check_log_dir_exists(self) -> None:
        """Neither warn of an earlier training's file nor remove it."""
