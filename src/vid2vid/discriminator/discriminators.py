"""D_I and all the D_V, as one module."""

from torch import nn

from vid2vid.config import DiscriminatorsConfig
from vid2vid.discriminator.image import ImageDiscriminator
from vid2vid.discriminator.video import VideoDiscriminator


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
