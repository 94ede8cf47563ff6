"""D_V: do these frames move as the real ones do?"""

import torch
from torch import Tensor

from vid2vid.config import PatchDiscriminatorConfig
from vid2vid.discriminator.patch import MultiScaleDiscriminator

FLOW_UNIT = 20.0
"""Pixels of flow that D_V sees as 1, so that flow and colours are of one size."""


class VideoDiscriminator(MultiScaleDiscriminator):
    """D_V(x_{i-K}^{i-1}, w_{i-K}^{i-2}) of Eq. 7: a multi-scale PatchGAN on K frames and their K - 1 flows.

    The flows are those of the real video, for real and fake clips alike.

    Args:
        config: Size and form.
        frames: K.
    """

    def __init__(self, config: PatchDiscriminatorConfig, frames: int) -> None:
        super().__init__(3 * frames + 2 * (frames - 1), config)

    @staticmethod
    def view(frames: Tensor, flows: Tensor) -> Tensor:
        """Put frames ``(B, K, 3, H, W)`` and flows ``(B, K - 1, 2, H, W)`` in pixels together as D_V sees them."""
        return torch.cat([frames.flatten(1, 2), flows.flatten(1, 2) / FLOW_UNIT], dim=1)
