"""What every judge does; those whose measure is a mean over clips share how they keep it."""

import math
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol

from torch import Tensor

from vid2vid.evaluation.footage import Footage, Series, joined
from vid2vid.evaluation.means import mean_figure
from vid2vid.evaluation.measures import Figures
from vid2vid.metrics import Curve


class Judge(Protocol):
    """Judges candidates beside each other, clip by clip, each clip in one or several consecutive parts.

    Attributes:
        notes: What the reader of the figures must know, such as why one is missing.
    """

    notes: list[str]

    def begin(self) -> None:
        """Begin a new clip."""

    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the next part of the clip.

        Args:
            videos: For each candidate ``(1, T, 3, H, W)`` in [-1, 1], the frames that do not count first.
            footage: The real frames.
        """

    def figures(self) -> Figures:
        """Return what was found over all clips."""


class SeriesJudge(ABC):
    """A judge whose figures are means over clips of means over frames.

    Args:
        resamples: How often the clips are drawn anew for an interval.
    """

    def __init__(self, resamples: int = 0) -> None:
        self.notes: list[str] = []
        self.resamples = resamples
        self.clips: list[dict[tuple[str, str], list[Series]]] = []

    def begin(self) -> None:
        """Begin a new clip."""
        self.clips.append(defaultdict(list))

    @abstractmethod
    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the next part of the clip (see `Judge`)."""

    def add(self, candidate: str, measure: str, series: Series) -> None:
        """Keep what a part of the clip has shown."""
        self.clips[-1][candidate, measure].append(series)

    def figures(self) -> Figures:
        """Return the means over the clips that have a value; of a measure that none has there is no figure."""
        found: Figures = defaultdict(dict)
        for key in dict.fromkeys(key for clip in self.clips for key in clip):
            each = [joined(clip[key]).mean if key in clip else math.nan for clip in self.clips]
            if (figure := mean_figure(each, self.resamples)) is not None:
                candidate, measure = key
                found[candidate][measure] = figure
        return found

    @property
    def measures(self) -> list[str]:
        """What somebody has a value of."""
        return list(dict.fromkeys(measure for clip in self.clips for _, measure in clip))

    def curves(self, measure: str) -> dict[str, list[float]]:
        """Return for each candidate the mean over clips of a measure as a function of time; NaN where it has none."""
        candidates = dict.fromkeys(candidate for clip in self.clips for candidate, name in clip if name == measure)
        return {candidate: self._curve(self._series(candidate, measure)) for candidate in candidates}

    def _series(self, candidate: str, measure: str) -> list[Series]:
        return [joined(clip[candidate, measure]) for clip in self.clips if (candidate, measure) in clip]

    @staticmethod
    def _curve(clips: list[Series]) -> list[float]:
        curve = Curve(max(len(series.values) for series in clips))
        for series in clips:
            curve.update(series.values[None])
        return [float(value) for value in curve.compute().reshape(-1)]  # torchmetrics makes one value a scalar


def too_small(footage: Footage, least: int, what: str, notes: list[str]) -> bool:
    """Whether frames have fewer pixels a side than a measure needs; a note says so once."""
    small = min(footage.real.shape[-2:]) < least
    note = f"{what}: left out of clips whose frames have a side of less than {least} pixels."
    if small and note not in notes:
        notes.append(note)
    return small
