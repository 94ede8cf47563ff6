"""The perceptual loss, a distance of the features of a pretrained network (Johnson et al., 2016)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

WEIGHTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)
"""Weight of each of the five depths, shallow first (pix2pixHD)."""


class PerceptualLoss(nn.Module):
    """Weighted L1 distance of a frozen network's features at five depths.

    Args:
        network: The feature network; it is frozen here and is not part of any checkpoint.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)

    def forward(self, fakes: Sequence[Tensor], real: Tensor) -> Tensor:
        """Return the sum of the distances of each fake to the real.

        Args:
            fakes: Images ``(B, 3, H, W)`` in [-1, 1].
            real: The same shape; no gradient runs to it.
        """
        with torch.no_grad():
            targets = self.network(real)
        losses = []
        for fake in fakes:
            pairs = zip(WEIGHTS, self.network(fake), targets, strict=True)
            losses += [weight * nnf.l1_loss(a.float(), b.float()) for weight, a, b in pairs]
        return torch.stack(losses).sum()
