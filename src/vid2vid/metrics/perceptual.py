"""How different two frames look: a paired distance of feature maps, and how it changes over time."""

from collections.abc import Callable

import torch
from torch import Tensor

from vid2vid.metrics.features import Features, Network, image_network
from vid2vid.metrics.means import Means

FeatureMaps = Callable[[Tensor], Features]


@torch.no_grad()
def perceptual_distance(fake: Tensor, real: Tensor, network: FeatureMaps) -> Tensor:
    """Return how differently a network sees the frames of two videos.

    For each of its maps the mean over the points of ``‖u(φ(x̃)) - u(φ(x))‖²``, summed over the maps, where
    ``u(φ) = φ / sqrt(1 + ‖φ‖²)`` divides the channels of a point by their common strength. The form is that of LPIPS
    (Zhang et al., 2018) without its learnt weights: it is **not** LPIPS and must not be called so.

    Args:
        fake: ``(B, T, 3, H, W)`` in [-1, 1].
        real: The same shape.
        network: Takes ``(N, 3, H, W)`` and gives maps ``(N, C, h, w)``, one tensor or several, or a vector ``(N, D)``.

    Returns:
        ``(B, T)`` in float64, each in [0, 4 x maps].
    """
    _check(fake, real)
    pairs = zip(fake.float().unbind(1), real.float().unbind(1), strict=True)
    return torch.stack([apart(strengths(network(one)), strengths(network(other))) for one, other in pairs], dim=1)


@torch.no_grad()
def perceptual_change(fake: Tensor, real: Tensor, network: FeatureMaps) -> Tensor:
    """Return by how much the synthesised video changes more, or less, from frame to frame than the real one.

    ``|d(x̃_t, x̃_{t-1}) - d(x_t, x_{t-1})|`` with d of `perceptual_distance`: the form of tLPIPS (Chu et al., 2020), on
    another distance.

    Args:
        fake: ``(B, T, 3, H, W)`` in [-1, 1], T >= 2.
        real: The same shape.
        network: As for `perceptual_distance`.

    Returns:
        ``(B, T - 1)`` in float64.
    """
    _check(fake, real)
    return (_changes(fake, network) - _changes(real, network)).abs()


def _changes(video: Tensor, network: FeatureMaps) -> Tensor:
    """Return each frame's distance to the one before, ``(B, T - 1)``; each frame is looked at once."""
    frames = [strengths(network(frame)) for frame in video.float().unbind(1)]
    return torch.stack([apart(now, before) for now, before in zip(frames[1:], frames[:-1], strict=True)], dim=1)


def strengths(features: Features) -> list[Tensor]:
    """Return u(φ) of each map (see `perceptual_distance`) as ``(N, C, points)`` in float64.

    Args:
        features: What a network gives for images: maps ``(N, C, h, w)``, one tensor or several, or ``(N, D)``.
    """
    maps = [features] if isinstance(features, Tensor) else features
    flat = [each.double().reshape(*each.shape[:2], -1) for each in maps]
    return [each / torch.sqrt(1 + each.square().sum(1, keepdim=True)) for each in flat]


def apart(one: list[Tensor], other: list[Tensor]) -> Tensor:
    """Return `perceptual_distance`, ``(N,)``, of images of which `strengths` are known.

    Args:
        one: The strengths of the one.
        other: Of the other, of the same shapes.
    """
    distances = [(a - b).square().sum(1).mean(1) for a, b in zip(one, other, strict=True)]
    return torch.stack(distances).sum(0)


def _check(fake: Tensor, real: Tensor) -> None:
    if fake.shape != real.shape:
        raise ValueError(f"the videos must have one shape, not {tuple(fake.shape)} and {tuple(real.shape)}")


class _OfNetwork(Means):
    """A mean of what a network sees.

    Args:
        network: ``spatial_energy``, or the path of a TorchScript file, or a module: `vid2vid.metrics.features`.

    Raises:
        ConfigError: The network cannot be loaded.
    """

    higher_is_better = False

    def __init__(self, network: Network = "spatial_energy") -> None:
        super().__init__()
        self.network = image_network(network)


class PerceptualDistance(_OfNetwork):
    """The mean of `perceptual_distance` over all frames."""

    def update(self, fake: Tensor, real: Tensor) -> None:
        """Add videos ``(B, T, 3, H, W)`` in [-1, 1]."""
        self.add(perceptual_distance(fake, real, self.network))


class PerceptualChange(_OfNetwork):
    """The mean of `perceptual_change` over all pairs of frames."""

    def update(self, fake: Tensor, real: Tensor) -> None:
        """Add videos ``(B, T, 3, H, W)`` in [-1, 1]."""
        self.add(perceptual_change(fake, real, self.network))
