"""The polynomial maximum mean discrepancy of the features of synthesised and of real images or videos.

The estimate is unbiased: few clips make it uncertain, but not larger, in contrast to the Fréchet distance. KID
(Bińkowski et al., 2018) is that of Inception's features of images, JEDi (Luo et al., 2024) one of V-JEPA's of videos.
"""

from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from vid2vid.metrics.bootstrap import Figure, draws, percentiles
from vid2vid.metrics.clip_metric import ClipMetric, MetricFactory, MetricSetup, ReferenceClip
from vid2vid.metrics.feature_samples import FrameSamples, SamplePairs, WindowSamples, of_windows
from vid2vid.metrics.metric_networks import Network

DEGREE = 3
"""Degree of the kernel, as in KID: means, covariances and skewnesses are compared."""

MOST_SAMPLES = 4096
"""Samples that are compared with each other; of more, evenly spread ones of each clip."""


def polynomial_mmd(fake: Tensor, real: Tensor, degree: int = DEGREE) -> Tensor:
    """Return the squared maximum mean discrepancy of two sets of vectors, estimated without bias.

    With the kernel ``k(x, y) = (x · y / D + 1)^degree``: the mean of k over the pairs of different vectors of the one
    set, plus that of the other, minus twice the mean over all pairs between them (Gretton et al., 2012, Eq. 3).

    Args:
        fake: ``(N, D)``, at least two.
        real: ``(M, D)``, at least two, drawn independently of ``fake``.
        degree: Of the kernel.

    Returns:
        A scalar in float64. Its mean is 0 for samples of one distribution, so that single values may be below.

    Raises:
        ValueError: There are fewer than two vectors, or their lengths differ.

    Examples:
        >>> fake, real = torch.tensor([[1.0], [1.0]]), torch.tensor([[0.0], [0.0]])
        >>> polynomial_mmd(fake, real).item()  # 2³ + 1³ - 2 · 1³
        7.0
    """
    if min(len(fake), len(real)) < 2 or fake.shape[1:] != real.shape[1:]:
        raise ValueError(f"vectors must be (N, D) and (M, D), 2 at least, not {tuple(fake.shape)}, {tuple(real.shape)}")
    fake, real = fake.double(), real.double()
    within = [
        (kernel.sum() - kernel.trace()) / (len(kernel) * (len(kernel) - 1))
        for kernel in (_kernel(each, each, degree) for each in (fake, real))
    ]
    return within[0] + within[1] - 2 * _kernel(fake, real, degree).mean()


def _kernel(one: Tensor, other: Tensor, degree: int = DEGREE) -> Tensor:
    """Return k of vectors ``(N, D)`` and ``(M, D)``, ``(N, M)``."""
    return (one @ other.mT / one.shape[1] + 1) ** degree


