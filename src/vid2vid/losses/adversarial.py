"""GAN losses on the patch logits of a multi-scale discriminator."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.discriminator import Verdict


@dataclass(frozen=True)
class Adversarial:
    """One form of the GAN loss.

    Attributes:
        real: D's loss on the logits of real patches.
        fake: D's loss on the logits of fake patches.
        fool: F's loss on the logits of fake patches.
        middle: The logit between real and fake: D takes a patch above it for real.
    """

    real: Callable[[Tensor], Tensor]
    fake: Callable[[Tensor], Tensor]
    fool: Callable[[Tensor], Tensor]
    middle: float

    def discriminator(self, real: Verdict, fake: Verdict) -> Tensor:
        """Return D's loss: half the sum over the scales of its losses on real and fake."""
        return 0.5 * _over_scales(self.real, real) + 0.5 * _over_scales(self.fake, fake)

    def generator(self, fake: Verdict) -> Tensor:
        """Return F's loss: the sum over the scales."""
        return _over_scales(self.fool, fake)

    def accuracy(self, real: Verdict, fake: Verdict) -> Tensor:
        """Return the part of the patches, real and fake alike, that D tells right: the mean over the scales."""
        told = [(scale[-1] > self.middle).float().mean() for scale in real]
        told += [(scale[-1] <= self.middle).float().mean() for scale in fake]
        return torch.stack(told).mean()


def _over_scales(loss: Callable[[Tensor], Tensor], verdict: Verdict) -> Tensor:
    first, *others = (loss(scale[-1].float()) for scale in verdict)
    return sum(others, first)


ADVERSARIAL: dict[str, Adversarial] = {
    # LSGAN (Mao et al., 2017), the reference's choice
    "least_squares": Adversarial(
        real=lambda logits: (logits - 1).square().mean(),
        fake=lambda logits: logits.square().mean(),
        fool=lambda logits: (logits - 1).square().mean(),
        middle=0.5,
    ),
    # Eq. 6 and 7 as written: D maximises log D(x) + log(1 - D(x̃)); F in the form that does not saturate
    "log": Adversarial(
        real=lambda logits: nnf.softplus(-logits).mean(),
        fake=lambda logits: nnf.softplus(logits).mean(),
        fool=lambda logits: nnf.softplus(-logits).mean(),
        middle=0.0,
    ),
    # Geometric GAN (Lim & Ye, 2017)
    "hinge": Adversarial(
        real=lambda logits: nnf.relu(1 - logits).mean(),
        fake=lambda logits: nnf.relu(1 + logits).mean(),
        fool=lambda logits: -logits.mean(),
        middle=0.0,
    ),
}
"""The forms of the GAN loss, by name."""
