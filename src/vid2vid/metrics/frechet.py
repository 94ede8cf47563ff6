"""The Fréchet distance between the features of synthesised and of real images or videos (Heusel et al., 2017)."""

from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from vid2vid.metrics.bootstrap import Figure
from vid2vid.metrics.clip_metric import MetricFactory, MetricSetup, ReferenceClip, VideoMetric
from vid2vid.metrics.feature_samples import FrameSamples, WindowSamples, of_windows
from vid2vid.metrics.metric_networks import Network


def frechet_distance(mean: Tensor, covariance: Tensor, other_mean: Tensor, other_covariance: Tensor) -> Tensor:
    """Return the squared Fréchet (2-Wasserstein) distance of two Gaussians, the usual form of "FID".

    ``‖μ - μ'‖² + tr(C + C' - 2 (C C')^{1/2})``, computed in float64. The last trace is the sum of the singular values
    of ``C^{1/2} C'^{1/2}`` with symmetric roots: no root of rounding errors is taken, so that singular covariances do
    no harm.

    Args:
        mean: ``(D,)``.
        covariance: ``(D, D)``, symmetric, without negative eigenvalues but for rounding.
        other_mean: ``(D,)``.
        other_covariance: ``(D, D)``.

    Returns:
        A scalar >= 0 in float64.

    Examples:
        >>> identity = torch.eye(2)
        >>> frechet_distance(torch.tensor([3.0, 0.0]), identity, torch.zeros(2), 4 * identity).round(decimals=6).item()
        11.0
    """
    covariance, other_covariance = covariance.double(), other_covariance.double()
    apart = (mean.double() - other_mean.double()).square().sum()
    shared: Tensor = torch.linalg.svdvals(_root(covariance) @ _root(other_covariance)).sum()
    return (apart + covariance.trace() + other_covariance.trace() - 2 * shared).clamp(min=0)


def _root(covariance: Tensor) -> Tensor:
    """Return the symmetric square root; what lies within rounding of zero counts as zero."""
    values, vectors = torch.linalg.eigh((covariance + covariance.mT) / 2)
    rounding = values.abs().max() * len(values) * torch.finfo(values.dtype).eps
    root: Tensor = vectors * values.where(values > rounding, 0).sqrt() @ vectors.mT
    return root


class _Frechet(VideoMetric):
    """Squared Fréchet distance of two sets of feature vectors, in memory that does not grow with them.

    States are the number, the sum and the sum of outer products of each set.

    Args:
        dimensions: Length D of the vectors; None: that of the first ones; then each process must add some.
    """

    higher_is_better = False
    counts: Tensor
    totals: Tensor
    products: Tensor

    def __init__(self, dimensions: int | None = None) -> None:
        super().__init__()
        self.add_state("counts", torch.zeros(2, dtype=torch.float64), dist_reduce_fx="sum")
        self.dimensions = dimensions
        if dimensions is not None:
            self._make_states(dimensions)

    def _make_states(self, dimensions: int) -> None:
        self.dimensions = dimensions
        for name, shape in {"totals": (2, dimensions), "products": (2, dimensions, dimensions)}.items():
            zeros = torch.zeros(shape, dtype=torch.float64, device=self.device)
            self.add_state(name, zeros, dist_reduce_fx="sum")

    def add(self, fake: Tensor, real: Tensor) -> None:
        """Add vectors ``(N, D)`` of the one set and ``(M, D)`` of the other; N and M need not be equal, nor above 0.

        Raises:
            ValueError: Their length differs, or is another one than before.
        """
        dimensions = self.dimensions or fake.shape[-1]
        if any(vectors.dim() != 2 or vectors.shape[1] != dimensions for vectors in (fake, real)):
            raise ValueError(f"vectors must be (N, {dimensions}), not {tuple(fake.shape)}, {tuple(real.shape)}")
        if self.dimensions is None:
            self._make_states(fake.shape[1])
        for which, vectors in enumerate((fake, real)):
            vectors = vectors.to(self.totals)
            self.counts[which] += len(vectors)
            self.totals[which] += vectors.sum(0)
            self.products[which] += vectors.mT @ vectors

    def compute(self) -> Tensor:
        """Return the squared distance, a scalar.

        Raises:
            ValueError: One of the sets has fewer than two vectors.
        """
        if self.counts.min() < 2:
            fake, real = self.counts.int().tolist()
            raise ValueError(f"a Fréchet distance needs at least 2 samples of each: there are {fake} fake, {real} real")
        means = self.totals / self.counts[:, None]
        spread = self.products - means[:, :, None] * self.totals[:, None]
        covariances = spread / (self.counts - 1)[:, None, None]
        return frechet_distance(means[0], covariances[0], means[1], covariances[1])

    def figure(self, measure: str, resamples: int = 0) -> Figure | None:
        """Return the distance, None for fewer than two samples (see `VideoMetric.figure`).

        It has no interval: the distance grows when samples repeat, as they do when clips are drawn with replacement.
        """
        return Figure(float(self.compute())) if self.counts.min() > 1 else None


