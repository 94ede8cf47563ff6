"""The base classes of the metrics, and the real clip that synthesised videos are compared with."""

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

from vid2vid.config import EvaluationConfig
from vid2vid.metrics.bootstrap import Figure, mean_figure, paired_difference
from vid2vid.metrics.metric_networks import MetricNetwork, image_network, video_network
from vid2vid.types import Flow

Result = TypeVar("Result")
_ALL = slice(None)


@dataclass(frozen=True)
class ReferenceClip:
    """Consecutive frames of real clips, with their flow, labels and objects.

    Attributes:
        real: ``(B, T, 3, H, W)`` in [-1, 1].
        flow: The reference flow, ``(B, T - 1, ·, H, W)``, entry j belonging to frame j + 1; or None.
        given: Number of first frames that do not count: the model was given them, or they counted before. They are
            only the past of the next frame.
        labels: ``(B, T, H, W)`` class indices that the frames should show, or None.
        instance: ``(B, T, 1, H, W)`` object ids, or None.
        continues: Whether these are the next frames of the clips of the update before.
    """

    real: Tensor
    flow: Flow | None = None
    given: int = 0
    labels: Tensor | None = None
    instance: Tensor | None = None
    continues: bool = False
    _computed: dict[tuple[Hashable, int], tuple[Tensor, Any]] = field(default_factory=dict, init=False, repr=False)

    @property
    def pairs(self) -> slice:
        """The pairs of frames that count: those whose later frame counts; of a video, all frames of these pairs."""
        return slice(max(self.given - 1, 0), None)

    @property
    def given_in_pairs(self) -> int:
        """Number of frames of `pairs` that do not count themselves: the last given one, if there is one."""
        return min(self.given, 1)

    def counted(self, video: Tensor) -> Tensor:
        """Return the frames of a video ``(B, T, ...)`` that count."""
        return video[:, self.given :]

    def __getitem__(self, index: tuple[slice, slice]) -> "ReferenceClip":
        """Return some of the clips, and of these some consecutive frames."""
        clips, times = index
        pairs = slice(times.start, None if times.stop is None else times.stop - 1)
        flow = self.flow and Flow(self.flow.vectors[clips, pairs], self.flow.confidence[clips, pairs])
        labels, instance = (None if each is None else each[clips, times] for each in (self.labels, self.instance))
        return replace(self, real=self.real[clips, times], flow=flow, labels=labels, instance=instance)

    def parts(self, frames: int) -> Iterator[tuple[slice, "ReferenceClip"]]:
        """Cut the clips into consecutive parts, such that each frame and each pair counts in one of them.

        Args:
            frames: Number of frames of a part that count.

        Yields:
            The times of the part, and the part.
        """
        for stop in range(self.given + frames, self.real.shape[1] + frames, frames):
            first = stop == self.given + frames
            times = slice(0 if first else stop - frames - 1, stop)
            part = self[_ALL, times]
            yield times, part if first else replace(part, given=1, continues=True)

    def once(self, what: Hashable, video: Tensor, compute: Callable[[Tensor], Result]) -> Result:
        """Return ``compute(video)``; metrics that ask for the same of the same tensor share the result.

        Args:
            what: Names what is computed.
            video: The synthesised or the real video.
            compute: Computes it.
        """
        key = (what, id(video))
        if key not in self._computed:
            # the video is kept so that its id cannot become another tensor's
            self._computed[key] = (video, compute(video))
        result: Result = self._computed[key][1]
        return result


@dataclass
class MetricSetup:
    """What the metrics of an evaluation are made from.

    Attributes:
        config: The settings.
        shortest: Number of frames of the shortest clip that count.
        device: Where the networks compute.
        segmenter: Finds labels: takes images ``(N, 3, H, W)`` in [-1, 1], gives class indices ``(N, H, W)`` or logits
            ``(N, classes, H, W)``; or None.
        classes: Number of labels.
        chosen: The classes of `EvaluationConfig.classes`: their names and indices.
        notes: Why metrics were left out.
        detector: Makes a detector of keypoints for one video: it takes its frames ``(3, H, W)`` in [-1, 1], one after
            the other, and gives ``(N, 3)``: x, y and confidence; or None.
    """

    config: EvaluationConfig = field(default_factory=EvaluationConfig)
    shortest: int = 1
    device: torch.device | str = "cpu"
    segmenter: Callable[[Tensor], Tensor] | None = None
    classes: int = 0
    chosen: Mapping[str, int] = field(default_factory=dict)
    detector: Callable[[], Callable[[Any], Any]] | None = None
    notes: list[str] = field(default_factory=list)
    _video_networks: dict[str, MetricNetwork] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def image_network(self) -> MetricNetwork:
        """The network of `EvaluationConfig.image_network`, loaded once for all metrics."""
        return image_network(self.config.image_network, self.config.image_adapter).to(self.device)

    def video_network(self, name: str) -> MetricNetwork:
        """Return a network of videos (`vid2vid.metrics.metric_networks`), loaded once for all metrics."""
        if name not in self._video_networks:
            adapter = self.config.video_adapter if name == self.config.video_network else "none"
            self._video_networks[name] = video_network(name, adapter).to(self.device)
        return self._video_networks[name]


