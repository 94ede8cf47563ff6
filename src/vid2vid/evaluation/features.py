"""Judges that look through a network: perceptual and Fréchet distances."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from vid2vid.evaluation.footage import Footage, Series
from vid2vid.evaluation.judge import SeriesJudge, too_small
from vid2vid.evaluation.measures import REAL, Figure, Figures
from vid2vid.metrics import FeatureDistance
from vid2vid.metrics.features import extract, image_network, look, vectors, video_network
from vid2vid.metrics.perceptual import apart, strengths


class _Distances:
    """Fréchet distances of candidates whose features are compared with the same real ones."""

    def __init__(self) -> None:
        self.of: dict[str, FeatureDistance] = {}

    def add(self, samples: Mapping[str, Tensor]) -> None:
        """Add vectors ``(N, D)`` of each candidate and of the real frames."""
        real = samples[REAL]
        for name in samples.keys() - {REAL}:
            if name not in self.of:
                self.of[name] = FeatureDistance(real.shape[1]).to(real.device)
            self.of[name].update(samples[name], real)

    @property
    def samples(self) -> int:
        """How many vectors of each candidate there are."""
        return int(max((distance.counts.min() for distance in self.of.values()), default=0))

    def figures(self, measure: str) -> Figures:
        """Return the distances; two samples are the least."""
        return {name: {measure: Figure(float(each.compute()))} for name, each in self.of.items() if self.samples > 1}


class PerceptualJudge(SeriesJudge):
    """Perceptual distance and change, and the Fréchet distance of frames, all of one network's features.

    Args:
        network: ``spatial_energy``, or the path of a TorchScript file.
        device: Where it computes.
        resamples: See `SeriesJudge`.

    Raises:
        ConfigError: The network cannot be loaded.
    """

    def __init__(self, network: str, device: torch.device | str = "cpu", resamples: int = 0) -> None:
        super().__init__(resamples)
        self.name, self.network = network, image_network(network).to(device)
        self.distances = _Distances()

    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the next part of the clip (see `Judge`); each frame is looked at once."""
        if too_small(footage, _least_pixels(self.network), f"perceptual measures ({self.name})", self.notes):
            return
        everyone = {**videos, REAL: footage.real}
        distances: dict[str, list[Tensor]] = {name: [] for name in videos}
        steps: dict[str, list[Tensor]] = {name: [] for name in everyone}
        before: dict[str, list[Tensor]] = {}
        for t in range(footage.pairs.start, footage.real.shape[1]):
            counts = t >= footage.given
            now = self._look({name: video[:, t] for name, video in everyone.items()}, counts)
            for name in before:
                steps[name].append(apart(now[name], before[name]))
            for name in videos if counts else ():
                distances[name].append(apart(now[name], now[REAL]))
            before = now
        for name in videos:
            self.add(name, "perceptual_distance", Series.of(torch.cat(distances[name])))
            changes = [(fake - real).abs() for fake, real in zip(steps[name], steps[REAL], strict=True)]
            self.add(name, "perceptual_change", Series.of(torch.cat(changes)).late(footage))

    def _look(self, frames: dict[str, Tensor], counts: bool) -> dict[str, list[Tensor]]:
        """Return what everybody's frame ``(1, 3, H, W)`` shows; one that counts is a sample of the distances, too."""
        maps = {name: look(self.network, frame, self.name) for name, frame in frames.items()}
        if counts:
            self.distances.add({name: vectors(maps[name], frame, self.name) for name, frame in frames.items()})
        return {name: strengths(features) for name, features in maps.items()}

    def figures(self) -> Figures:
        """Return what was found over all clips."""
        found = super().figures()
        for name, figures in self.distances.figures("image_frechet_distance").items():
            found[name].update(figures)
        return found


class WindowJudge:
    """The Fréchet distance of short windows of frames.

    Args:
        network: ``motion_energy``, ``deep_motion``, or the path of a TorchScript file.
        window: Frames of a window.
        stride: Frames from one window's beginning to the next.
        device: Where the network computes.
        measure: What the distance is called in `MEASURES`.

    Raises:
        ConfigError: The network cannot be loaded.
    """

    def __init__(
        self,
        network: str,
        window: int,
        stride: int,
        device: torch.device | str = "cpu",
        measure: str = "video_frechet_distance",
    ) -> None:
        self.notes: list[str] = []
        self.measure = measure
        self.name, self.network = network, video_network(network).to(device)
        self.window, self.stride = window, stride
        self.distances = _Distances()
        least = getattr(self.network, "least_frames", 1)
        self.idle = window < least
        if self.idle:
            self.notes.append(
                f"video Fréchet distance: left out, since {self.name} needs windows of at least {least} frames, but "
                f"only {window} frames of the shortest clip count."
            )

    def begin(self) -> None:
        """Begin a new clip."""
        self._held: dict[str, Tensor] = {}
        self._skip = 0

    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the next part of the clip (see `Judge`); a window may begin in one part and end in the next."""
        least = _least_pixels(self.network)
        if self.idle or too_small(footage, least, f"video Fréchet distance ({self.name})", self.notes):
            return
        for name, video in {**videos, REAL: footage.real}.items():
            fresh = footage.counted(video)
            self._held[name] = torch.cat([self._held[name], fresh], dim=1) if name in self._held else fresh
        while self._held[REAL].shape[1] - self._skip >= self.window:
            self._held = {name: frames[:, self._skip :] for name, frames in self._held.items()}
            windows = {name: frames[:, : self.window].transpose(1, 2) for name, frames in self._held.items()}
            self.distances.add({name: extract(self.network, part, self.name) for name, part in windows.items()})
            self._skip = self.stride

    def figures(self) -> Figures:
        """Return the distances, without intervals: they grow when windows repeat, as they do when clips are drawn."""
        samples = self.distances.samples
        if 0 < samples < 2:
            self.notes.append("video Fréchet distance: left out, since the clips hold only one window.")
        elif samples:
            self.notes.append(f"video Fréchet distance: {samples} windows of {self.window} frames ({self.name}).")
        return self.distances.figures(self.measure)


def _least_pixels(network: nn.Module) -> int:
    """Return how many pixels a side a network needs, if it says so."""
    return int(getattr(network, "least_pixels", 1))