class FeatureDistance(_Frechet):
    """Squared Fréchet distance of two sets of vectors, see `frechet_distance`.

    Args:
        dimensions: Length of the vectors.
    """

    measures = ("feature_distance",)

    def update(self, fake: Tensor, real: Tensor) -> None:
        """Add vectors ``(N, D)`` of the one set and ``(M, D)`` of the other; N and M need not be equal, nor above 0."""
        self.add(fake, real)


class _SampleDistance(_Frechet):
    """Squared Fréchet distance of the features of frames or windows of frames."""

    def __init__(self, samples: FrameSamples | WindowSamples) -> None:
        super().__init__(samples.network.dimensions)
        self.samples, self.network = samples, samples.network

    def update(self, video: Tensor, reference: ReferenceClip) -> None:
        """Add videos ``(B, T, 3, H, W)`` in [-1, 1] and the real ones; a window may reach into the next part of a clip.

        Raises:
            ConfigError: The network cannot take them.
        """
        if self.too_small_for(self.network, reference):
            return
        for fake, real in self.samples(video, reference):
            self.add(fake, real)


class ImageFrechetDistance(_SampleDistance):
    """Squared Fréchet distance of the features of single synthesised and real frames.

    With the built-in network ``spatial_energy`` this is **not** FID and must not be called so; see
    `VideoFrechetDistance`.

    Args:
        network: ``spatial_energy``, the path of a TorchScript file, or a module (`vid2vid.metrics.metric_networks`).

    Raises:
        ConfigError: The network cannot be loaded.
    """

    measures = ("image_frechet_distance",)

    def __init__(self, network: Network = "spatial_energy") -> None:
        super().__init__(FrameSamples(network))

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        return partial(cls, setup.image_network)


class VideoFrechetDistance(_SampleDistance):
    """Squared Fréchet distance of the features of short windows of synthesised and of real videos.

    A sample is a window of consecutive frames that count, a new one each ``stride`` frames. With the built-in network
    ``motion_energy`` this is **not** FVD and must not be called so: FVD is the name for one trained network's features.
    Values compare only between runs with the same network, windows, image size and number of clips: as with every
    Fréchet distance, few samples make it larger (two halves of the real videos show by how much).

    Args:
        network: ``motion_energy``, ``deep_motion``, the path of a TorchScript file, or a module, see
            `vid2vid.metrics.metric_networks`.
        window: Frames of a window.
        stride: Frames from the beginning of a window to that of the next.

    Raises:
        ConfigError: The network cannot be loaded, or a number is too small.
    """

    measures = ("video_frechet_distance",)
    deep: ClassVar[bool] = False

    def __init__(self, network: Network = "motion_energy", window: int = 8, stride: int = 4) -> None:
        super().__init__(WindowSamples(network, window, stride))

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        return of_windows(cls, setup, cls.deep)

    def figure(self, measure: str, resamples: int = 0) -> Figure | None:
        """Return the distance, None for fewer than two windows (see `VideoMetric.figure`)."""
        windows = int(self.counts.min())
        if windows == 1:
            self.note("video Fréchet distance: left out, since the clips hold only one window.")
        elif windows:
            self.note(f"video Fréchet distance: {windows} {self.samples.what}.")
        return super().figure(measure, resamples)


class DeepVideoFrechetDistance(VideoFrechetDistance):
    """The same by the features of ``deep_motion``, as a measure of its own."""

    measures = ("deep_video_frechet_distance",)
    deep = True
