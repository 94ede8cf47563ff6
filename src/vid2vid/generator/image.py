"""The image generator of pix2pixHD: one frame from its condition, without a past (Wang et al., CVPR 2018)."""

from torch import Tensor, nn

from vid2vid.generator.blocks import full_precision, head, initialise
from vid2vid.generator.branch import BranchSize, ImageBranch
from vid2vid.ops import crop, pad_to_multiple, pyramid
from vid2vid.settings import ImageGeneratorConfig


class ImageGenerator(nn.Module):
    """pix2pixHD: the global generator, with ``scales - 1`` local enhancers on top of it.

    It makes the first frames of a video for F, and is what F is compared with.

    Args:
        config: Size and form.
        condition_channels: Channels C of the encoded condition.
    """

    def __init__(self, config: ImageGeneratorConfig, condition_channels: int) -> None:
        super().__init__()
        self.config = config
        self.condition_channels = condition_channels
        depths = [(config.downsamples, config.blocks)] + [(1, config.finer_blocks)] * (config.scales - 1)
        self.scales = nn.ModuleList(
            ImageBranch(
                condition_channels,
                BranchSize(config.base_channels // 2**scale, downs, blocks, config.norm, config.upsampling),
            )
            for scale, (downs, blocks) in enumerate(depths)
        )
        self.head = head(config.base_channels // 2 ** (config.scales - 1), 3, nn.Tanh())
        self.apply(initialise)

    def forward(self, source: Tensor) -> Tensor:
        """Synthesise images.

        Args:
            source: ``(..., C, H, W)``, encoded conditions. Any size: borders are repeated to a multiple inside and
                cropped off again.

        Returns:
            ``(..., 3, H, W)`` in [-1, 1].
        """
        height, width = source.shape[-2:]
        padded = pad_to_multiple(source.flatten(0, -4), 2 ** (self.config.downsamples + self.config.scales - 1))
        features: Tensor | None = None
        for branch, version in zip(self.scales, pyramid(padded, self.config.scales), strict=True):
            features = branch(version, features)
        image = full_precision(crop(self.head(features), height, width))
        return image.view(*source.shape[:-3], *image.shape[-3:])