class VideoMetric(Metric):
    """A metric that accumulates one or several measures over clips, in float64; processes add theirs.

    Attributes:
        measures: Names of the measures.
        has_real_value: Whether the measures have a value of the real video itself, to compare with.
        notes: What a reader of the figures must know, such as why one is missing.
    """

    full_state_update = False
    is_differentiable = False
    measures: ClassVar[tuple[str, ...]]
    has_real_value: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        # states of processes that saw no clip must have the type of the others
        self.set_dtype(torch.float64)
        self.notes: list[str] = []

    @classmethod
    def factory(cls, setup: MetricSetup) -> "MetricFactory | None":
        """Return a function that makes one metric for each candidate; networks are loaded once, for all.

        Args:
            setup: What they are made from.

        Returns:
            The function, or None where the settings do not ask for the measures.
        """
        return cls

    def columns(self, measure: str) -> list[str]:
        """Return the columns of a measure: itself, or ``MEASURE/CLASS`` for each class if it has a value of each."""
        return [measure]

    @abstractmethod
    def figure(self, measure: str, resamples: int = 0) -> Figure | None:
        """Return the value of a measure over all clips of this process, or None where it has none.

        Args:
            measure: One of the `columns` of the `measures`.
            resamples: Number of bootstrap drawings for the interval; 0: no interval.
        """

    def difference(self, other: Any, measure: str, resamples: int = 0) -> Figure | None:  # noqa: ANN401 - of its own type
        """Return by how much a measure is above that of another model on the same clips, or None if that is unknown.

        Args:
            other: The metric of the other model, of the same type.
            measure: As for `figure`.
            resamples: As for `figure`.
        """
        return paired_difference(self.figure(measure), other.figure(measure), resamples)

    def curve(self, measure: str) -> list[float]:
        """Return a measure as a function of time, the mean over the clips that are long enough; NaN where it has none.

        Empty for a measure that has no value of single frames.
        """
        return []

    def left_out(self, reference: ReferenceClip, least: int, what: str) -> bool:
        """Whether frames have fewer pixels a side than a measure needs; then a note says so."""
        small = min(reference.real.shape[-2:]) < least
        if small:
            self.note(f"{what}: left out of clips whose frames have a side of less than {least} pixels.")
        return small

    def too_small_for(self, network: MetricNetwork, reference: ReferenceClip) -> bool:
        """Whether frames have fewer pixels a side than a network needs; then a note says so."""
        return self.left_out(reference, network.least_pixels, f"measures by {network.name}")

    def note(self, note: str) -> None:
        """Keep a note, once."""
        if note not in self.notes:
            self.notes.append(note)


MetricFactory = Callable[[], VideoMetric]


class ClipMetric(VideoMetric):
    """A metric that keeps some rows of numbers for each clip, so that intervals over clips can be computed.

    Args:
        names: Names of the rows that are kept; by default the measures.
        width: Numbers in a row.
    """

    def __init__(self, names: tuple[str, ...] | None = None, width: int = 2) -> None:
        super().__init__()
        self.width = width
        for name in names or self.measures:
            for part in ("rows", "lengths"):
                self.add_state(f"{name}_{part}", [], dist_reduce_fx="cat")

    def keep(self, name: str, rows: Tensor | None, continues: bool = False) -> None:
        """Add rows ``(n, width)`` of one clip, or of the clip before if ``continues``; None: it has none."""
        rows = torch.zeros(0, self.width) if rows is None else rows
        kept, lengths = getattr(self, f"{name}_rows"), getattr(self, f"{name}_lengths")
        kept.append(rows.detach().to(self.device, torch.float64).flatten())
        count = torch.tensor([len(rows)], dtype=torch.float64, device=self.device)
        if continues and lengths:
            lengths[-1] = lengths[-1] + count
        else:
            lengths.append(count)

    def clips(self, name: str) -> list[Tensor]:
        """Return the rows of each clip, ``(n, width)``."""
        rows, lengths = getattr(self, f"{name}_rows"), getattr(self, f"{name}_lengths")
        if len(lengths) == 0:
            return []
        return list(torch.split(dim_zero_cat(rows).view(-1, self.width), dim_zero_cat(lengths).long().tolist()))


