"""The samples of distances between distributions: feature vectors of single frames, or of short windows of frames."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from vid2vid.errors import ConfigError
from vid2vid.metrics.clip_metric import MetricFactory, MetricSetup, ReferenceClip, VideoMetric
from vid2vid.metrics.metric_networks import Network, image_network, video_network
from vid2vid.metrics.perceptual_distance import frame_features

SamplePairs = list[tuple[Tensor, Tensor]]
"""Vectors ``(B, D)`` of B synthesised and of the real clips, for each frame or window."""


class FrameSamples:
    """The features of the single frames that count.

    Args:
        network: ``spatial_energy``, the path of a TorchScript file, or a module (`vid2vid.metrics.metric_networks`).

    Raises:
        ConfigError: The network cannot be loaded.
    """

    def __init__(self, network: Network = "spatial_energy") -> None:
        self.network = image_network(network)

    def __call__(self, video: Tensor, reference: ReferenceClip) -> SamplePairs:
        """Return the vectors of each frame of videos ``(B, T, 3, H, W)`` in [-1, 1], and of the real ones.

        Metrics of one network share them (`ReferenceClip.once`).

        Raises:
            ConfigError: The network cannot take them.
        """
        past = reference.given_in_pairs
        fake, real = (
            [frame.vector for frame in frame_features(self.network, each, reference)[past:]]
            for each in (video, reference.real)
        )
        return list(zip(fake, real, strict=True))

    @property
    def what(self) -> str:
        """What a sample is, in words."""
        return f"frames ({self.network.name})"


class WindowSamples:
    """The features of windows of consecutive frames that count, a new one each ``stride`` frames.

    Args:
        network: ``motion_energy``, ``deep_motion``, the path of a TorchScript file, or a module
            (`vid2vid.metrics.metric_networks`).
        window: Frames of a window.
        stride: Frames from the beginning of a window to that of the next.

    Raises:
        ConfigError: The network cannot be loaded, or a number is too small.
    """

    def __init__(self, network: Network = "motion_energy", window: int = 8, stride: int = 4) -> None:
        self.network, self.window, self.stride = video_network(network), window, stride
        for name, value, least in (("window", window, self.network.least_frames), ("stride", stride, 1)):
            if value < least:
                raise ConfigError(f"{name}={value}: {self.network.name} needs at least {least}.")
        if self.network.frames not in (0, window):
            raise ConfigError(f"window={window}: {self.network.name} takes {self.network.frames} frames only.")
        # of the synthesised and of the real video: frames that begin no window yet, and how many of them to skip
        self._held: tuple[tuple[Tensor, int] | None, ...] = (None, None)

    @classmethod
    def asked_for(cls, setup: MetricSetup, name: str) -> "WindowSamples | None":
        """Return the samples that the settings ask for; the network is loaded once, for all metrics.

        Args:
            setup: What metrics are made from; a note is added where the clips are too short.
            name: The network.

        Returns:
            The samples, or None where the clips are too short.

        Raises:
            ConfigError: The network takes windows of another length only.
        """
        network = setup.video_network(name)
        if network.frames not in (0, setup.config.window):
            raise ConfigError(
                f"window={setup.config.window}: {name} takes {network.frames} frames only; set window={network.frames}."
            )
        window = min(setup.config.window, setup.shortest)
        if window < network.least_frames:
            setup.notes.append(
                f"video Fréchet distance and MMD: left out, since {name} needs windows of at least "
                f"{network.least_frames} frames, but only {window} frames of the shortest clip count."
            )
            return None
        return cls(network, window, setup.config.stride)

    def __call__(self, video: Tensor, reference: ReferenceClip) -> SamplePairs:
        """Return the vectors of each window that ends in these frames; it may have begun in the part before.

        Metrics of one network, window and stride share them (`ReferenceClip.once`).

        Args:
            video: ``(B, T, 3, H, W)`` in [-1, 1].
            reference: The real clips.

        Raises:
            ConfigError: The network cannot take them.
        """
        vectors, held = [], []
        for frames, before in zip((video, reference.real), self._held, strict=True):
            past, skip = before if before and reference.continues else (frames[:, :0], 0)
            what = ("windows", self.network.name, self.window, self.stride, past.shape[1], skip)
            found, rest = reference.once(what, frames, partial(self._features, reference, past, skip))
            vectors.append(found)
            held.append(rest)
        pairs = list(zip(*vectors, strict=True))
        self._held = tuple(held)
        return pairs

    def _features(
        self, reference: ReferenceClip, past: Tensor, skip: int, video: Tensor
    ) -> tuple[list[Tensor], tuple[Tensor, int]]:
        """Return the features of the windows in held and fresh frames, each ``(B, D)``, and what is held now."""
        frames = torch.cat([past, reference.counted(video)], dim=1)
        starts = range(skip, frames.shape[1] - self.window + 1, self.stride)
        found = [self.network.vectors(frames[:, t : t + self.window].transpose(1, 2)) for t in starts]
        following = skip + len(starts) * self.stride
        return found, (frames[:, following:], max(following - frames.shape[1], 0))

    @property
    def what(self) -> str:
        """What a sample is, in words."""
        return f"windows of {self.window} frames ({self.network.name})"


def of_windows(
    metric: Callable[[Network, int, int], VideoMetric], setup: MetricSetup, deep: bool
) -> MetricFactory | None:
    """Return the factory of a metric of windows (see `VideoMetric.factory`).

    Args:
        metric: Takes the network, the window and the stride.
        setup: What metrics are made from.
        deep: Whether the metric is that of ``deep_motion``, which `EvaluationConfig.deep` adds.

    Raises:
        ConfigError: The network takes windows of another length only.
    """
    if deep and not setup.config.deep:
        return None
    samples = WindowSamples.asked_for(setup, "deep_motion" if deep else setup.config.video_network)
    return None if samples is None else partial(metric, samples.network, samples.window, samples.stride)
