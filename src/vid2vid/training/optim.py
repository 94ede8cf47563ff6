"""Optimisers and their learning rates."""

from collections.abc import Iterable
from functools import partial

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from vid2vid.config import OptimizerConfig


def adam(parameters: Iterable[nn.Parameter], lr: float, config: OptimizerConfig) -> torch.optim.Adam:
    """Make the optimiser of one network; its groups remember their first learning rate as ``initial_lr``."""
    first, second = config.betas
    group = {"params": list(parameters), "initial_lr": lr}
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


def lr_factor(epoch: int, epochs: int | None, decay_from: float) -> float:
    """Return the factor of the learning rate: one, then falling linearly, never quite zero in the last epoch.

    Args:
        epoch: The epoch, counted from 0.
        epochs: Epochs in all; None (or less than 1) when the training has no set end, which keeps the rate constant.
        decay_from: Part of the epochs after which it falls.
    """
    if epochs is None or epochs < 1:
        return 1.0
    start = decay_from * epochs
    return 1.0 if epoch <= start else max(epochs - epoch, 0) / (epochs - start)
