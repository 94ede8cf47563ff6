"""The Fréchet distance between the features of synthesised and of real images or videos (Heusel et al., 2017)."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torchmetrics import Metric

from vid2vid.errors import ConfigError
from vid2vid.metrics.features import Network, extract, feature_count, image_network, video_network


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


def gaussian(count: Tensor, total: Tensor, products: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean ``(D,)`` and the unbiased covariance ``(D, D)`` of samples of which only sums are known.

    Args:
        count: The number of samples, at least 2.
        total: ``(D,)``, their sum.
        products: ``(D, D)``, the sum of their outer products with themselves.
    """
    mean = total / count
    return mean, (products - torch.outer(mean, total)) / (count - 1)


class FeatureDistance(Metric):
    """Fréchet distance of two sets of feature vectors, in memory that does not grow with them.

    States are the number, the sum and the sum of outer products of each set, in float64; processes add them.

    Args:
        features: Length D of the vectors.
    """

    full_state_update = False
    is_differentiable = False
    higher_is_better = False
    counts: Tensor
    totals: Tensor
    products: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        sums = {"counts": (2,), "totals": (2, features), "products": (2, features, features)}
        for name, shape in sums.items():
            self.add_state(name, torch.zeros(shape, dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, fake: Tensor, real: Tensor) -> None:
        """Add vectors ``(N, D)`` of the one set and ``(M, D)`` of the other; N and M need not be equal, nor above 0."""
        for which, vectors in enumerate((fake, real)):
            self.counts[which] += len(vectors)
            self.totals[which] += vectors.to(self.totals).sum(0)
            self.products[which] += vectors.to(self.products).mT @ vectors.to(self.products)

    def compute(self) -> Tensor:
        """Return the squared distance, a scalar.

        Raises:
            ValueError: One of the sets has fewer than two vectors.
        """
        if self.counts.min() < 2:
            fake, real = self.counts.int().tolist()
            raise ValueError(f"a Fréchet distance needs at least 2 samples of each: there are {fake} fake, {real} real")
        one, other = (gaussian(*sums) for sums in zip(self.counts, self.totals, self.products, strict=True))
        return frechet_distance(*one, *other)


class _NetworkDistance(FeatureDistance):
    """A distance of features that a network gives for parts of videos.

    Args:
        network: The network, loaded.
        name: What the user calls it.
        example: Shape of one input, to learn D from.
    """

    def __init__(self, network: nn.Module, name: str, example: Sequence[int]) -> None:
        super().__init__(feature_count(network, example, name))
        self.network, self.name = network, name

    def update(self, fake: Tensor, real: Tensor) -> None:
        """Add videos ``(B, T, 3, H, W)`` in [-1, 1]; the two need not be equally many or long, and may be none.

        Raises:
            ValueError: A video is shorter than the network needs.
            ConfigError: The network cannot take them.
        """
        super().update(*(self._vectors(video) for video in (fake, real)))

    def _vectors(self, video: Tensor) -> Tensor:
        parts = self._parts(video) if len(video) else ()
        vectors = [extract(self.network, part, self.name) for part in parts]
        return torch.cat([self.totals[:0], *vectors])

    def _parts(self, video: Tensor) -> Iterable[Tensor]:
        """Cut videos into inputs of the network."""
        raise NotImplementedError


class VideoFrechetDistance(_NetworkDistance):
    """Squared Fréchet distance of the features of short windows of synthesised and of real videos.

    The sample is every window of ``frames`` frames, a new one each ``stride`` frames. With the built-in network
    ``motion_energy`` this is **not** FVD and must not be called so: FVD is the name for one trained network's features.
    Values compare only between runs with the same network, windows, picture size and number of clips: as with every
    Fréchet distance, few samples make it larger (two halves of the real videos show by how much).

    Args:
        network: ``motion_energy``, ``deep_motion``, the path of a TorchScript file, or a module, see
            `vid2vid.metrics.features`.
        frames: Length of a window; ``motion_energy`` needs at least 5.
        stride: Frames from one window's beginning to the next.
        example: Height and width of the pictures that a user's network is tried on here, to learn D.

    Raises:
        ConfigError: The network cannot be loaded or does not keep to the convention.
    """

    def __init__(
        self,
        network: Network = "motion_energy",
        frames: int = 8,
        stride: int = 4,
        example: tuple[int, int] = (224, 224),
    ) -> None:
        if frames < 1 or stride < 1:
            raise ConfigError(f"frames={frames}, stride={stride}: both must be at least 1.")
        super().__init__(video_network(network), _name(network), (3, frames, *example))
        self.frames, self.stride = frames, stride

    def _parts(self, video: Tensor) -> Iterable[Tensor]:
        length = video.shape[1]
        if length < self.frames:
            raise ValueError(f"windows are of {self.frames} frames, but a video has only {length}")
        for start in range(0, length - self.frames + 1, self.stride):
            yield video[:, start : start + self.frames].transpose(1, 2)


class ImageFrechetDistance(_NetworkDistance):
    """Squared Fréchet distance of the features of single synthesised and real frames.

    With the built-in network ``spatial_energy`` this is **not** FID and must not be called so; see
    `VideoFrechetDistance`.

    Args:
        network: ``spatial_energy``, or the path of a TorchScript file, or a module: `vid2vid.metrics.features`.
        example: Height and width of the picture that a user's network is tried on here, to learn D.

    Raises:
        ConfigError: The network cannot be loaded or does not keep to the convention.
    """

    def __init__(self, network: Network = "spatial_energy", example: tuple[int, int] = (224, 224)) -> None:
        super().__init__(image_network(network), _name(network), (3, *example))

    def _parts(self, video: Tensor) -> Iterable[Tensor]:
        return video.unbind(1)


def _name(network: Network) -> str:
    """Return what the user calls a network."""
    return type(network).__name__ if isinstance(network, nn.Module) else str(network)
