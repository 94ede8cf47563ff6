"""The layers of generators, and their first weights."""

from collections.abc import Callable

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn


class CurrentBatchNorm2d(nn.BatchNorm2d):
    """Batch norm that takes the statistics of the current batch in evaluation mode, too.

    The reference normalises so at test, and its checkpoints need it. The running statistics are kept, but not used.
    """

    def forward(self, features: Tensor) -> Tensor:
        """Normalise ``(B, C, H, W)``."""
        if self.training:
            return super().forward(features)
        return nnf.batch_norm(features, None, None, self.weight, self.bias, training=True, eps=self.eps)


NORM_LAYERS: dict[str, Callable[[int], nn.Module]] = {
    "instance": nn.InstanceNorm2d,
    "batch": nn.BatchNorm2d,
    "current_batch": CurrentBatchNorm2d,
}


def head(in_channels: int, out_channels: int, *activation: nn.Module) -> nn.Sequential:
    """Build an output layer: 7x7 convolution on reflected borders, then ``activation``."""
    return nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(in_channels, out_channels, 7), *activation)


def stem(in_channels: int, base_channels: int, downsamples: int, norm: str) -> list[nn.Module]:
    """Build the layers from the input to the coarsest resolution: 7x7, then stride-2 3x3 convolutions."""
    layers = [*head(in_channels, base_channels), NORM_LAYERS[norm](base_channels), nn.ReLU(inplace=True)]
    for level in range(downsamples):
        channels = base_channels * 2**level
        layers += [
            nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1),
            NORM_LAYERS[norm](2 * channels),
            nn.ReLU(inplace=True),
        ]
    return layers


def residuals(channels: int, count: int, norm: str) -> list[nn.Module]:
    """Build ``count`` residual blocks."""
    return [ResidualBlock(channels, norm) for _ in range(count)]


def upsampling(base_channels: int, upsamples: int, norm: str, form: str) -> nn.Sequential:
    """Build the layers from the coarsest resolution back up to ``base_channels`` channels.

    Args:
        base_channels: Channels of the last layer; each one before has twice as many.
        upsamples: Number of layers.
        norm: Name of the normalisation.
        form: ``transposed`` convolutions, or ``resize``: nearest neighbours, then a convolution.
    """
    layers: list[nn.Module] = []
    for level in reversed(range(upsamples)):
        channels = base_channels * 2**level
        if form == "transposed":
            layers.append(nn.ConvTranspose2d(2 * channels, channels, 3, stride=2, padding=1, output_padding=1))
        else:
            layers += [nn.Upsample(scale_factor=2), nn.ReflectionPad2d(1), nn.Conv2d(2 * channels, channels, 3)]
        layers += [NORM_LAYERS[norm](channels), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions on reflected borders, added to the input."""

    def __init__(self, channels: int, norm: str) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            NORM_LAYERS[norm](channels),
            nn.ReLU(inplace=True),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            NORM_LAYERS[norm](channels),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return ``features + body(features)``, ``(B, C, H, W)``."""
        out: Tensor = features + self.body(features)
        return out


def full_precision(features: Tensor) -> Tensor:
    """Return half-precision numbers as float32; wider ones stay as they are."""
    return features.to(torch.promote_types(features.dtype, torch.float32))


def upsample_2x(images: Tensor) -> Tensor:
    """Return ``(B, C, H, W)`` bilinearly enlarged to ``(B, C, 2 H, 2 W)``.

    Convention:
        Point (i, j) comes to lie on (2 i, 2 j), from where `vid2vid.ops.halve` has taken it.
    """
    height, width = images.shape[-2:]
    between = nnf.interpolate(images, (2 * height - 1, 2 * width - 1), mode="bilinear", align_corners=True)
    return nnf.pad(between, (0, 1, 0, 1), mode="replicate")


def zero_init(module: nn.Module) -> None:
    """Set all weights and biases to zero."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)


def init_weights(module: nn.Module) -> None:
    """Draw the weights of a convolution from N(0, 0.02) and set its bias to zero, as in DCGAN (use with ``apply``)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