class ClipMean(ClipMetric):
    """The mean over clips of each clip's mean over its frames, or pairs of frames.

    Attributes:
        over_time: Whether the values are those of consecutive frames, so that they make a curve.
    """

    over_time: ClassVar[bool] = True

    @abstractmethod
    def rows(self, video: Tensor, reference: ReferenceClip) -> Mapping[str, Tensor]:
        """Measure consecutive frames of one clip.

        Args:
            video: ``(1, T, 3, H, W)`` in [-1, 1].
            reference: The same frames of the real clip.

        Returns:
            For each measure that has values ``(n, 2)``: the value of each frame, and its weight (`weighted`).
        """

    def update(self, video: Tensor, reference: ReferenceClip) -> None:
        """Add clips, or the next frames of the clip before (`ReferenceClip.continues`).

        Args:
            video: The synthesised clips, ``(B, T, 3, H, W)`` in [-1, 1], the given frames included.
            reference: The real ones.

        Raises:
            ValueError: The shapes differ.
        """
        require_one_shape("videos", video, reference.real)
        clips = (
            [(video, reference)]  # not sliced: see `ReferenceClip.once`
            if len(video) == 1
            else [(video[b : b + 1], reference[b : b + 1, _ALL]) for b in range(len(video))]
        )
        found = [self.rows(*clip) for clip in clips]
        # a clip that is refused leaves nothing of those beside it
        for rows in found:
            for name in self.measures:
                self.keep(name, rows.get(name), reference.continues)

    def clip_value(self, rows: Tensor) -> Tensor:
        """Return the value of a clip with the rows ``(n, width)``: their weighted mean, or NaN."""
        values, weights = rows[rows[:, 1] > 0].unbind(1)
        return (values * weights).sum() / weights.sum()

    def clip_values(self, measure: str) -> Tensor:
        """Return the value of each clip, ``(clips,)``; NaN where it has none."""
        values = [float(self.clip_value(rows)) for rows in self.clips(measure)]
        return torch.tensor(values, dtype=torch.float64, device=self.device)

    def figure(self, measure: str, resamples: int = 0) -> Figure | None:
        """Return the mean over the clips that have a value (see `VideoMetric.figure`)."""
        return mean_figure(self.clip_values(measure).tolist(), resamples)

    def compute(self) -> Any:  # noqa: ANN401 - a tensor, or several by name
        """Return the mean over the clips that have a value, a scalar; of several measures a dictionary of such means.

        Raises:
            ValueError: No clip has a value.
        """
        means = {}
        for measure in self.measures:
            values = self.clip_values(measure)
            if values.isnan().all():
                raise ValueError(f"{type(self).__name__}: nothing was added that counts")
            means[measure] = values.nanmean()
        return means if len(means) > 1 else means[self.measures[0]]

    def curve(self, measure: str) -> list[float]:
        """Return the mean over the clips that have a value at each time (see `VideoMetric.curve`)."""
        clips = [rows.cpu() for rows in self.clips(measure) if len(rows)] if self.over_time else []
        sums = torch.zeros(max(map(len, clips), default=0), dtype=torch.float64)
        counts = torch.zeros_like(sums)
        for rows in clips:
            known = rows[:, 1] > 0
            sums[: len(rows)] += rows[:, 0].where(known, 0)
            counts[: len(rows)] += known
        curve: list[float] = (sums / counts).tolist()
        return curve


def require_one_shape(what: str, one: Tensor, other: Tensor) -> None:
    """Refuse two tensors of different shapes.

    Raises:
        ValueError: The shapes differ; the message says of ``what``.
    """
    if one.shape != other.shape:
        raise ValueError(f"the {what} must have one shape, not {tuple(one.shape)} and {tuple(other.shape)}")


def weighted(values: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return rows ``(n, 2)`` of values ``(n,)`` and their weights, by default 1; a value of weight 0 may be NaN."""
    values = values.double()
    return torch.stack([values, torch.ones_like(values) if weights is None else weights.double()], dim=1)


def weighted_pairs(values: Tensor, weights: Tensor, reference: ReferenceClip) -> Tensor:
    """Return rows of pairs of frames as rows of frames; the first frame of a clip, with none before it, weighs 0."""
    rows = weighted(values, weights)
    return rows if reference.given else torch.cat([rows.new_tensor([[torch.nan, 0.0]]), rows])
