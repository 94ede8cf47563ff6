"""Perceptual distance of two frames, by feature maps, and how it changes from frame to frame."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from vid2vid.metrics.clip_metric import (
    ClipMean,
    MetricFactory,
    MetricSetup,
    ReferenceClip,
    require_one_shape,
    weighted,
    weighted_pairs,
)
from vid2vid.metrics.metric_networks import Features, MetricNetwork, Network, image_network

FeatureMaps = Callable[[Tensor], Features]


@torch.no_grad()
def perceptual_distance(fake: Tensor, real: Tensor, network: FeatureMaps) -> Tensor:
    """Return the distance of the features of two videos' frames.

    For each map the mean over the points of ``‖u(φ(x̃)) - u(φ(x))‖²``, summed over the maps, where
    ``u(φ) = φ / sqrt(1 + ‖φ‖²)`` divides the channels of a point by their common strength. The form is that of LPIPS
    (Zhang et al., 2018) without its learnt weights: it is **not** LPIPS and must not be called so.

    Args:
        fake: ``(B, T, 3, H, W)`` in [-1, 1].
        real: The same shape.
        network: Takes ``(N, 3, H, W)`` and gives maps ``(N, C, h, w)``, one tensor or several, or a vector ``(N, D)``.

    Returns:
        ``(B, T)`` in float64, each in [0, 4 x maps].

    Raises:
        ValueError: The shapes differ.

    Examples:
        >>> fake, real = torch.ones(1, 1, 3, 8, 8), torch.zeros(1, 1, 3, 8, 8)
        >>> perceptual_distance(fake, real, network=lambda frames: frames).item()
        0.75
    """
    require_one_shape("videos", fake, real)
    pairs = zip(fake.float().unbind(1), real.float().unbind(1), strict=True)
    distances = [feature_distance(normalise(network(one)), normalise(network(other))) for one, other in pairs]
    return torch.stack(distances, dim=1)


@torch.no_grad()
def perceptual_change(fake: Tensor, real: Tensor, network: FeatureMaps) -> Tensor:
    """Return how much the distance between consecutive frames differs from the real video's.

    ``|d(x̃_t, x̃_{t-1}) - d(x_t, x_{t-1})|`` with d of `perceptual_distance`: the form of tLPIPS (Chu et al., 2020), on
    another distance.

    Args:
        fake: ``(B, T, 3, H, W)`` in [-1, 1], T >= 2.
        real: The same shape.
        network: As for `perceptual_distance`.

    Returns:
        ``(B, T - 1)`` in float64.

    Raises:
        ValueError: The shapes differ.

    Examples:
        >>> real = torch.zeros(1, 3, 3, 8, 8)
        >>> flickering = real + torch.tensor([0.0, 0.5, 0.0]).reshape(1, 3, 1, 1, 1)
        >>> perceptual_change(flickering, real, network=lambda frames: frames).round(decimals=3).tolist()
        [[0.429, 0.429]]
    """
    require_one_shape("videos", fake, real)
    fake_steps, real_steps = (
        _steps([normalise(network(frame)) for frame in video.float().unbind(1)]) for video in (fake, real)
    )
    return (fake_steps - real_steps).abs().mT


def normalise(features: Features) -> list[Tensor]:
    """Return u(φ) of each map (see `perceptual_distance`) in float64.

    Args:
        features: What a network gives for images: maps ``(N, C, h, w)``, one tensor or several, or ``(N, D)``.
    """
    maps = [features] if isinstance(features, Tensor) else features
    return [each.double() / torch.sqrt(1 + each.double().square().sum(1, keepdim=True)) for each in maps]


def feature_distance(one: list[Tensor], other: list[Tensor]) -> Tensor:
    """Return `perceptual_distance`, ``(N,)``, of images whose features were normalised (`normalise`)."""
    distances = [(a - b).square().sum(1).reshape(len(a), -1).mean(1) for a, b in zip(one, other, strict=True)]
    return torch.stack(distances).sum(0)


def feature_distance_within(one: list[Tensor], other: list[Tensor], mask: Tensor) -> Tensor:
    """Return `feature_distance` with the points of each map weighted by the share of a mask in them.

    A point depends on more pixels than those beneath it, so that what is near the mask counts a little, too.

    Args:
        one: Normalised maps ``(N, C, h, w)``.
        other: The same of the other images.
        mask: ``(N, H, W)`` in [0, 1], of the images.

    Returns:
        ``(N,)`` in float64; NaN where the mask is empty.
    """
    total = torch.zeros(len(mask), dtype=torch.float64, device=mask.device)
    for a, b in zip(one, other, strict=True):
        share = interpolate(mask[:, None].double(), a.shape[-2:], mode="area")[:, 0]
        total += ((a - b).square().sum(1) * share).sum((1, 2)) / share.sum((1, 2))
    return total


def _steps(frames: list[list[Tensor]]) -> Tensor:
    """Return the distance of each frame to the one before, ``(T - 1, N)``."""
    return torch.stack([feature_distance(now, before) for now, before in zip(frames[1:], frames[:-1], strict=True)])


class FrameFeatures(NamedTuple):
    """The features of one frame: normalised maps (`normalise`), and one vector ``(1, D)``."""

    normalised: list[Tensor]
    vector: Tensor


def frame_features(network: MetricNetwork, video: Tensor, reference: ReferenceClip) -> list[FrameFeatures]:
    """Return the features of the frames of a video that have a part in `ReferenceClip.pairs`.

    Metrics of one network share them (`ReferenceClip.once`).

    Args:
        network: The network.
        video: ``(1, T, 3, H, W)`` in [-1, 1].
        reference: The real clip.
    """

    def compute(video: Tensor) -> list[FrameFeatures]:
        found = []
        for frame in video[:, reference.pairs].unbind(1):
            features = network(frame)
            found.append(FrameFeatures(normalise(features), network.vectors(frame, features)))
        return found

    return reference.once(("frame_features", network.name), video, compute)


class _PerceptualMean(ClipMean):
    """A mean of distances of features.

    Args:
        network: ``spatial_energy``, the path of a TorchScript file, or a module (`vid2vid.metrics.metric_networks`).

    Raises:
        ConfigError: The network cannot be loaded.
    """

    higher_is_better = False

    def __init__(self, network: Network = "spatial_energy") -> None:
        super().__init__()
        self.network = image_network(network)

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        return partial(cls, setup.image_network)

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Compare the frames (see `ClipMean.rows`).

        Raises:
            ConfigError: The network cannot take them.
        """
        if self.too_small_for(self.network, reference):
            return {}
        fake, real = (
            [frame.normalised for frame in frame_features(self.network, each, reference)]
            for each in (video, reference.real)
        )
        return {self.measures[0]: self.compare(fake, real, reference)}

    def compare(self, fake: list[list[Tensor]], real: list[list[Tensor]], reference: ReferenceClip) -> Tensor:
        """Return the rows of frames with normalised features."""
        raise NotImplementedError


class PerceptualDistance(_PerceptualMean):
    """The mean of `perceptual_distance` over clips."""

    measures = ("perceptual_distance",)

    def compare(self, fake: list[list[Tensor]], real: list[list[Tensor]], reference: ReferenceClip) -> Tensor:
        """Return the distance of each frame that counts."""
        past = reference.given_in_pairs
        pairs = zip(fake[past:], real[past:], strict=True)
        return weighted(torch.cat([feature_distance(one, other) for one, other in pairs]))


class PerceptualChange(_PerceptualMean):
    """The mean of `perceptual_change` over clips."""

    measures = ("perceptual_change",)

    def compare(self, fake: list[list[Tensor]], real: list[list[Tensor]], reference: ReferenceClip) -> Tensor:
        """Return the change of each pair of frames."""
        changes = (_steps(fake) - _steps(real)).abs()[:, 0]
        return weighted_pairs(changes, torch.ones_like(changes), reference)
