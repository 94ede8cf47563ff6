"""The image generator of pix2pixHD: one frame from its condition, without a past (Wang et al., CVPR 2018)."""

from typing import cast

from torch import Tensor, nn

from vid2vid.config import ImageGeneratorConfig
from vid2vid.generator.blocks import full_precision, head, init_weights
from vid2vid.generator.branch import ImageBranch
from vid2vid.ops import crop, pad_to_multiple, pyramid, require_size


class EncoderDecoder(nn.Module):
    """pix2pixHD's layers in two halves: the global generator, with ``scales - 1`` local enhancers on top of it.

    They part at the last features before the finest scale goes up to the image.

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
                condition_channels, config.base_channels // 2**scale, downs, blocks, config.norm, config.upsampling
            )
            for scale, (downs, blocks) in enumerate(depths)
        )
        self.head = head(config.base_channels // 2 ** (config.scales - 1), 3, nn.Tanh())
        self.apply(init_weights)

    def encode(self, source: Tensor) -> Tensor:
        """Return the deep features.

        Args:
            source: ``(..., C, H, W)``, encoded conditions. Borders are repeated to a multiple.

        Returns:
            ``(N, c, h, w)``, all leading axes in one.

        Raises:
            DataError: The frames are too small.
        """
        # the residual blocks reflect one pixel, and normalise over more than one
        require_size(source, self.config.multiple + 1, "the image generator", "image.scales or image.downsamples")
        padded = pad_to_multiple(source.flatten(0, -4), self.config.multiple)
        *smaller, whole = pyramid(padded, self.config.scales)
        features: Tensor | None = None
        for branch, version in zip(self.scales[:-1], smaller, strict=True):
            features = branch(version, features)
        return self._finest.deep_features(whole, features)

    def decode(self, features: Tensor, height: int, width: int) -> Tensor:
        """Return the images ``(N, 3, height, width)`` in [-1, 1] of what `encode` returned."""
        return full_precision(crop(self.head(self._finest.up(features)), height, width))

    @property
    def _finest(self) -> ImageBranch:
        return cast("ImageBranch", self.scales[-1])


class ImageGenerator(EncoderDecoder):
    """pix2pixHD: each image from its own condition.

    It makes the first frames of a video for F, and is what F is compared with.
    """

    def forward(self, source: Tensor) -> Tensor:
        """Synthesise images.

        Args:
            source: ``(..., C, H, W)``, encoded conditions of any size.

        Returns:
            ``(..., 3, H, W)`` in [-1, 1].
        """
        image = self.decode(self.encode(source), *source.shape[-2:])
        return image.view(*source.shape[:-3], *image.shape[-3:])
