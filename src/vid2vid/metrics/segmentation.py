"""Whether a synthesised video shows what its label map asks for: the scores of segmentation (Cordts et al., 2016)."""

import math
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor
from torchmetrics.functional.classification import multiclass_confusion_matrix

from vid2vid.config.measures import split_column
from vid2vid.errors import ConfigError
from vid2vid.metrics.bootstrap import Figure, interval
from vid2vid.metrics.clip_metric import ClipMetric, MetricFactory, MetricSetup, ReferenceClip, require_one_shape
from vid2vid.metrics.metric_networks import NOT_TAKEN

IGNORED = 255
"""The class index of points that do not count."""

Segmentation = Callable[[Tensor], Tensor]
"""Takes images ``(N, 3, H, W)`` in [-1, 1]; gives class indices ``(N, H, W)`` or logits ``(N, classes, H, W)``."""


def confusion(predicted: Tensor, wanted: Tensor, classes: int, ignored: int = IGNORED) -> Tensor:
    """Count how often each class was predicted where each was wanted.

    Args:
        predicted: Integral class indices of any shape, each below ``classes``.
        wanted: The same shape; points with the value ``ignored`` do not count.
        classes: Number of classes.
        ignored: See above.

    Returns:
        ``(classes, classes)`` int64, rows: wanted.

    Raises:
        ValueError: The shapes differ, or an index is no class.

    Examples:
        >>> confusion(torch.tensor([0, 1, 1, 0]), wanted=torch.tensor([0, 1, 0, 255]), classes=2).tolist()
        [[1, 1], [0, 1]]
    """
    require_one_shape("class maps", predicted, wanted)
    predicted, wanted = predicted.flatten().long(), wanted.flatten().long()
    counted = wanted != ignored
    predicted, wanted = predicted[counted], wanted[counted]
    for values in (predicted, wanted):
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) < classes:
            raise ValueError(f"class {int(values.max())} or {int(values.min())} is not among {classes} classes")
    matrix: Tensor = multiclass_confusion_matrix(predicted, wanted, classes, validate_args=False)
    return matrix


def pixel_accuracy(matrix: Tensor) -> Tensor:
    """Return the share of points whose class was predicted.

    Args:
        matrix: Confusion matrices ``(..., classes, classes)``.

    Returns:
        ``(...)``; NaN where no point counts.

    Examples:
        >>> pixel_accuracy(torch.tensor([[3, 1], [0, 4]])).item()
        0.875
    """
    return matrix.diagonal(dim1=-2, dim2=-1).sum(-1) / matrix.sum((-2, -1))


def class_iou(matrix: Tensor) -> Tensor:
    """Return the intersection over union of each class.

    Args:
        matrix: Confusion matrices ``(..., classes, classes)``.

    Returns:
        ``(..., classes)``; NaN for a class neither wanted nor predicted.

    Examples:
        >>> class_iou(torch.tensor([[3, 1], [0, 3]])).tolist()
        [0.75, 0.75]
    """
    hits = matrix.diagonal(dim1=-2, dim2=-1)
    return hits / (matrix.sum(-2) + matrix.sum(-1) - hits)


def mean_iou(matrix: Tensor) -> Tensor:
    """Return the mean of `class_iou` over the classes that are wanted or predicted anywhere, ``(...)``.

    Examples:
        >>> mean_iou(torch.tensor([[3, 1], [0, 3]])).item()
        0.75
    """
    return class_iou(matrix).nanmean(-1)


SCORES: dict[str, Callable[[Tensor], Tensor]] = {"miou": mean_iou, "pixel_accuracy": pixel_accuracy}


