"""A network from conditions alone to features of an image."""

from torch import Tensor, nn

from vid2vid.generator.blocks import residuals, stem, upsampling


class ImageBranch(nn.Module):
    """Stride-2 layers down, residual blocks, and as many layers up again.

    h_F of F, the image generator and the feature encoder are made of it.

    Args:
        in_channels: Channels of the input.
        width: Channels of the first and of the last layer.
        downsamples: Number n of stride-2 layers, and of the layers that undo them.
        blocks: Residual blocks between.
        norm: Name of the normalisation.
        upsampling_form: ``transposed`` or ``resize``.
    """

    def __init__(
        self, in_channels: int, width: int, downsamples: int, blocks: int, norm: str, upsampling_form: str
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(*stem(in_channels, width, downsamples, norm))
        self.trunk = nn.Sequential(*residuals(width * 2**downsamples, blocks, norm))
        self.up = upsampling(width, downsamples, norm, upsampling_form)

    def forward(self, source: Tensor, coarser: Tensor | None = None, begun: bool = False) -> Tensor:
        """Return features ``(B, width, H, W)``.

        Args:
            source: ``(B, in_channels, H, W)``.
            coarser: The features of the next coarser scale's branch, ``(B, 2 width, H / 2, W / 2)``.
            begun: Whether ``source`` is already the output of the first convolution, ``(B, width, H, W)``.
        """
        result: Tensor = self.up(self.deep_features(source, coarser, begun))
        return result

    def deep_features(self, source: Tensor, coarser: Tensor | None = None, begun: bool = False) -> Tensor:
        """Return the features before the upsampling, ``(B, width · 2^n, H / 2^n, W / 2^n)``; arguments as above."""
        features = (self.stem[2:] if begun else self.stem)(source)
        if coarser is not None:
            features = features + coarser
        deep: Tensor = self.trunk(features)
        return deep
