"""Figures over clips with bootstrap intervals (Efron, 1979), and paired differences of models.

Here the bootstrap is a matrix product: how often each clip was drawn, times the statistics of each clip. It therefore
serves ratios of sums (the mean over clips that have a value, mIoU) and draws the same clips for every model.
`scipy.stats.bootstrap` would gather the statistics of every resample, 1,000 x clips x classes² numbers for mIoU.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

LEVEL = 0.95
Interval = tuple[float, float]


@dataclass(frozen=True)
class Figure:
    """The value of a measure over all clips.

    Attributes:
        value: The value.
        interval: Its 95 % bootstrap interval over clips; None where it is unknown.
        clips: For a mean over clips the value of each clip, NaN where it has none; else empty.
    """

    value: float
    interval: Interval | None = None
    clips: tuple[float, ...] = ()

    @property
    def leaves_out_zero(self) -> bool:
        """Whether its interval is known and leaves out 0; then a difference is significant."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]

    def text(self, digits: int, signed: bool = False, bold: bool = False) -> str:
        """Return value and interval as a table shows them.

        Args:
            digits: Digits after the point.
            signed: Whether it is a difference, which always has its sign.
            bold: Whether the value is emphasised (Markdown).

        Examples:
            >>> Figure(0.5, (0.25, 0.75)).text(2), Figure(0.5, (-0.25, 1.25)).text(2, signed=True)
            ('0.50 (0.25 – 0.75)', '+0.50 (-0.25 to +1.25)')
        """
        form, between = (f"+.{digits}f", "to") if signed else (f".{digits}f", "–")
        value = f"**{self.value:{form}}**" if bold else f"{self.value:{form}}"
        if self.interval is None:
            return value
        low, high = self.interval
        return f"{value} ({low:{form}} {between} {high:{form}})"


Figures = dict[str, dict[str, Figure]]
"""For each candidate its figures by the name of the measure."""


def draws(clips: int, resamples: int, seed: int = 0) -> Tensor:
    """Draw as many clips as there are, with replacement, many times.

    Args:
        clips: Number of clips.
        resamples: Number of drawings.
        seed: Seed of the drawings; with one seed all candidates are compared on the same drawings.

    Returns:
        ``(resamples, clips)`` in float64: how often each clip was drawn.
    """
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(clips, (resamples, clips), generator=generator)
    counts = torch.zeros(resamples, clips, dtype=torch.float64)
    return counts.scatter_add_(1, drawn, torch.ones_like(counts))


def interval(statistics: Tensor, score: Callable[[Tensor], Tensor], resamples: int, seed: int = 0) -> Interval | None:
    """Return the 95 % percentile interval of a score of all clips.

    Args:
        statistics: ``(clips, ...)``, such that their sum over the clips gives the score.
        score: Turns sums ``(resamples, ...)`` into scores ``(resamples,)``; NaN where there is none.
        resamples: Number of drawings.
        seed: See `draws`.

    Returns:
        The lower and the upper bound; None with fewer than two clips or without drawings.
    """
    clips = len(statistics)
    if clips < 2 or resamples < 1:
        return None
    sums = draws(clips, resamples, seed) @ statistics.double().reshape(clips, -1)
    return percentiles(score(sums.view(-1, *statistics.shape[1:])))


def percentiles(scores: Tensor) -> Interval | None:
    """Return the bounds that 95 % of the scores ``(resamples,)`` of drawings lie in; None if all of them are NaN."""
    scores = scores[~scores.isnan()]
    if not len(scores):
        return None
    tails = torch.tensor([(1 - LEVEL) / 2, (1 + LEVEL) / 2], dtype=torch.float64)
    low, high = torch.quantile(scores, tails).tolist()
    return low, high


def mean_interval(values: Tensor, resamples: int, seed: int = 0) -> Interval | None:
    """Return the interval of the mean of values ``(clips,)``; clips whose value is NaN do not count."""
    known = values[~values.isnan()]
    return interval(known, lambda sums: sums / len(known), resamples, seed)


def mean_figure(clips: Sequence[float], resamples: int) -> Figure | None:
    """Return the mean over clips, or None where none has a value.

    Args:
        clips: The value of each clip, NaN where it has none.
        resamples: Number of drawings for the interval.
    """
    values = torch.tensor(clips, dtype=torch.float64)
    if values.isnan().all():
        return None
    return Figure(float(values.nanmean()), mean_interval(values, resamples), tuple(clips))


def paired_difference(one: Figure | None, other: Figure | None, resamples: int) -> Figure | None:
    """Return by how much one model is above another, clip by clip.

    A hard clip is hard for all models, which does not widen this interval: two models whose own intervals overlap can
    still differ significantly.

    Args:
        one: The figure of a model.
        other: That of the model that it is compared with.
        resamples: Number of drawings for the interval.

    Returns:
        The mean over the clips for which both have a value; None if there is none, or the figures are not such means.
    """
    if one is None or other is None:
        return None
    return mean_figure([theirs - own for theirs, own in zip(one.clips, other.clips, strict=True)], resamples)
