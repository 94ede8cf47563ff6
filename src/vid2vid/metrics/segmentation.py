"""Whether a synthesised video shows what its label map asks for: the scores of segmentation (Cordts et al., 2016)."""

from collections.abc import Callable

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.functional.classification import multiclass_confusion_matrix

IGNORED = 255
"""The class index of points that do not count."""


def confusion(predicted: Tensor, wanted: Tensor, classes: int, ignored: int = IGNORED) -> Tensor:
    """Count how often each class was predicted where each was wanted.

    Args:
        predicted: Integral class indices of any shape, each below ``classes``.
        wanted: The same shape; points with the value ``ignored`` do not count.
        classes: How many classes there are.
        ignored: See above.

    Returns:
        ``(classes, classes)`` int64, rows: wanted.

    Raises:
        ValueError: The shapes differ, or an index is no class.
    """
    if predicted.shape != wanted.shape:
        raise ValueError(f"the class maps must have one shape, not {tuple(predicted.shape)} and {tuple(wanted.shape)}")
    predicted, wanted = predicted.flatten().long(), wanted.flatten().long()
    counted = wanted != ignored
    predicted, wanted = predicted[counted], wanted[counted]
    for values in (predicted, wanted):
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) < classes:
            raise ValueError(f"class {int(values.max())} or {int(values.min())} is not among {classes} classes")
    matrix: Tensor = multiclass_confusion_matrix(predicted, wanted, classes, validate_args=False)
    return matrix


def pixel_accuracy(matrix: Tensor) -> Tensor:
    """Return the share of points whose class was predicted, of a confusion matrix; NaN where no point counts."""
    return matrix.trace() / matrix.sum()


def class_iou(matrix: Tensor) -> Tensor:
    """Return each class's intersection over union, ``(classes,)``; NaN for one neither wanted nor predicted."""
    hits = matrix.diagonal()
    return hits / (matrix.sum(0) + matrix.sum(1) - hits)


def mean_iou(matrix: Tensor) -> Tensor:
    """Return the mean of `class_iou` over the classes that are wanted or predicted anywhere."""
    return class_iou(matrix).nanmean()


class SegmentationScores(Metric):
    """`mean_iou` and `pixel_accuracy` of all class maps together.

    Args:
        classes: How many classes there are.
        ignored: The index of points that do not count.
        names: One name a class, for the results; by default their indices.

    Raises:
        ValueError: There is not one name a class.
    """

    full_state_update = False
    is_differentiable = False
    matrix: Tensor

    def __init__(self, classes: int, ignored: int = IGNORED, names: list[str] | None = None) -> None:
        super().__init__()
        self.names = [str(index) for index in range(classes)] if names is None else names
        if len(self.names) != classes:
            raise ValueError(f"{len(self.names)} names for {classes} classes")
        self.classes, self.ignored = classes, ignored
        self.add_state("matrix", torch.zeros(classes, classes, dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, predicted: Tensor, wanted: Tensor) -> None:
        """Add class maps ``(B, T, H, W)``, integral."""
        self.matrix += confusion(predicted, wanted, self.classes, self.ignored)

    def compute(self) -> dict[str, float]:
        """Return ``miou``, ``pixel_accuracy`` and for each class that occurs ``iou/NAME``, all in [0, 1].

        Raises:
            ValueError: No point counts.
        """
        if not self.matrix.any():
            raise ValueError(f"{type(self).__name__}: no point was added that counts")
        matrix = self.matrix.double()
        each = {f"iou/{name}": float(iou) for name, iou in zip(self.names, class_iou(matrix), strict=True)}
        occurring = {name: iou for name, iou in each.items() if iou == iou}
        return {"miou": float(mean_iou(matrix)), "pixel_accuracy": float(pixel_accuracy(matrix)), **occurring}


class Resegmentation(SegmentationScores):
    """Scores of what a segmenter sees in synthesised videos against the label maps that these were made from.

    Read them beside those of the real videos, which bound them.

    Args:
        segmenter: Takes images ``(N, 3, H, W)`` in [-1, 1] and gives class indices ``(N, H, W)``:
            `vid2vid.metrics.segmenter.Segmenter.segment`, or any other.
        classes: As in `SegmentationScores`.
        ignored: As there.
        names: As there.
    """

    def __init__(
        self,
        segmenter: Callable[[Tensor], Tensor],
        classes: int,
        ignored: int = IGNORED,
        names: list[str] | None = None,
    ) -> None:
        super().__init__(classes, ignored, names)
        self.segmenter = segmenter

    @torch.no_grad()
    def update(self, video: Tensor, wanted: Tensor) -> None:
        """Add videos ``(B, T, 3, H, W)`` in [-1, 1] and the class maps ``(B, T, H, W)`` that they should show."""
        for frames, maps in zip(video.unbind(1), wanted.unbind(1), strict=True):
            super().update(self.segmenter(frames), maps)
