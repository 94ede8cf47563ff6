"""How far predicted label maps are from the true ones."""

import torch.nn.functional as nnf
from torch import Tensor

_LEAST = 1e-6
"""The smallest probability that counts: it bounds the loss of a class that was taken for impossible."""


def label_loss(maps: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean cross-entropy of predicted maps.

    Args:
        maps: ``(..., C, H, W)``, probabilities of the classes.
        wanted: ``(..., 1, H, W)``, integral class indices.
    """
    likelihood = maps.clamp(min=_LEAST).log()
    return nnf.nll_loss(likelihood.flatten(0, -4), wanted.long().flatten(0, -3))
