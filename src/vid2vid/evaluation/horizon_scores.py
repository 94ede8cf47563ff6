"""How right predicted label maps are, over the time that they look ahead."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from vid2vid.evaluation.bootstrap import Interval, interval
from vid2vid.evaluation.measures import Figure, Figures
from vid2vid.metrics import confusion, mean_iou, pixel_accuracy

SCORES: dict[str, Callable[[Tensor], Tensor]] = {"miou": mean_iou, "pixel_accuracy": pixel_accuracy}
"""By name (`vid2vid.evaluation.MEASURES`): what they make of a confusion matrix."""


class HorizonScores:
    """Mean intersection over union and pixel accuracy: over the whole horizon, and at each time of it.

    Args:
        classes: How many classes C there are.
        resamples: How often the clips are drawn anew for an interval; 0: no intervals.

    Attributes:
        clips: How many clips were added.
        frames: How many true maps they had.
    """

    def __init__(self, classes: int, resamples: int = 0) -> None:
        self.classes, self.resamples = classes, resamples
        self.clips = self.frames = 0
        self._counts: dict[str, list[Tensor]] = {}

    def add(self, predictions: Mapping[str, Tensor], wanted: Tensor) -> None:
        """Add one clip.

        Args:
            predictions: For each candidate class indices ``(T, H, W)``; T may differ from clip to clip.
            wanted: The true ones, ``(T, H, W)``.
        """
        self.clips, self.frames = self.clips + 1, self.frames + len(wanted)
        for name, maps in predictions.items():
            pairs = zip(maps, wanted, strict=True)
            counts = torch.stack([confusion(one, true, self.classes) for one, true in pairs])
            self._counts.setdefault(name, []).append(counts.double().cpu())

    def figures(self) -> Figures:
        """Return each candidate's scores of all its predicted maps together."""
        return {
            name: {measure: self._figure(self._clips(name), score) for measure, score in SCORES.items()}
            for name in self._counts
        }

    def curves(self) -> dict[str, dict[str, list[float]]]:
        """Return for each measure each candidate's scores by time, those of all clips that are so long."""
        return {
            measure: {name: [float(score(counts)) for counts in self._times(name)] for name in self._counts}
            for measure, score in SCORES.items()
        }

    def lead(self, name: str, rival: str, measure: str) -> Figure:
        """Return by how much a candidate's score is higher than a rival's, on the same clips."""
        score = SCORES[measure]
        both = torch.cat([self._clips(name), self._clips(rival)], dim=2)

        def difference(counts: Tensor) -> Tensor:
            return score(counts[:, : self.classes]) - score(counts[:, self.classes :])

        return self._figure(both, difference)

    def _clips(self, name: str) -> Tensor:
        """Return the counts of each clip, ``(clips, C, C)``."""
        return torch.stack([counts.sum(0) for counts in self._counts[name]])

    def _times(self, name: str) -> list[Tensor]:
        clips = self._counts[name]
        return [
            torch.stack([counts[t] for counts in clips if t < len(counts)]).sum(0) for t in range(max(map(len, clips)))
        ]

    def _figure(self, counts: Tensor, score: Callable[[Tensor], Tensor]) -> Figure:
        return Figure(float(score(counts.sum(0))), self._interval(counts, score))

    def _interval(self, counts: Tensor, score: Callable[[Tensor], Tensor]) -> Interval | None:
        def scores(sums: Tensor) -> Tensor:
            return torch.stack([score(matrix) for matrix in sums.view(-1, *counts.shape[1:])])

        return interval(counts.flatten(1), scores, self.resamples)
