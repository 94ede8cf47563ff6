"""Optimisers and their learning rates."""

from collections.abc import Iterable

import torch
from torch import nn

from vid2vid.settings import OptimizerConfig


def adam(parameters: Iterable[nn.Parameter], config: OptimizerConfig) -> torch.optim.Adam:
    """Make the optimiser of one network."""
    first, second = config.betas
    return torch.optim.Adam(parameters, lr=config.lr, betas=(first, second))


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
