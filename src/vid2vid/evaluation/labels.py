"""The judge that looks for the wanted labels in the synthesised frames."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from vid2vid.errors import ConfigError
from vid2vid.evaluation.bootstrap import interval
from vid2vid.evaluation.footage import Footage
from vid2vid.evaluation.measures import REAL, Figure, Figures
from vid2vid.metrics import confusion, mean_iou, pixel_accuracy
from vid2vid.metrics.features import NOT_TAKEN

Segmentation = Callable[[Tensor], Tensor]
"""Takes images ``(N, 3, H, W)`` in [-1, 1]; gives class indices ``(N, H, W)`` or logits ``(N, classes, H, W)``."""


class LabelJudge:
    """Mean intersection over union, and the share of points whose label is found again, over all clips together.

    Args:
        segmentation: Finds the labels.
        classes: How many labels there are.
        resamples: How often the clips are drawn anew for an interval; 0: no intervals.
    """

    def __init__(self, segmentation: Segmentation, classes: int, resamples: int = 0) -> None:
        self.notes: list[str] = []
        self.segmentation, self.classes, self.resamples = segmentation, classes, resamples
        self.clips: list[dict[str, Tensor]] = []

    def begin(self) -> None:
        """Begin a new clip."""
        self.clips.append({})

    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the next part of the clip (see `Judge`)."""
        if footage.labels is None:
            return
        wanted = footage.counted(footage.labels)[0]
        for name, video in {**videos, REAL: footage.real}.items():
            clip = self.clips[-1]
            for frame, labels in zip(footage.counted(video)[0], wanted, strict=True):
                counts = self._counts(frame[None], labels[None])
                clip[name] = clip[name] + counts if name in clip else counts

    @torch.no_grad()
    def _counts(self, frame: Tensor, wanted: Tensor) -> Tensor:
        try:
            seen = self.segmentation(frame)
            found = seen.argmax(1) if seen.dim() == 4 else seen
            return confusion(found, wanted, self.classes).cpu()
        except torch.cuda.OutOfMemoryError:
            raise
        except NOT_TAKEN as error:
            raise ConfigError(
                f"segmenter: cannot find {self.classes} labels in images {tuple(frame.shape)}: {str(error).strip()}"
            ) from error

    def figures(self) -> Figures:
        """Return the scores of the clips' counts together."""
        found: Figures = {}
        for name in dict.fromkeys(name for clip in self.clips for name in clip):
            counts = torch.stack([clip[name] for clip in self.clips if name in clip]).double()
            found[name] = {
                measure: Figure(float(score(counts.sum(0))), self._interval(counts, score))
                for measure, score in (("miou", mean_iou), ("pixel_accuracy", pixel_accuracy))
            }
        return found

    def _interval(self, counts: Tensor, score: Callable[[Tensor], Tensor]) -> tuple[float, float] | None:
        def scores(sums: Tensor) -> Tensor:
            return torch.stack([score(matrix) for matrix in sums.view(-1, *counts.shape[1:])])

        return interval(counts.flatten(1), scores, self.resamples)
