"""How each measure orders models by their videos, beside the order that the eye sees."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from pkgutil import resolve_name

import numpy as np
import torch
from torch import Tensor, nn

from vid2vid import Vid2VidDataModule, load
from vid2vid.cli.assemble import data_of_run
from vid2vid.config import MEASURES, EvaluationConfig, FlowEstimatorConfig
from vid2vid.config.measures import HIGHEST
from vid2vid.data.prepare import list_videos
from vid2vid.evaluation import REAL, model_adapter
from vid2vid.flow.loading import load_flow_estimator
from vid2vid.markdown import markdown_table
from vid2vid.metrics import Figure, MetricSetup, ReferenceClip, VideoMetric, VideoMMD
from vid2vid.metrics.bootstrap import mean_figure
from vid2vid.metrics.clip_metric import ClipMean
from vid2vid.metrics.sample_curves import frechet_of_clips
from vid2vid.ops import to_images
from vid2vid.types import Flow
from vid2vid.video import stream_frames
from vid2vid.visual import save_png, to_pixels

RESAMPLES, HALVES = 1000, 20
Videos = dict[str, Tensor]
"""By candidate, the real one among them: ``(1, T, 3, H, W)`` in [-1, 1]."""


@dataclass(frozen=True)
class Row:
    """One measure of all models.

    Attributes:
        title: Its heading.
        figures: The figure of each model, and of the real videos if they have one.
        losses: How far each model is from the best value.
        digits: Digits after the point.
        apart: Whether the first model is surely better than the second.
    """

    title: str
    figures: Mapping[str, Figure]
    losses: Mapping[str, float]
    digits: int
    apart: Callable[[str, str], bool]

    def cell(self, name: str) -> str:
        """Return a figure with its interval; empty if there is none."""
        figure = self.figures.get(name)
        return "" if figure is None else figure.text(self.digits)

    def order(self, models: Sequence[str]) -> str:
        """Return the models, best first, with ``>`` between two that are surely apart and ``≈`` between others."""
        ranked = sorted(models, key=lambda name: self.losses[name])
        signs = [" > " if self.apart(*pair) else " ≈ " for pair in pairwise(ranked)]
        return "".join(part for pair in zip(ranked, [*signs, ""], strict=True) for part in pair)

    def agrees(self, eye: Sequence[Sequence[str]]) -> str:
        """Return whether models stand as the eye orders them: ``yes``, ``unsure`` if not all surely, or ``no``.

        Args:
            eye: Groups of models that look equally good, the best first.
        """
        pairs = [(one, other) for better, worse in pairwise(eye) for one in better for other in worse]
        if any(self.losses[one] >= self.losses[other] for one, other in pairs):
            return "no"
        return "yes" if all(self.apart(*pair) for pair in pairs) else "unsure"


def synthesise(models: Mapping[str, Path], data: Path | None, output: Path) -> dict[str, Path]:
    """Write the held-out videos of models, and the real ones, as folders of images.

    Args:
        models: A checkpoint, or a folder of videos that is taken as it is, by name.
        data: Prepared data whose held-out part is synthesised; None: that of the first checkpoint's own run.
        output: The folder to write into.

    Returns:
        The folder of videos by name, `REAL` among them. The frames that a model was given are left out.
    """
    checkpoint = next(iter(models.values()))
    module = Vid2VidDataModule(data, {"num_workers": 0}) if data else data_of_run(checkpoint, None)
    module.setup("fit")
    adapters = {name: model_adapter(load(path), module) for name, path in models.items()}
    given = max(adapter.first_frames for adapter in adapters.values())
    for index, clip in enumerate(module.held_out()):
        videos = {name: adapter(clip).video for name, adapter in adapters.items()}
        for name, video in {**videos, REAL: to_images(clip.real)}.items():
            for t, frame in enumerate(video[0, given:]):
                path = output / name / f"{index:03}" / f"{t:04}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                save_png(path, to_pixels(frame))
    return {name: output / name for name in (*models, REAL)}


def parts(folders: Mapping[str, Path], frames: int) -> Iterator[Videos]:
    """Read videos of equal names part by part; frames at the end that are no whole part are left out."""
    found = {name: list_videos(folder) for name, folder in folders.items()}
    for video in found[REAL]:
        streams = {name: stream_frames(paths[video]) for name, paths in found.items()}
        while True:
            read = {name: list(islice(stream, frames)) for name, stream in streams.items()}
            if min(map(len, read.values())) < frames:
                break
            yield {
                name: to_images(torch.from_numpy(np.stack(each)).permute(0, 3, 1, 2))[None]
                for name, each in read.items()
            }


def rows(folders: Mapping[str, Path], frames: int, features: Mapping[str, nn.Module], window: int) -> Iterator[Row]:
    """Yield a row for each measure of frames, and two for each kind of features.

    Args:
        folders: The videos by model, and `REAL`.
        frames: Frames of a part; parts are the samples of the intervals.
        features: The networks of the distances between videos, by name.
        window: Frames of their windows.
    """
    setup, estimate = MetricSetup(EvaluationConfig(sampson=True), frames), load_flow_estimator(FlowEstimatorConfig())
    classes: dict[type[VideoMetric], None] = dict.fromkeys(resolve_name(entry.metric) for entry in MEASURES.values())
    factories = [cls.factory(setup) for cls in classes if issubclass(cls, ClipMean)]
    of_frames = {name: [factory() for factory in factories if factory] for name in folders}
    distances = {
        name: {model: VideoMMD(network, window, window // 2) for model in folders if model != REAL}
        for name, network in features.items()
    }
    for videos in parts(folders, frames):
        real = videos[REAL]
        flow = estimate(real[0, :-1], real[0, 1:])
        reference = ReferenceClip(real, Flow(flow.vectors[None], flow.confidence[None]))
        for name, video in videos.items():
            for metric in (*of_frames[name], *(each[name] for each in distances.values() if name != REAL)):
                metric.update(video, reference)
    for same in zip(*of_frames.values(), strict=True):
        of_folders = {name: metric for name, metric in zip(folders, same, strict=True) if isinstance(metric, ClipMean)}
        for measure in same[0].measures:
            yield from mean_rows(measure, of_folders)
    for name, of_models in distances.items():
        yield from distance_rows(name, of_models)


def mean_rows(measure: str, metrics: Mapping[str, ClipMean]) -> Iterator[Row]:
    """Yield the row of a mean over parts, unless it has no value; two models are compared part by part."""
    entry = MEASURES[measure]
    values = {name: metric.clip_values(measure) for name, metric in metrics.items()}
    if not metrics[REAL].has_real_value:
        del values[REAL]
    if any(each.isnan().all() for each in values.values()):
        return
    signed = entry.best_value == HIGHEST
    losses = {name: -each if signed else (each - entry.best_value).abs() for name, each in values.items()}

    def apart(better: str, worse: str) -> bool:
        found = mean_figure((losses[worse] - losses[better]).tolist(), RESAMPLES)
        return bool(found and found.interval and found.interval[0] > 0)

    figures = {name: found for name, each in values.items() if (found := mean_figure(each.tolist(), RESAMPLES))}
    means = {name: float(each.nanmean()) for name, each in losses.items()}
    yield Row(entry.heading, figures, means, entry.digits, apart)


def distance_rows(features: str, metrics: Mapping[str, VideoMMD]) -> Iterator[Row]:
    """Yield the rows of the Fréchet distance, with its range over random halves of the parts, and of the MMD."""
    clips = {name: (metric.clips("fake"), metric.clips("real")) for name, metric in metrics.items()}
    count = len(next(iter(clips.values()))[0])
    draw = torch.Generator().manual_seed(0)
    drawn = [torch.randperm(count, generator=draw)[: count // 2].tolist() for _ in range(HALVES)]
    halves = {
        name: [float(frechet_of_clips([fake[i] for i in half], [real[i] for i in half])) for half in drawn]
        for name, (fake, real) in clips.items()
    }
    frechet = {
        name: Figure(float(frechet_of_clips(*each)), (min(halves[name]), max(halves[name])))
        for name, each in clips.items()
    }

    def in_each_half(better: str, worse: str) -> bool:
        return all(low < high for low, high in zip(halves[better], halves[worse], strict=True))

    def in_the_interval(better: str, worse: str) -> bool:
        found = metrics[worse].difference(metrics[better], "video_mmd", RESAMPLES)
        return bool(found and found.interval and found.interval[0] > 0)

    mmd = {name: found for name, metric in metrics.items() if (found := metric.figure("video_mmd", RESAMPLES))}
    for title, figures, apart in (("Fréchet", frechet, in_each_half), ("MMD", mmd, in_the_interval)):
        losses = {name: each.value for name, each in figures.items()}
        yield Row(f"{features}: {title} ↓", figures, losses, 4 if max(losses.values()) < 1 else 2, apart)


def table(models: Sequence[str], found: Iterable[Row], eye: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of the table in Markdown."""
    head = ("measure", *models, REAL, "order", *(["as the eye"] if eye else []))
    rows = (
        [row.title, *map(row.cell, (*models, REAL)), row.order(models), *([row.agrees(eye)] if eye else [])]
        for row in found
    )
    yield from markdown_table(head, rows)
