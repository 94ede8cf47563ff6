"""How sure a figure is that was measured on some clips: intervals from clips drawn anew (Efron, 1979)."""

from collections.abc import Callable

import torch
from torch import Tensor

LEVEL = 0.95
Interval = tuple[float, float]


def draws(clips: int, resamples: int, seed: int = 0) -> Tensor:
    """Draw as many clips as there are, with replacement, many times.

    Args:
        clips: How many clips there are.
        resamples: How often they are drawn.
        seed: Decides which; with one seed all candidates are judged on the same draws.

    Returns:
        ``(resamples, clips)`` in float64: how often each clip was drawn.
    """
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(clips, (resamples, clips), generator=generator)
    counts = torch.zeros(resamples, clips, dtype=torch.float64)
    return counts.scatter_add_(1, drawn, torch.ones_like(counts))


def interval(
    statistics: Tensor, figure: Callable[[Tensor], Tensor], resamples: int, seed: int = 0, level: float = LEVEL
) -> Interval | None:
    """Return the percentile interval of a figure of all clips.

    Args:
        statistics: ``(clips, D)``, what is known of each clip, such that the sums over clips give the figure.
        figure: Turns sums ``(resamples, D)`` into figures ``(resamples,)``; NaN where they give none.
        resamples: How often the clips are drawn anew.
        seed: See `draws`.
        level: Which share of the figures lies in the interval.

    Returns:
        The lower and the upper bound; None where one clip alone, or no drawing, tells nothing.
    """
    if len(statistics) < 2 or resamples < 1:
        return None
    figures = figure(draws(len(statistics), resamples, seed) @ statistics.double())
    figures = figures[~figures.isnan()]
    if not len(figures):
        return None
    tails = torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.float64)
    low, high = torch.quantile(figures, tails).tolist()
    return low, high


def mean_interval(values: Tensor, resamples: int, seed: int = 0, level: float = LEVEL) -> Interval | None:
    """Return the interval of the mean of values ``(clips,)``; clips whose value is NaN do not count."""
    known = values[~values.isnan()]
    statistics = torch.stack([known, torch.ones_like(known)], dim=1)
    return interval(statistics, lambda sums: sums[:, 0] / sums[:, 1], resamples, seed, level)
