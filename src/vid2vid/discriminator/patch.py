"""PatchGANs on an image pyramid, which return the features of all layers: the trunk of D_I and D_V."""

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from vid2vid.config import PatchDiscriminatorConfig
from vid2vid.ops import halve

PatchFeatures = list[list[Tensor]]
"""For each spatial scale, the full resolution first, the outputs of all layers; the last one is the patch logits."""

# spectral norm is that of the weights of the convolutions
_NORMS: dict[str, type[nn.Module]] = {
    "instance": nn.InstanceNorm2d,
    "batch": nn.BatchNorm2d,
    "spectral": nn.Identity,
}


class PatchDiscriminator(nn.Module):
    """A PatchGAN: ``layers`` stride-2 4x4 convolutions, two of stride 1, one logit for each patch.

    Args:
        in_channels: Channels of its input.
        base_channels: Width of the first layer.
        layers: Number of stride-2 layers.
        norm: ``instance``, ``batch`` or ``spectral``.
    """

    def __init__(self, in_channels: int, base_channels: int, layers: int, norm: str) -> None:
        super().__init__()
        widths = [min(base_channels * 2**i, 512) for i in range(layers + 1)]
        stages = [nn.Sequential(_conv(in_channels, widths[0], 2), nn.LeakyReLU(0.2, inplace=True))]
        for i in range(1, layers + 1):
            stride = 2 if i < layers else 1
            convolve = _conv(widths[i - 1], widths[i], stride)
            stages.append(nn.Sequential(convolve, _NORMS[norm](widths[i]), nn.LeakyReLU(0.2, inplace=True)))
        stages.append(nn.Sequential(_conv(widths[-1], 1, 1)))
        self.stages = nn.ModuleList(stages)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the outputs of all layers for ``(B, C, H, W)``; the last is the logit map ``(B, 1, h, w)``."""
        features = []
        for stage in self.stages:
            image = stage(image)
            features.append(image)
        return features


class MultiScaleDiscriminator(nn.Module):
    """PatchGANs on a pyramid: the scale i sees an image 2^i times smaller.

    As in the recorded reference, coarser scales are wider: ``base_channels`` · 2^i, up to 64 (or ``base_channels``,
    if that is more).

    Args:
        in_channels: Channels of its input.
        config: Size and form.
    """

    def __init__(self, in_channels: int, config: PatchDiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        widest = max(64, config.base_channels)
        self.scales = nn.ModuleList(
            PatchDiscriminator(in_channels, min(config.base_channels * 2**i, widest), config.layers, config.norm)
            for i in range(config.scales)
        )
        for module in list(self.modules()):
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, 0.0, 0.02)
                if config.norm == "spectral":
                    spectral_norm(module)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.weight, 1.0, 0.02)

    def forward(self, image: Tensor) -> PatchFeatures:
        """Return the features of ``(B, C, H, W)``."""
        features = []
        for i, discriminator in enumerate(self.scales):
            image = halve(image) if i else image
            features.append(discriminator(image))
        return features

    def features(self, *batches: Tensor) -> list[PatchFeatures]:
        """Return the features of several batches, in one pass where that gives the same result as one pass for each.

        It does with instance norm; with batch norm the batches would share their statistics. With spectral norm one
        pass is better: each pass in training refines the estimate of the norms, so those of two would differ.

        Args:
            batches: Tensors ``(B_i, C, H, W)``.
        """
        if self.config.norm == "batch":
            return [self(batch) for batch in batches]
        sizes = [len(batch) for batch in batches]
        together = self(torch.cat(batches))
        split = [[feature.split(sizes) for feature in scale] for scale in together]
        return [[[parts[b] for parts in scale] for scale in split] for b in range(len(batches))]


def _conv(in_channels: int, out_channels: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 4, stride=stride, padding=2)
