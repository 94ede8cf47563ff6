"""Distance of the keypoints detected in a synthesised video from those of the real one."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.metrics.clip_metric import (
    ClipMean,
    MetricFactory,
    MetricSetup,
    ReferenceClip,
    require_one_shape,
    weighted,
)

NEAR = 0.05
"""Distance up to which a keypoint is right, in diagonals of the box round all keypoints (`body_size`)."""

Detector = Callable[[Tensor], NDArray[np.float32]]
"""Takes a frame ``(3, H, W)`` in [-1, 1]; gives ``(N, 3)``: x, y and confidence."""


def keypoint_distance(fake: Tensor, real: Tensor, reference: Tensor | float = 1.0) -> Tensor:
    """Return the distance of each keypoint, in units of a reference length.

    Args:
        fake: ``(B, T, N, 2)`` pixels, detected in the synthesised video.
        real: The same shape.
        reference: Pixels; a number, or one that broadcasts to ``(B, T, N)``: `body_size`, the distance of the eyes.

    Returns:
        ``(B, T, N)`` in float64.

    Raises:
        ValueError: The shapes differ.

    Examples:
        >>> fake, real = torch.tensor([6.0, 8.0]).reshape(1, 1, 1, 2), torch.zeros(1, 1, 1, 2)
        >>> keypoint_distance(fake, real, reference=100).item()
        0.1
    """
    require_one_shape("keypoints", fake, real)
    distance: Tensor = (fake.double() - real.double()).norm(dim=-1)
    return distance / reference


def body_size(keypoints: Tensor, visible: Tensor) -> Tensor:
    """Return the diagonal of the box round the visible keypoints of each frame.

    Args:
        keypoints: ``(B, T, N, 2)`` pixels.
        visible: ``(B, T, N)``, true or above 0 where a keypoint is visible.

    Returns:
        ``(B, T, 1)`` in float64; NaN where fewer than two keypoints are visible, or all lie in one place.

    Examples:
        >>> keypoints = torch.tensor([[0.0, 0.0], [3.0, 4.0], [90.0, 90.0]]).reshape(1, 1, 3, 2)
        >>> body_size(keypoints, visible=torch.tensor([[[1, 1, 0]]])).item()
        5.0
    """
    seen = (visible > 0)[..., None]
    points, infinity = keypoints.double(), float("inf")
    low = torch.where(seen, points, infinity).amin(-2)
    high = torch.where(seen, points, -infinity).amax(-2)
    size = (high - low).norm(dim=-1, keepdim=True)
    return torch.where((seen.sum((-2, -1))[..., None] >= 2) & (size > 0), size, float("nan"))


class KeypointError(ClipMean):
    """The mean over clips of the keypoints' distance, and of the share that is right (PCK, Yang & Ramanan, 2013).

    Keypoints count where the real frame shows them. One that is not detected in the synthesised frame is not right, and
    has no distance. The unit is `body_size` of the real frame.

    Args:
        make_detector: Makes a detector for one video: people are tracked from frame to frame.
        near: Distance up to which a keypoint is right.
    """

    measures = ("keypoint_error", "keypoints_right")
    over_time = False

    def __init__(self, make_detector: Callable[[], Detector], near: float = NEAR) -> None:
        super().__init__()
        self.make_detector, self.near = make_detector, near
        self._detectors: dict[bool, Detector] = {}

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        return None if setup.detector is None else partial(cls, setup.detector)

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Compare the keypoints of each frame (see `ClipMean.rows`).

        Raises:
            MissingExtraError: The package of the detector is not installed.
        """
        if not reference.continues:
            self._detectors = {}
        wanted = reference.once("keypoints", reference.real, lambda v: self._detect(reference.counted(v), real=True))
        found = self._detect(reference.counted(video), real=False)
        visible = wanted[..., 2] > 0
        size = body_size(wanted[..., :2], visible)
        counted = visible & (size > 0)
        there = counted & (found[..., 2] > 0)
        apart = keypoint_distance(found[..., :2], wanted[..., :2], size).where(there, 0)
        right = there & (apart <= self.near)
        detected, total = there.sum(-1)[0], counted.sum(-1)[0]
        return {
            "keypoint_error": weighted(apart.sum(-1)[0] / detected, detected),
            "keypoints_right": weighted(right.sum(-1)[0] / total, total),
        }

    def _detect(self, video: Tensor, real: bool) -> Tensor:
        """Return the keypoints ``(1, T, N, 3)`` of consecutive frames ``(1, T, 3, H, W)``."""
        if real not in self._detectors:
            self._detectors[real] = self.make_detector()
        detect = self._detectors[real]
        return torch.from_numpy(np.stack([detect(frame) for frame in video[0]]))[None]
