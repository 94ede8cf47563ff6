"""The measures of several candidates on the same clips."""

from collections.abc import Mapping
from functools import partial
from pkgutil import resolve_name

import torch
from torch import Tensor

from vid2vid.config import MEASURES, EvaluationConfig
from vid2vid.errors import choose
from vid2vid.evaluation.report import REAL, Report
from vid2vid.keypoints.detectors.detect_keypoints import FACES, PERSONS
from vid2vid.metrics.bootstrap import Figures
from vid2vid.metrics.clip_metric import MetricFactory, MetricSetup, ReferenceClip, VideoMetric
from vid2vid.metrics.keypoint_error import Detector
from vid2vid.metrics.polynomial_mmd import PolynomialMMD
from vid2vid.metrics.sample_curves import SAMPLE_CURVES, SampleCurve, floor_curve, sample_curve
from vid2vid.metrics.segmentation import Segmentation
from vid2vid.visual import to_pixels

CAUTION = (
    "Video Fréchet and MMD are by the features motion_energy. These hardly see artefacts that are as strong as the "
    "texture in whose place they are, such as checkerboards: blurred frames come out worse. Look at the videos and "
    "at the lattice, or take deep=true or a trained network (docs/judging.md)."
)
"""Printed above tables with distances of the default features."""

PART = 4
"""Frames of a clip that are measured at once: metrics share the features of these frames of all candidates."""


class Evaluator:
    """Accumulates the metrics of `MEASURES` for each of several candidates.

    Args:
        config: The settings.
        shortest: Number of counted frames of the shortest clip.
        device: Where the networks compute.
        segmenter: Finds the labels in frames; None: no scores of labels.
        classes: Number of labels.
        chosen: Names and indices of the classes that are also measured alone.

    Raises:
        ConfigError: A network cannot be loaded, or a detector of keypoints is unknown.
    """

    def __init__(
        self,
        config: EvaluationConfig,
        shortest: int,
        device: torch.device | str = "cpu",
        segmenter: Segmentation | None = None,
        classes: int = 0,
        chosen: Mapping[str, int] | None = None,
    ) -> None:
        detector = None
        if config.keypoints:
            detector = partial(keypoint_detector, choose(config.keypoints, [*FACES, *PERSONS], "keypoints"))
        self.setup = MetricSetup(config, shortest, device, segmenter, classes, chosen or {}, detector)
        self.clips = 0
        self._metrics: dict[str, dict[str, VideoMetric]] = {}
        self._factories: dict[str, tuple[MetricFactory, bool]] = {}
        for name in dict.fromkeys(measure.metric for measure in MEASURES.values()):
            metric: type[VideoMetric] = resolve_name(name)
            if (factory := metric.factory(self.setup)) is not None:
                self._factories[name] = factory, metric.has_real_value
                self._metrics[name] = {}

    def update(self, videos: Mapping[str, Tensor], reference: ReferenceClip) -> None:
        """Add a clip, or the next frames of the clip before (`ReferenceClip.continues`).

        Args:
            videos: For each candidate ``(1, T, 3, H, W)`` in [-1, 1]; the frames that do not count come first.
            reference: The real frames.

        Raises:
            ConfigError: A network does not take such frames.
        """
        self.clips += not reference.continues
        for times, part in reference.parts(PART):
            # metrics recognise a video by its tensor: each is cut once
            cut = {candidate: video[:, times] for candidate, video in videos.items()}
            for name, (factory, has_real_value) in self._factories.items():
                metrics = self._metrics[name]
                for candidate, video in {**cut, REAL: part.real}.items() if has_real_value else cut.items():
                    if candidate not in metrics:
                        metrics[candidate] = factory()
                    metrics[candidate].update(video, part)

    def report(self, models: list[str], baselines: list[str], first_frame: int, counts: dict[str, int]) -> Report:
        """Return the figures over all clips.

        Args:
            models: Names of the models.
            baselines: Names of the trivial baselines among the candidates.
            first_frame: Index in its clip of the first frame that counted.
            counts: Further counts beside that of the clips, by name.
        """
        figures: Figures = {}
        differences: Figures = {}
        curves: dict[str, dict[str, list[float]]] = {}
        resamples = self.setup.config.bootstrap
        for measure, entry in MEASURES.items():
            of_candidates = self._metrics.get(entry.metric, {})
            for candidate, metric in of_candidates.items():
                for column in metric.columns(measure):
                    figure = metric.figure(column, resamples)
                    if figure is None:
                        continue
                    figures.setdefault(candidate, {})[column] = figure
                    if curve := metric.curve(column):
                        curves.setdefault(column, {})[candidate] = curve
                    if candidate in models[1:]:
                        apart = metric.difference(of_candidates[models[0]], column, resamples)
                        if apart is not None:
                            differences.setdefault(candidate, {})[column] = apart
        metrics = [metric for of_candidates in self._metrics.values() for metric in of_candidates.values()]
        return Report(
            models,
            baselines,
            figures,
            curves,
            notes=[*dict.fromkeys([*self.setup.notes, *(note for metric in metrics for note in metric.notes)])],
            first_frame=first_frame,
            counts={**counts, "clips": self.clips},
            differences=differences,
            sample_curves=self.sample_curves() if self.setup.config.sample_curve else {},
            caution=self.caution,
        )

    @property
    def caution(self) -> str:
        """The limits of the default features; empty if no column is based on them."""
        found = self._metrics.get(MEASURES["video_frechet_distance"].metric)
        return CAUTION if found and self.setup.config.video_network == "motion_energy" else ""

    def sample_curves(self) -> dict[str, dict[str, SampleCurve]]:
        """Return the distances between distributions by the number of clips, of each candidate (see `Report`)."""
        curves: dict[str, dict[str, SampleCurve]] = {}
        for measure, (source, distance) in SAMPLE_CURVES.items():
            for candidate, metric in self._metrics.get(MEASURES[source].metric, {}).items():
                if not isinstance(metric, PolynomialMMD) or len(fake := metric.clips("fake")) < 2:
                    continue
                real = metric.clips("real")
                found = curves.setdefault(measure, {})
                found[candidate] = sample_curve(distance, fake, real)
                if REAL not in found and len(real) > 3:
                    found[REAL] = floor_curve(distance, real)
        return curves


def keypoint_detector(name: str) -> Detector:
    """Make a detector of the keypoints of a face or a person, for one video: one of `FACES` or `PERSONS`."""
    if name in FACES:
        face = FACES[name]()
        return lambda frame: face(to_pixels(frame))
    person = PERSONS[name]()
    return lambda frame: person(to_pixels(frame)).points[0]
