"""Optimisers and their learning rates."""

from collections.abc import Iterable
from functools import partial
from typing import Any, cast

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Timer
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from vid2vid.config import OptimizerConfig


def adam(parameters: Iterable[nn.Parameter], lr: float, config: OptimizerConfig) -> torch.optim.Adam:
    """Make the optimiser of one network; its groups remember their first learning rate as ``initial_lr``."""
    first, second = config.betas
    group = {"params": list(parameters), "initial_lr": lr}
    # not torch's fused form: a test of short trainings failed with it, and it saves 3 % of a batch (docs/speed.md)
    return torch.optim.Adam([group], lr=lr, betas=(first, second))


def running_average(network: nn.Module, config: OptimizerConfig) -> AveragedModel | None:
    """Make the exponential running average of a network's weights, or none if the settings do not want it.

    It evens out the swings of adversarial training; statistics of batch norm are averaged too.
    """
    if not config.ema_decay:
        return None
    average = AveragedModel(network, multi_avg_fn=partial(_update_average, config.ema_decay), use_buffers=True)
    return average.requires_grad_(False)


def _update_average(decay: float, average: list[Tensor], current: list[Tensor], updates: Tensor) -> None:
    # torch's own function is a closure, with which no module could be pickled
    get_ema_multi_avg_fn(decay)(average, current, updates)  # type: ignore[no-untyped-call]


def lr_factor(progress: float, decay_from: float) -> float:
    """Return the factor of the learning rate: one, then falling linearly to zero at the end of the training.

    Args:
        progress: Share of the training that is over, in [0, 1].
        decay_from: Share of the training after which it falls.
    """
    return 1.0 if progress <= decay_from else (1 - progress) / (1 - decay_from)


def progress_at_epoch(trainer: pl.Trainer) -> float:
    """Return the share of a training that is over when an epoch begins, in [0, 1].

    By epochs or by the time limit, whichever is nearer to its end, so that the learning rate also falls where the time
    is over first. In a training without an end it is 0.

    Args:
        trainer: The trainer; its ``max_time`` counts the time of all resumed runs.
    """
    epochs = trainer.max_epochs
    progress = trainer.current_epoch / epochs if epochs is not None and epochs > 0 else 0.0
    # Lightning sets the attribute where types do not see it
    callbacks: list[pl.Callback] = cast("Any", trainer).callbacks
    for timer in (callback for callback in callbacks if isinstance(callback, Timer)):
        elapsed, remaining = timer.time_elapsed(), timer.time_remaining()
        if remaining is not None:
            # processes start at different times, but must agree
            elapsed, remaining = trainer.strategy.broadcast((elapsed, remaining))
            progress = max(progress, elapsed / max(elapsed + remaining, 1e-9))
    return min(progress, 1.0)
