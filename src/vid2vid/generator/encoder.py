"""The feature encoder of pix2pixHD, which describes each object by a few numbers (Wang et al., CVPR 2018, 3.4)."""

from torch import Tensor, nn

from vid2vid.config import EncoderConfig
from vid2vid.generator.blocks import head, init_weights
from vid2vid.generator.branch import ImageBranch
from vid2vid.ops import average_instances, crop, pad_to_multiple


class FeatureEncoder(nn.Module):
    """Encodes a real image in d features a pixel, which are the same for all pixels of an object.

    Args:
        config: Size and form.
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.branch = ImageBranch(3, config.base_channels, config.downsamples, 0, config.norm, config.upsampling)
        self.head = head(config.base_channels, config.features, nn.Tanh())
        self.apply(init_weights)

    def forward(self, image: Tensor, instance: Tensor) -> Tensor:
        """Encode images.

        Args:
            image: ``(B, 3, H, W)`` in [-1, 1].
            instance: ``(B, 1, H, W)`` object ids; equal ids in different images are different objects.

        Returns:
            ``(B, d, H, W)`` in [-1, 1], the mean over each object.
        """
        padded = pad_to_multiple(image, 2**self.config.downsamples)
        return average_instances(crop(self.head(self.branch(padded)), *image.shape[-2:]), instance)
