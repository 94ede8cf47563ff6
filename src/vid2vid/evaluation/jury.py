"""All judges together."""

from collections.abc import Mapping

import torch
from torch import Tensor

from vid2vid.config.evaluation import EvaluationConfig
from vid2vid.evaluation.features import PerceptualJudge, WindowJudge
from vid2vid.evaluation.footage import Footage
from vid2vid.evaluation.frames import MotionJudge, ObjectJudge, PixelJudge
from vid2vid.evaluation.judge import Judge, SeriesJudge
from vid2vid.evaluation.keypoints import KeypointJudge
from vid2vid.evaluation.labels import LabelJudge, Segmentation
from vid2vid.evaluation.means import differences
from vid2vid.evaluation.measures import MEASURES, Figures
from vid2vid.evaluation.verdict import Verdict


class Jury:
    """Judges candidates by every measure.

    Args:
        config: By what.
        shortest: How many frames of the shortest clip count.
        device: Where the networks compute.
        segmentation: Finds the labels in frames; None: nobody looks for them.
        classes: How many labels there are.

    Raises:
        ConfigError: A network cannot be loaded, or a finder of keypoints is unknown.
    """

    def __init__(
        self,
        config: EvaluationConfig,
        shortest: int,
        device: torch.device | str = "cpu",
        segmentation: Segmentation | None = None,
        classes: int = 0,
    ) -> None:
        self.resamples = times = config.bootstrap
        self.of_frames: list[SeriesJudge] = [
            PixelJudge(times),
            MotionJudge(times),
            PerceptualJudge(config.image_network, device, times),
        ]
        window, stride = min(config.window, shortest), config.stride
        windows = WindowJudge(config.video_network, window, stride, device)
        objects = ObjectJudge(times, config.first_object)
        self.judges: list[Judge] = [*self.of_frames, windows, objects]
        if config.deep:
            self.judges.append(WindowJudge("deep_motion", window, stride, device, "deep_video_frechet_distance"))
        if config.keypoints:
            self.judges.append(KeypointJudge(config.keypoints, times))
        if segmentation is not None:
            self.judges.append(LabelJudge(segmentation, classes, times))
        self.clips = 0

    def begin(self) -> None:
        """Begin a new clip."""
        self.clips += 1
        for judge in self.judges:
            judge.begin()

    @torch.no_grad()
    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the next part of the clip.

        Args:
            videos: For each candidate ``(1, T, 3, H, W)`` in [-1, 1], the frames that do not count first.
            footage: The real frames.

        Raises:
            ConfigError: A network cannot take them.
        """
        for judge in self.judges:
            judge.see(videos, footage)

    def verdict(self, models: list[str], rivals: list[str], first_frame: int, counts: dict[str, int]) -> Verdict:
        """Return what was found over all clips.

        Args:
            models: Who is judged.
            rivals: The trivial ones among the candidates.
            first_frame: Index in its clip of the first frame that counted.
            counts: What was counted beside the clips, by name.
        """
        found: Figures = {}
        for judge in self.judges:
            for candidate, figures in judge.figures().items():
                found.setdefault(candidate, {}).update(figures)
        in_order = {
            candidate: {measure: figures[measure] for measure in MEASURES if measure in figures}
            for candidate, figures in found.items()
        }
        over_time = {measure: judge.curves(measure) for judge in self.of_frames for measure in judge.measures}
        curves = {measure: over_time[measure] for measure in MEASURES if over_time.get(measure)}
        notes = [note for judge in self.judges for note in judge.notes]
        apart = differences(in_order, models, self.resamples)
        return Verdict(models, rivals, in_order, curves, notes, first_frame, {**counts, "clips": self.clips}, apart)
