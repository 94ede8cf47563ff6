"""Losses on the features of a multi-scale discriminator: GAN losses and feature matching."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.discriminator.patch import PatchFeatures


@dataclass(frozen=True)
class GanLoss:
    """One form of the GAN loss.

    Attributes:
        real: D's loss on the logits of real patches.
        fake: D's loss on the logits of fake patches.
        generated: F's loss on the logits of fake patches.
        threshold: The logit between real and fake: D takes a patch above it for real.
    """

    real: Callable[[Tensor], Tensor]
    fake: Callable[[Tensor], Tensor]
    generated: Callable[[Tensor], Tensor]
    threshold: float

    def discriminator(self, real: PatchFeatures, fake: PatchFeatures) -> Tensor:
        """Return D's loss: half the sum over the scales of its losses on real and fake."""
        return 0.5 * _over_scales(self.real, real) + 0.5 * _over_scales(self.fake, fake)

    def generator(self, fake: PatchFeatures) -> Tensor:
        """Return F's loss: the sum over the scales."""
        return _over_scales(self.generated, fake)

    def accuracy(self, real: PatchFeatures, fake: PatchFeatures) -> Tensor:
        """Return the share of the patches, real and fake, that D classifies correctly: the mean over the scales."""
        correct = [(scale[-1] > self.threshold).float().mean() for scale in real]
        correct += [(scale[-1] <= self.threshold).float().mean() for scale in fake]
        return torch.stack(correct).mean()


def _over_scales(loss: Callable[[Tensor], Tensor], features: PatchFeatures) -> Tensor:
    first, *others = (loss(scale[-1].float()) for scale in features)
    return sum(others, first)


# functions with names, not lambdas: a module with its losses can be pickled


def _near_one(logits: Tensor) -> Tensor:
    return (logits - 1).square().mean()


def _near_zero(logits: Tensor) -> Tensor:
    return logits.square().mean()


def _log_real(logits: Tensor) -> Tensor:
    return nnf.softplus(-logits).mean()


def _log_fake(logits: Tensor) -> Tensor:
    return nnf.softplus(logits).mean()


def _above_one(logits: Tensor) -> Tensor:
    return nnf.relu(1 - logits).mean()


def _below_minus_one(logits: Tensor) -> Tensor:
    return nnf.relu(1 + logits).mean()


def _high(logits: Tensor) -> Tensor:
    return -logits.mean()


GAN_LOSSES: dict[str, GanLoss] = {
    # LSGAN (Mao et al., 2017), the reference's choice
    "least_squares": GanLoss(real=_near_one, fake=_near_zero, generated=_near_one, threshold=0.5),
    # Eq. 6 and 7 as written: D maximises log D(x) + log(1 - D(x̃)); F in the form that does not saturate
    "log": GanLoss(real=_log_real, fake=_log_fake, generated=_log_real, threshold=0.0),
    # Geometric GAN (Lim & Ye, 2017)
    "hinge": GanLoss(real=_above_one, fake=_below_minus_one, generated=_high, threshold=0.0),
}
"""The forms of the GAN loss, by name."""


def r1_penalty(discriminator: Callable[[Tensor], PatchFeatures], real: Tensor, frames: slice) -> Tensor:
    """Return the R1 penalty ``½ E ‖∇_x D(x)‖²`` (Mescheder et al., 2018) of a discriminator of patches.

    D(x) is here the sum over the scales of the sum of their n logits over √n. So the penalty is that of one patch,
    however many there are: if patches had no pixels in common, it would be the mean over them of ``½ ‖∇_x D(x)‖²``.

    Args:
        discriminator: D.
        real: ``(B, C, H, W)``, real frames with their conditions or flows.
        frames: The channels that are x; D may depend on the others as it likes.

    Examples:
        >>> real = torch.rand(2, 3, 8, 8)  # one logit for each pixel: three times its first channel
        >>> r1_penalty(lambda images: [[3 * images[:, :1]]], real, slice(0, 3)).item()
        4.5
    """
    real = real.detach().requires_grad_()
    logits = [scale[-1].float() for scale in discriminator(real)]
    total = torch.stack([each.sum() / each[0].numel() ** 0.5 for each in logits]).sum()
    (gradient,) = torch.autograd.grad(total, real, create_graph=True)
    return 0.5 * gradient[:, frames].float().square().sum() / len(real)


def feature_matching(real: PatchFeatures, fake: PatchFeatures) -> Tensor:
    """Return the L1 distance of D's features (pix2pixHD), weighted 4 / (layers + 1), averaged over the scales.

    Args:
        real: Features of the real half, ``[scale][layer]``, the logits last (they do not count); taken as constants.
        fake: Features of the fake half, likewise.

    Examples:
        >>> real = [[torch.zeros(1, 4, 2, 2), torch.zeros(1, 1, 2, 2)]]  # one scale: features of one layer, logits
        >>> fake = [[torch.full((1, 4, 2, 2), 0.5), torch.ones(1, 1, 2, 2)]]
        >>> feature_matching(real, fake).item()
        2.0
    """
    total = fake[0][0].new_zeros((), dtype=fake[0][0].float().dtype)
    for real_scale, fake_scale in zip(real, fake, strict=True):
        # PatchGANs of n stride-2 layers have n + 2 stages; all but the logits are compared
        weight = 4 / (len(fake_scale) - 1)
        for real_layer, fake_layer in zip(real_scale[:-1], fake_scale[:-1], strict=True):
            total = total + weight * nnf.l1_loss(fake_layer.float(), real_layer.detach().float())
    return total / len(fake)