def clip_discrepancies(fake: list[Tensor], real: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Compare the samples of each clip with those of each other one.

    For clips i ≠ j the sum over their samples x, y of ``k(x̃, ỹ) + k(x, y) - k(x̃, y) - k(x, ỹ)``, whose mean is the
    squared MMD, estimated without bias also where each synthesised clip was made from a real one's conditions (Gretton
    et al., 2012, Lemma 6).

    Args:
        fake: For each clip its vectors ``(n, D)``.
        real: As many of the real clips.

    Returns:
        These sums and the numbers of pairs they are of, each ``(clips, clips)`` with zeros on the diagonal.
    """
    owner = torch.repeat_interleave(torch.tensor([len(rows) for rows in fake]))
    everything = [torch.cat(rows) for rows in (fake, real)]
    counts = torch.bincount(owner, minlength=len(fake)).double()
    sums = torch.zeros(len(fake), len(fake), dtype=torch.float64)
    for clip, own in enumerate(zip(fake, real, strict=True)):
        for one, sign in zip(own, (1, -1), strict=True):
            for other, other_sign in zip(everything, (1, -1), strict=True):
                kernel = _kernel(one, other).sum(0).cpu()
                sums[clip].index_add_(0, owner, kernel, alpha=sign * other_sign)
    return sums.fill_diagonal_(0), counts.outer(counts).fill_diagonal_(0)


class PolynomialMMD(ClipMetric):
    """The squared polynomial MMD of synthesised and real clips.

    Pairs of samples of one clip do not count, since they are alike: clips are the independent samples.
    """

    higher_is_better = False
    samples: FrameSamples | WindowSamples

    def __init__(self, samples: FrameSamples | WindowSamples) -> None:
        super().__init__(("fake", "real"))
        self.samples, self.network = samples, samples.network

    def update(self, video: Tensor, reference: ReferenceClip) -> None:
        """Add videos ``(B, T, 3, H, W)`` in [-1, 1] and the real ones.

        Raises:
            ConfigError: The network cannot take them.
        """
        if self.too_small_for(self.network, reference):
            return
        pairs: SamplePairs = self.samples(video, reference)
        for b in range(len(video)):
            for which, name in enumerate(("fake", "real")):
                rows = torch.stack([pair[which][b] for pair in pairs]) if pairs else None
                self.keep(name, rows, reference.continues)

    def clips(self, name: str) -> list[Tensor]:
        """Return the vectors of each clip that has some, ``(n, D)``: ``fake`` or ``real`` ones."""
        lengths, kept = getattr(self, f"{name}_lengths"), getattr(self, f"{name}_rows")
        total = int(sum(float(part.sum()) for part in lengths))
        if not total:
            return []
        self.width = sum(part.numel() for part in kept) // total
        return [rows for rows in super().clips(name) if len(rows)]

    def compared(self) -> tuple[list[Tensor], list[Tensor]]:
        """Return the vectors that are compared, of each clip, or if there is one clip only, each by itself."""
        fake, real = self.clips("fake"), self.clips("real")
        if len(fake) == 1:
            chosen = _evenly_spread(len(fake[0]), MOST_SAMPLES)
            return [*fake[0][chosen][:, None]], [*real[0][chosen][:, None]]
        most = max(MOST_SAMPLES // max(len(fake), 1), 1)
        fake, real = ([each[_evenly_spread(len(each), most)] for each in rows] for rows in (fake, real))
        return fake, real

    def compute(self) -> Tensor:
        """Return the squared MMD, a scalar; samples of one distribution give values around 0.

        Raises:
            ValueError: There are fewer than two samples.
        """
        fake, real = self.compared()
        if len(fake) < 2:
            raise ValueError(f"an MMD needs at least 2 samples: there are {len(fake)}")
        sums, pairs = clip_discrepancies(fake, real)
        return sums.sum() / pairs.sum()

    def figure(self, measure: str, resamples: int = 0) -> Figure | None:
        """Return the MMD, None for fewer than two samples (see `VideoMetric.figure`).

        Its interval is of clips drawn with replacement; a clip is never compared with itself.
        """
        fake, real = self.compared()
        if len(fake) < 2:
            return None
        if len(self.clips("fake")) == 1:
            self.note(f"MMD: of one clip only, whose {self.samples.what} are taken as independent; no interval.")
            resamples = 0
        return _mean_of_pairs(*clip_discrepancies(fake, real), resamples)

    def difference(self, other: "PolynomialMMD", measure: str, resamples: int = 0) -> Figure | None:
        """Return by how much the MMD is above another model's on the same clips (see `VideoMetric.difference`)."""
        (own, pairs), (theirs, _) = (clip_discrepancies(*each.compared()) for each in (self, other))
        if len(own) < 2:
            return None
        return _mean_of_pairs(own - theirs, pairs, resamples if len(self.clips("fake")) > 1 else 0)


def _evenly_spread(count: int, most: int) -> Tensor:
    """Return the indices of at most ``most`` of ``count`` samples, evenly spread."""
    return torch.arange(count) if count <= most else torch.linspace(0, count - 1, most).round().long()


def _mean_of_pairs(sums: Tensor, pairs: Tensor, resamples: int) -> Figure:
    """Return the mean over pairs of clips, with its bootstrap interval over the clips."""
    bounds = None
    if resamples:
        drawn = draws(len(sums), resamples)
        of_sums, of_pairs = (((drawn @ each) * drawn).sum(1) for each in (sums, pairs))
        bounds = percentiles(of_sums / of_pairs)
    return Figure(float(sums.sum() / pairs.sum()), bounds)


class ImageMMD(PolynomialMMD):
    """Squared polynomial MMD of the features of single frames; KID only with Inception as the network.

    Args:
        network: ``spatial_energy``, the path of a TorchScript file, or a module (`vid2vid.metrics.metric_networks`).

    Raises:
        ConfigError: The network cannot be loaded.
    """

    measures = ("image_mmd",)

    def __init__(self, network: Network = "spatial_energy") -> None:
        super().__init__(FrameSamples(network))

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        return partial(cls, setup.image_network)


class VideoMMD(PolynomialMMD):
    """Squared polynomial MMD of the features of short windows, those of `VideoFrechetDistance`.

    Args:
        network: See `VideoFrechetDistance`.
        window: Frames of a window.
        stride: Frames from the beginning of a window to that of the next.

    Raises:
        ConfigError: The network cannot be loaded, or a number is too small.
    """

    measures = ("video_mmd",)
    deep: ClassVar[bool] = False

    def __init__(self, network: Network = "motion_energy", window: int = 8, stride: int = 4) -> None:
        super().__init__(WindowSamples(network, window, stride))

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        return of_windows(cls, setup, cls.deep)


class DeepVideoMMD(VideoMMD):
    """The same by the features of ``deep_motion``, as a measure of its own."""

    measures = ("deep_video_mmd",)
    deep = True
