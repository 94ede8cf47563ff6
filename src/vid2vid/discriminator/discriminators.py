"""D_I, which classifies frames with their conditions, and D_V, which classifies frames with their flows."""

import torch
from torch import Tensor, nn

from vid2vid.config import DiscriminatorsConfig, PatchDiscriminatorConfig
from vid2vid.discriminator.patch import MultiScaleDiscriminator

FLOW_UNIT = 20.0
"""Pixels of flow that D_V sees as 1, so that flow and colours have similar magnitudes."""


class ImageDiscriminator(MultiScaleDiscriminator):
    """D_I(x_t, s_t) of Eq. 6: a multi-scale PatchGAN on a frame and its condition.

    Args:
        config: Size and form.
        condition_channels: Channels C of the encoded condition.

    Attributes:
        frame_channels: The channels of its view that are the frame's.
    """

    def __init__(self, config: PatchDiscriminatorConfig, condition_channels: int) -> None:
        super().__init__(condition_channels + 3, config)
        self.frame_channels = slice(condition_channels, condition_channels + 3)

    @staticmethod
    def view(image: Tensor, source: Tensor) -> Tensor:
        """Put a frame ``(B, 3, H, W)`` and its condition ``(B, C, H, W)`` together as D_I sees them."""
        return torch.cat([source, image], dim=1)


class VideoDiscriminator(MultiScaleDiscriminator):
    """D_V(x_{i-K}^{i-1}, w_{i-K}^{i-2}) of Eq. 7: a multi-scale PatchGAN on K frames and their K - 1 flows.

    The flows are those of the real video, for real and fake clips alike.

    Args:
        config: Size and form.
        frames: K.

    Attributes:
        frame_channels: The channels of its view that are the frames'.
    """

    def __init__(self, config: PatchDiscriminatorConfig, frames: int) -> None:
        super().__init__(3 * frames + 2 * (frames - 1), config)
        self.frame_channels = slice(0, 3 * frames)

    @staticmethod
    def view(frames: Tensor, flows: Tensor) -> Tensor:
        """Put frames ``(B, K, 3, H, W)`` and flows ``(B, K - 1, 2, H, W)`` in pixels together as D_V sees them."""
        return torch.cat([frames.flatten(1, 2), flows.flatten(1, 2) / FLOW_UNIT], dim=1)


class Discriminators(nn.Module):
    """D_I and one D_V for each temporal scale.

    Args:
        config: Their sizes.
        condition_channels: Channels C of the encoded condition.
    """

    def __init__(self, config: DiscriminatorsConfig, condition_channels: int) -> None:
        super().__init__()
        self.config = config
        self.image = ImageDiscriminator(config.image, condition_channels)
        self.video = nn.ModuleDict(
            {str(k): VideoDiscriminator(config.video, config.discriminator_frames) for k in config.temporal_strides}
        )
