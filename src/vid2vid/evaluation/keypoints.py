"""The judge that looks for the face or the person in the synthesised frames."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.errors import choose
from vid2vid.evaluation.footage import Footage, Series
from vid2vid.evaluation.judge import SeriesJudge
from vid2vid.evaluation.measures import REAL
from vid2vid.keypoints.detectors import FACES, PERSONS
from vid2vid.metrics.keypoints import body_size, keypoint_distance
from vid2vid.visual import to_pixels

NEAR = 0.05
"""How far from its place a keypoint is still right, as a part of the diagonal of the box round all of them."""

Finder = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Takes a frame ``(H, W, 3)`` in RGB; gives ``(N, 3)``: x, y and confidence."""


class KeypointJudge(SeriesJudge):
    """How far keypoints found in the synthesised frames lie from those found in the real ones, and how many are right.

    The unit is the diagonal of the box round the real ones. A keypoint that is not found is not right, and has no
    distance.

    Args:
        extractor: Who finds them: one of `FACES` or `PERSONS`.
        resamples: See `SeriesJudge`.

    Raises:
        ConfigError: Unknown extractor.
    """

    def __init__(self, extractor: str, resamples: int = 0) -> None:
        super().__init__(resamples)
        self.extractor = choose(extractor, [*FACES, *PERSONS], "keypoints")

    def begin(self) -> None:
        """Begin a new clip: people are followed from frame to frame, so each video has a finder of its own."""
        super().begin()
        self._finders: dict[str, Finder] = {}

    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the next part of the clip (see `Judge`).

        Raises:
            MissingExtraError: The package that finds them is not installed.
        """
        wanted = self._find(REAL, footage.counted(footage.real))
        visible = wanted[..., 2] > 0
        size = body_size(wanted[..., :2], visible)
        counted = visible & (size > 0)
        for name, video in videos.items():
            found = self._find(name, footage.counted(video))
            there = counted & (found[..., 2] > 0)
            apart = keypoint_distance(found[..., :2], wanted[..., :2], size).where(there, 0)
            right = (there & (apart <= NEAR)).sum(-1)[0]
            self.add(name, "keypoint_error", Series.of(apart.sum(-1)[0] / there.sum(-1)[0], there.sum(-1)[0]))
            self.add(name, "keypoints_right", Series.of(right / counted.sum(-1)[0], counted.sum(-1)[0]))

    def _find(self, name: str, video: Tensor) -> Tensor:
        """Return the keypoints ``(1, T, N, 3)`` of a video ``(1, T, 3, H, W)``."""
        if name not in self._finders:
            self._finders[name] = _finder(self.extractor)
        find = self._finders[name]
        return torch.from_numpy(np.stack([find(to_pixels(frame)) for frame in video[0]]))[None]


def _finder(extractor: str) -> Finder:
    if extractor in FACES:
        return FACES[extractor]()
    find = PERSONS[extractor]()
    return lambda frame: find(frame).points[0]
