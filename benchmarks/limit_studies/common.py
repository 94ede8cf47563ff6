"""What the studies share: rendered streets, their synthesis, measures of parts of frames, intervals over clips."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray
from torch import Tensor

from comparison.report import difference
from vid2vid import Synthesizer, Vid2VidModule
from vid2vid.metrics.bootstrap import draws
from vid2vid.metrics.frechet import frechet_distance
from vid2vid.metrics.segmentation import mean_iou
from vid2vid.ops import to_images
from vid2vid.street import Street, StreetChange
from vid2vid.visual import Picture, to_pixels

HEIGHT, WIDTH, FPS = 64, 128, 10.0
RESAMPLES, FEW = 2000, 100
RIM = 2  # pixels around an object in its box

Score = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Video:
    """A rendered street: ``rgb`` (T, H, W, 3) uint8, ``labels`` (T, H, W) label ids, ``ids`` (T, H, W) objects."""

    rgb: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    ids: NDArray[np.int32]

    @property
    def real(self) -> Tensor:
        """The rendered frames, ``(T, 3, H, W)`` in [-1, 1]."""
        return to_images(torch.from_numpy(self.rgb).movedim(-1, 1))

    def __getitem__(self, times: slice) -> "Video":
        """Return some frames."""
        return Video(self.rgb[times], self.labels[times], self.ids[times])


def rendered(path: Path, seed: int, count: int, change: StreetChange | None = None) -> Video:
    """Render a street at 128 x 64, or read it from the ``.npz`` of an earlier run.

    Args:
        path: The file.
        seed: Seed of the street.
        count: Number of frames.
        change: What it has otherwise.
    """
    if not path.is_file():
        street = Street(seed, HEIGHT, WIDTH, FPS, cached_frames=2, change=change or StreetChange())
        frames = [street.render(t) for t in range(count)]
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            rgb=np.stack([frame.rgb for frame in frames]),
            labels=np.stack([frame.label for frame in frames]),
            ids=np.stack([frame.instance for frame in frames]),
        )
    with np.load(path) as stored:
        return Video(stored["rgb"], stored["labels"], stored["ids"])


def channels(module: Vid2VidModule, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the class indices of label ids."""
    places = np.zeros(256, np.uint8)
    for index, label in enumerate(module.condition.label_ids):
        places[label] = index
    return places[labels]


def synthesised(
    module: Vid2VidModule, video: Video, given: int = 2, marks: NDArray[np.float32] | None = None
) -> Tensor:
    """Synthesise a street from its first rendered frames, or, where none are given, from nothing, ``(T, 3, H, W)``.

    Args:
        module: The model.
        video: The street.
        given: Number of first frames.
        marks: ``(T, H, W)``, the only plane of the condition; None: it has none, or they are not known.
    """
    synthesizer = Synthesizer(module, video.real[None, :given] if given else None, precision="auto")
    frames = []
    for t, (labels, ids) in enumerate(zip(channels(module, video.labels), video.ids, strict=True)):
        source, instance = (torch.from_numpy(each)[None, None] for each in (labels, ids))
        planes = None if marks is None else torch.from_numpy(marks[t])[None, None]
        frames.append(synthesizer.step(source, instance, planes=planes).fake)
    return torch.cat(frames)


@dataclass(frozen=True)
class Measure:
    """A measure of parts of frames.

    Attributes:
        title: Its name in tables.
        score: Takes sums of statistics ``(..., k)`` to values ``(...)``.
        digits: Decimals in tables.
        resamples: Drawings for its intervals.
        sure: Whether the interval of a value is shown: a Fréchet distance grows when clips repeat.
    """

    title: str
    score: Score
    digits: int = 3
    resamples: int = RESAMPLES
    sure: bool = True


def ratio(sums: Tensor) -> Tensor:
    """Return a mean ``(...)`` from sums and weights ``(..., 2)``."""
    return sums[..., 0] / sums[..., 1]


def miou(sums: Tensor) -> Tensor:
    """Return the mean intersection over union ``(...)`` of confusion matrices ``(..., classes²)``."""
    classes = round(sums.shape[-1] ** 0.5)
    return mean_iou(sums.reshape(*sums.shape[:-1], classes, classes))


def frechet(sums: Tensor) -> Tensor:
    """Return the Fréchet distances of sums of moments ``(..., 2 (1 + D + D²))``; NaN of fewer than two crops."""
    if sums.dim() > 1:
        return torch.stack([frechet(each) for each in sums])
    if sums[0] < 2:
        return sums.new_tensor(torch.nan)
    gaussians = []
    for moments in sums.chunk(2):
        dimensions = round((len(moments) - 0.75) ** 0.5 - 0.5)
        count, total, products = moments[0], moments[1 : 1 + dimensions], moments[1 + dimensions :]
        mean = total / count
        spread = products.view(dimensions, dimensions) - total[:, None] * mean
        gaussians += [mean, spread / (count - 1)]
    return frechet_distance(*gaussians)


Statistics = dict[str, Tensor]
"""For each measure ``(places, k)`` of a clip, or ``(clips, places, k)``: their sum gives the score."""


def moments(vectors: Tensor) -> Tensor:
    """Return number, sum and sum of outer products of vectors ``(n, D)``, ``(1 + D + D²,)``."""
    vectors = vectors.double()
    return torch.cat([vectors.new_tensor([len(vectors)]), vectors.sum(0), (vectors.mT @ vectors).flatten()])


def box(mask: Tensor, rim: int = RIM) -> tuple[slice, slice]:
    """Return the rows and columns of a mask ``(H, W)`` and some around them."""
    places = [torch.nonzero(mask.any(axis))[:, 0] for axis in (1, 0)]
    low, high = ([int(getattr(each, name)()) for each in places] for name in ("min", "max"))
    rows, columns = (slice(max(a - rim, 0), b + 1 + rim) for a, b in zip(low, high, strict=True))
    return rows, columns


def resampled(trainings: Sequence[Tensor], score: Score, resamples: int) -> Tensor:
    """Return the mean score over trainings, trainings and clips drawn anew, ``(resamples,)``.

    Args:
        trainings: For each ``(clips, k)``.
        score: See `Measure`.
        resamples: Number of drawings.
    """
    drawn, weights = draws(len(trainings[0]), resamples), draws(len(trainings), resamples, seed=1)
    scores = torch.stack([score(drawn @ each) for each in trainings], dim=1)
    return (weights * scores).sum(1) / len(trainings)


def cell(row: Mapping[str, Any], measure: Measure) -> str:
    """Return a value, and its difference to the first model with the interval; bold where that leaves out 0."""
    text = f"{row['value']:.{measure.digits}f}"
    if "difference" not in row:
        low, high = row["interval"]
        return f"{text} ({low:.{measure.digits}f} to {high:.{measure.digits}f})" if measure.sure else text
    return f"{text}; {difference(row['difference'], row['difference_interval'], measure.digits)}"


def window(frame: Tensor, mask: Tensor, height: int = 28, width: int = 52, larger: int = 3) -> Picture:
    """Return the part of a frame around an object, enlarged."""
    rows, columns = box(mask, 0)
    middle = [(each.start + each.stop) // 2 for each in (rows, columns)]
    starts = [
        min(max(centre - size // 2, 0), most - size)
        for centre, size, most in zip(middle, (height, width), mask.shape, strict=True)
    ]
    cut = frame[:, starts[0] : starts[0] + height, starts[1] : starts[1] + width]
    return to_pixels(nnf.interpolate(cut[None], scale_factor=larger, mode="bicubic")[0].clamp(-1, 1))
