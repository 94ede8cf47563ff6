"""From conditions alone to features of an image: what h_F, the image generator and the encoder are made of."""

from dataclasses import dataclass

from torch import Tensor, nn

from vid2vid.generator.blocks import residuals, stem, upsampling


@dataclass(frozen=True)
class BranchSize:
    """How large a branch is.

    Attributes:
        width: Channels of the first and of the last layer.
        downsamples: Number of stride-2 layers, and of the layers that undo them.
        blocks: Residual blocks between.
        norm: Name of the normalisation.
        upsampling: Form of the upsampling.
    """

    width: int
    downsamples: int
    blocks: int
    norm: str
    upsampling: str


class ImageBranch(nn.Module):
    """Down, residual blocks, and up again, without a look at the past.

    Args:
        in_channels: Channels of what it sees.
        size: How large it is.
    """

    def __init__(self, in_channels: int, size: BranchSize) -> None:
        super().__init__()
        self.stem = nn.Sequential(*stem(in_channels, size.width, size.downsamples, size.norm))
        self.trunk = nn.Sequential(*residuals(size.width * 2**size.downsamples, size.blocks, size.norm))
        self.up = upsampling(size.width, size.downsamples, size.norm, size.upsampling)

    def forward(self, source: Tensor, coarser: Tensor | None = None) -> Tensor:
        """Return features ``(B, width, H, W)``.

        Args:
            source: ``(B, in_channels, H, W)``.
            coarser: The features of the next coarser scale's branch, ``(B, 2 width, H / 2, W / 2)``.
        """
        result: Tensor = self.up(self.features(source, coarser))
        return result

    def features(self, source: Tensor, coarser: Tensor | None = None) -> Tensor:
        """Return what `forward` brings up again: the deep features ``(B, width · 2^n, H / 2^n, W / 2^n)``."""
        features = self.stem(source)
        if coarser is not None:
            features = features + coarser
        deep: Tensor = self.trunk(features)
        return deep
