"""Feature matching: the fake should look like the real to each layer of D (pix2pixHD)."""

import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.discriminator import Verdict


def feature_matching(real: Verdict, fake: Verdict) -> Tensor:
    """Return the L1 distance of D's features, each layer weighted 4 / (layers + 1), averaged over the scales.

    Args:
        real: Features of the real half, ``[scale][layer]``, the logits last (they do not count); taken as constants.
        fake: Features of the fake half, likewise.
    """
    total = fake[0][0].new_zeros((), dtype=fake[0][0].float().dtype)
    for real_scale, fake_scale in zip(real, fake, strict=True):
        # PatchGANs of n stride-2 layers have n + 2 stages; all but the logits are compared
        weight = 4 / (len(fake_scale) - 1)
        for real_layer, fake_layer in zip(real_scale[:-1], fake_scale[:-1], strict=True):
            total = total + weight * nnf.l1_loss(fake_layer.float(), real_layer.detach().float())
    return total / len(fake)
