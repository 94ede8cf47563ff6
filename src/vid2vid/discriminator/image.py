"""D_I: is this frame a real one for this condition?"""

import torch
from torch import Tensor

from vid2vid.config import PatchDiscriminatorConfig
from vid2vid.discriminator.patch import MultiScaleDiscriminator


class ImageDiscriminator(MultiScaleDiscriminator):
    """D_I(x_t, s_t) of Eq. 6: a multi-scale PatchGAN on a frame and its condition.

    Args:
        config: Size and form.
        condition_channels: Channels C of the encoded condition.
    """

    def __init__(self, config: PatchDiscriminatorConfig, condition_channels: int) -> None:
        super().__init__(condition_channels + 3, config)

    @staticmethod
    def view(image: Tensor, source: Tensor) -> Tensor:
        """Put a frame ``(B, 3, H, W)`` and its condition ``(B, C, H, W)`` together as D_I sees them."""
        return torch.cat([source, image], dim=1)
