"""The Fréchet distance and the MMD as functions of the number of clips that they are computed from."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from vid2vid.metrics.bootstrap import percentiles
from vid2vid.metrics.frechet import frechet_distance
from vid2vid.metrics.polynomial_mmd import clip_discrepancies

DRAWINGS = 40
"""Sets of clips that are drawn of each size."""

Distance = Callable[[list[Tensor], list[Tensor]], Tensor]
"""Takes the vectors ``(n, D)`` of each synthesised clip, and of each real one."""


@dataclass(frozen=True)
class SampleCurve:
    """A distance between distributions as a function of the number of clips.

    Attributes:
        clips: Numbers of clips.
        values: For each number the mean of the distance over random sets of that size.
        bounds: For each number the bounds of 95 % of these sets; None where there is one set only.
    """

    clips: list[int]
    values: list[float]
    bounds: list[tuple[float, float] | None]


def frechet_of_clips(fake: list[Tensor], real: list[Tensor]) -> Tensor:
    """Return the squared Fréchet distance of the samples of some clips, see `vid2vid.metrics.frechet_distance`."""
    sets = [torch.cat(rows).double() for rows in (fake, real)]
    everything = torch.cat(sets)
    if len(everything) < everything.shape[1]:
        # in the space that the samples span, where it is the same
        axes = torch.linalg.qr(everything.mT).Q
        sets = [vectors @ axes for vectors in sets]
    (mean, covariance), (other, other_covariance) = ((each.mean(0), each.mT.cov()) for each in sets)
    return frechet_distance(mean, covariance, other, other_covariance)


def mmd_of_clips(fake: list[Tensor], real: list[Tensor]) -> Tensor:
    """Return the squared polynomial MMD of some clips, see `clip_discrepancies`."""
    sums, pairs = clip_discrepancies(fake, real)
    return sums.sum() / pairs.sum()


def sample_curve(distance: Distance, fake: list[Tensor], real: list[Tensor], drawings: int = DRAWINGS) -> SampleCurve:
    """Compute a distance on random sets of 2, 3, 4, 6, 8, 12, 16, ... and of all clips.

    Args:
        distance: `frechet_of_clips` or `mmd_of_clips`.
        fake: The vectors ``(n, D)`` of each synthesised clip.
        real: The vectors of the real clips; the same ones are drawn.
        drawings: Sets of each size.
    """
    everything = len(fake)

    def on_set(order: list[int], size: int) -> Tensor:
        return distance([fake[i] for i in order[:size]], [real[i] for i in order[:size]])

    # there is one set of all clips
    return _curve(on_set, everything, {size: 1 if size == everything else drawings for size in _sizes(everything)})


def floor_curve(distance: Distance, real: list[Tensor], drawings: int = DRAWINGS) -> SampleCurve:
    """Compute a distance between different real clips, by their number: what a perfect model would have on other clips.

    Args:
        distance: See `sample_curve`.
        real: The vectors ``(n, D)`` of each real clip. Two sets without a clip in common have up to half of them each.
        drawings: Pairs of sets of each size.
    """

    def between_sets(order: list[int], size: int) -> Tensor:
        return distance([real[i] for i in order[:size]], [real[i] for i in order[size : 2 * size]])

    return _curve(between_sets, len(real), dict.fromkeys(_sizes(len(real) // 2), drawings))


def _curve(value: Callable[[list[int], int], Tensor], clips: int, drawings: dict[int, int]) -> SampleCurve:
    """Compute values by size, each for ``drawings[size]`` random orders of all clips."""
    draw = torch.Generator().manual_seed(0)
    curve = SampleCurve([], [], [])
    for size, count in drawings.items():
        orders = [torch.randperm(clips, generator=draw).tolist() for _ in range(count)]
        found = torch.stack([value(order, size) for order in orders])
        curve.clips.append(size)
        curve.values.append(float(found.mean()))
        curve.bounds.append(percentiles(found.cpu()) if count > 1 else None)
    return curve


def _sizes(most: int) -> list[int]:
    """Return 2, 3, 4, 6, 8, 12, ... and the greatest."""
    sizes = sorted(size for power in range(1, most.bit_length()) for size in (2**power, 3 * 2 ** (power - 1)))
    return [*(size for size in sizes if size < most), *([most] if most > 1 else [])]


SAMPLE_CURVES: dict[str, tuple[str, Distance]] = {
    f"{kind}_{name}": (f"{kind}_mmd", distance)
    for kind in ("video", "deep_video", "image")
    for name, distance in (("frechet_distance", frechet_of_clips), ("mmd", mmd_of_clips))
}
"""For each measure that has such a curve the one whose metric keeps the vectors, and the distance."""
