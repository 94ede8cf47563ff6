"""Means over clips, and by how much two candidates differ in them."""

from collections.abc import Sequence

import torch

from vid2vid.evaluation.bootstrap import mean_interval
from vid2vid.evaluation.measures import Figure, Figures


def mean_figure(clips: Sequence[float], resamples: int) -> Figure | None:
    """Return the mean over clips; None where none has a value.

    Args:
        clips: Each clip's value, NaN where it has none.
        resamples: How often the clips are drawn anew for the interval.
    """
    values = torch.tensor(clips, dtype=torch.float64)
    if values.isnan().all():
        return None
    return Figure(float(values.nanmean()), mean_interval(values, resamples), tuple(clips))


def differences(figures: Figures, models: Sequence[str], resamples: int) -> Figures:
    """Return by how much each model is above the first one, clip by clip.

    What clips have in common, such as that one of them is hard for all, does not widen these intervals: two models can
    differ for sure whose own intervals overlap.

    Args:
        figures: Of all candidates.
        models: Who is compared, the one that the others are compared with first.
        resamples: How often the clips are drawn anew.

    Returns:
        For each of the others the measures that are means over clips.
    """
    first, *others = models
    found: Figures = {}
    for other in others:
        both = figures.get(first, {}).keys() & figures.get(other, {}).keys()
        for measure in [measure for measure in figures.get(other, {}) if measure in both]:
            pairs = zip(figures[other][measure].clips, figures[first][measure].clips, strict=True)
            figure = mean_figure([theirs - own for theirs, own in pairs], resamples)
            if figure is not None:
                found.setdefault(other, {})[measure] = figure
    return found