class _Confusions(ClipMetric):
    """`mean_iou` and `pixel_accuracy` of the class maps of all clips together.

    Args:
        classes: Number of classes.
        ignored: The index of points that do not count.
        names: One name for each class, for `compute`; by default their indices.
        over_time: Keep the scores of each time apart, for `curve`.
        chosen: Names and indices of classes whose own intersection over union ``iou/NAME`` is a figure, too.

    Raises:
        ValueError: There is not one name for each class.
    """

    measures = (*SCORES, "iou")

    def __init__(
        self,
        classes: int,
        ignored: int = IGNORED,
        names: list[str] | None = None,
        over_time: bool = False,
        chosen: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(("matrices",), classes**2)
        self.chosen = dict(chosen or {})
        self.names = [str(index) for index in range(classes)] if names is None else names
        if len(self.names) != classes:
            raise ValueError(f"{len(self.names)} names for {classes} classes")
        self.classes, self.ignored, self.over_time = classes, ignored, over_time

    def rows(self, predicted: Tensor, wanted: Tensor) -> Tensor:
        """Return the confusion matrices, ``(n, classes²)``, of the maps ``(T, H, W)`` of one clip, to be kept."""
        pairs = zip(predicted, wanted, strict=True)
        matrices = torch.stack([confusion(one, other, self.classes, self.ignored) for one, other in pairs])
        return (matrices if self.over_time else matrices.sum(0, keepdim=True)).flatten(1)

    def keep_all(self, clips: list[Tensor], continues: bool = False) -> None:
        """Add the `rows` of clips; none is added before all are known."""
        for rows in clips:
            self.keep("matrices", rows, continues)

    def columns(self, measure: str) -> list[str]:
        """See `VideoMetric.columns`."""
        return [f"iou/{name}" for name in self.chosen] if measure == "iou" else [measure]

    def score(self, column: str) -> Callable[[Tensor], Tensor]:
        """Return the function that computes a column from confusion matrices ``(..., classes, classes)``."""
        measure, of_class = split_column(column)
        if measure != "iou":
            return SCORES[measure]
        index = self.chosen[of_class]
        return lambda matrix: class_iou(matrix)[..., index]

    def matrices(self) -> list[Tensor]:
        """Return the confusion matrices of each clip, ``(T, classes, classes)``; T is 1 unless ``over_time``."""
        return [rows.view(-1, self.classes, self.classes) for rows in self.clips("matrices")]

    def clip_matrices(self) -> Tensor:
        """Return the confusion matrix of each clip that has maps, ``(clips, classes, classes)``."""
        return torch.stack([matrices.sum(0) for matrices in self.matrices() if len(matrices)]).cpu()

    def compute(self) -> dict[str, Tensor]:
        """Return ``miou``, ``pixel_accuracy`` and for each class that occurs ``iou/NAME``, all in [0, 1].

        Raises:
            ValueError: No point counts.
        """
        matrix = sum(matrices.sum(0) for matrices in self.matrices())
        if not isinstance(matrix, Tensor) or not matrix.any():
            raise ValueError(f"{type(self).__name__}: no point was added that counts")
        each = {f"iou/{name}": iou for name, iou in zip(self.names, class_iou(matrix), strict=True) if not iou.isnan()}
        return {**{measure: score(matrix) for measure, score in SCORES.items()}, **each}

    def figure(self, measure: str, resamples: int = 0) -> Figure | None:
        """Return a score of all clips together (see `VideoMetric.figure`)."""
        if not any(len(matrices) for matrices in self.matrices()):
            return None
        return _score_figure(self.clip_matrices(), self.score(measure), resamples)

    def difference(self, other: "_Confusions", measure: str, resamples: int = 0) -> Figure | None:
        """Return by how much a score of all clips together is above another model's (see `VideoMetric.difference`)."""
        if self.figure(measure) is None or other.figure(measure) is None:
            return None
        both = torch.stack([self.clip_matrices(), other.clip_matrices()], dim=1)
        score = self.score(measure)
        return _score_figure(both, lambda sums: score(sums[..., 0, :, :]) - score(sums[..., 1, :, :]), resamples)

    def curve(self, measure: str) -> list[float]:
        """Return a score by time, that of all clips that are long enough (see `VideoMetric.curve`)."""
        if not self.over_time:
            return []
        clips = self.matrices()
        times = range(max(map(len, clips)))
        sums = [torch.stack([matrices[t] for matrices in clips if t < len(matrices)]).sum(0) for t in times]
        return [float(self.score(measure)(matrix)) for matrix in sums]


def _score_figure(matrices: Tensor, score: Callable[[Tensor], Tensor], resamples: int) -> Figure | None:
    """Return None where the sum of the matrices has no score, as a class that occurs nowhere."""
    value = float(score(matrices.sum(0)))
    return None if math.isnan(value) else Figure(value, interval(matrices, score, resamples))


class SegmentationScores(_Confusions):
    """`mean_iou` and `pixel_accuracy` of predicted class maps.

    Args:
        classes: Number of classes.
        ignored: The index of points that do not count.
        names: One name for each class, for `compute`; by default their indices.
        over_time: Keep the scores of each time apart, for `curve`.
        chosen: Names and indices of classes whose own intersection over union ``iou/NAME`` is a figure, too.

    Raises:
        ValueError: There is not one name for each class.
    """

    def update(self, predicted: Tensor, wanted: Tensor) -> None:
        """Add class maps ``(B, T, H, W)``, integral."""
        self.keep_all([self.rows(*clip) for clip in zip(predicted, wanted, strict=True)])


class Resegmentation(_Confusions):
    """The scores of the labels that a segmenter finds in videos against those that they should show.

    Read them beside those of the real videos, which bound them.

    Args:
        segmenter: See `Segmentation`.
        classes: Number of labels.
        ignored: The index of points that do not count.
        chosen: Names and indices of classes whose own intersection over union ``iou/NAME`` is a figure, too.
    """

    has_real_value = True

    def __init__(
        self,
        segmenter: Segmentation,
        classes: int,
        ignored: int = IGNORED,
        chosen: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(classes, ignored, chosen=chosen)
        self.segmenter = segmenter

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        return None if setup.segmenter is None else partial(cls, setup.segmenter, setup.classes, chosen=setup.chosen)

    def update(self, video: Tensor, reference: ReferenceClip) -> None:
        """Add videos ``(B, T, 3, H, W)`` in [-1, 1]; without labels of the reference there is nothing to compare.

        Raises:
            ConfigError: The segmenter cannot take the frames, or finds other labels.
        """
        if reference.labels is None:
            return
        clips: list[Tensor] = []
        for frames, labels in zip(reference.counted(video), reference.counted(reference.labels), strict=True):
            try:
                found = [self.segmenter(frame[None]) for frame in frames]
                maps = torch.cat([each.argmax(1) if each.dim() == 4 else each for each in found])
                clips.append(self.rows(maps, labels))
            except torch.cuda.OutOfMemoryError:
                raise
            except NOT_TAKEN as error:
                raise ConfigError(
                    f"segmenter: cannot find {self.classes} labels in images {tuple(frames.shape[1:])}: "
                    f"{str(error).strip()}"
                ) from error
        self.keep_all(clips, reference.continues)
