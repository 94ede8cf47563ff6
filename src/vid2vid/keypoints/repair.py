"""What detectors missed, filled in from the frames before and after; and trembling taken away."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import ConfigError
from vid2vid.keypoints.keypoints import Keypoints

_SIGMAS = 3
"""Where the window of `smooth` ends."""


@dataclass(frozen=True)
class Report:
    """What `interpolate` has done.

    Attributes:
        frames: Frames in all.
        empty: Frames in which nobody had been detected.
        filled: Points that were filled in, over all frames and people.
        missing: The frames in which there is still nobody, as ranges without gaps.
    """

    frames: int
    empty: int
    filled: int
    missing: tuple[range, ...]

    def __str__(self) -> str:
        spans = (f"{span[0]}-{span[-1]}" if len(span) > 1 else str(span[0]) for span in self.missing)
        still = f"still nobody in {', '.join(spans)}" if self.missing else "no frame left without anybody"
        return f"{self.frames} frames, {self.empty} without anybody; {self.filled} points filled in, {still}"


def interpolate(keypoints: Keypoints, longest_gap: int = 8) -> tuple[Keypoints, Report]:
    """Fill in points that are missing for some frames: on a straight line in time between those where they are seen.

    Before the first and after the last frame in which a point is seen it is taken as there. Confidence is filled in
    likewise. Several people must keep their rows (`vid2vid.keypoints.follow`).

    Args:
        keypoints: As detected.
        longest_gap: A point that is missing for more frames on end than this stays missing.

    Returns:
        The keypoints with what could be filled in, and what was done.

    Raises:
        ConfigError: ``longest_gap`` is negative.
    """
    if longest_gap < 0:
        raise ConfigError(f"longest_gap must be 0 or more frames, but is {longest_gap}.")
    points = keypoints.points
    seen = points[..., 2] > 0
    before, after = _neighbours(seen)
    now = np.arange(len(points))[:, None, None]
    known = (before >= 0) | (after < len(points))
    fill = ~seen & known & (after - before - 1 <= longest_gap)
    # beyond an end the nearest frame is both neighbours
    before, after = np.where(before < 0, after, before), np.where(after == len(points), before, after)
    share = ((now - before) / np.maximum(after - before, 1))[fill]
    _, person, point = fill.nonzero()
    start, end = points[before[fill], person, point], points[after[fill], person, point]
    repaired = points.copy()
    repaired[fill] = start + (end - start) * share[:, None].astype(np.float32)
    return replace(keypoints, points=repaired), _report(seen, fill)


def smooth(keypoints: Keypoints, sigma: float) -> Keypoints:
    """Take the trembling out of keypoints without delaying them.

    Each point is put onto the straight line in time that fits its neighbours best, weighted by a Gaussian and their
    confidence: frames before and after count alike, and steady motion stays as it is, also at the ends. Only frames
    between which the point is seen all the time count, and confidences stay.

    Args:
        keypoints: As detected, or repaired; several people must keep their rows (`vid2vid.keypoints.follow`).
        sigma: Standard deviation of the Gaussian in frames; 0 changes nothing.

    Raises:
        ConfigError: ``sigma`` is negative or no number.
    """
    if not 0 <= sigma < np.inf:
        raise ConfigError(f"sigma must be 0 or more frames, but is {sigma}.")
    if sigma == 0:
        return keypoints
    confidence = keypoints.points[..., 2]
    smoothed = keypoints.points.copy()
    fitted = _fitted(keypoints.points, sigma)
    smoothed[..., :2] = np.where(confidence[..., None] > 0, fitted, smoothed[..., :2])
    return replace(keypoints, points=smoothed)


def _neighbours(seen: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the last frame until and the first from each on where a point is seen ``(T, ...)``; -1 and T: none."""
    now = np.arange(len(seen)).reshape(-1, *[1] * (seen.ndim - 1))
    before = np.maximum.accumulate(np.where(seen, now, -1), axis=0)
    after = np.minimum.accumulate(np.where(seen, now, len(seen))[::-1], axis=0)[::-1]
    return before, after


def _report(seen: NDArray[np.bool_], fill: NDArray[np.bool_]) -> Report:
    empty = np.flatnonzero(~seen.any(axis=(1, 2)))
    missing = np.flatnonzero(~(seen | fill).any(axis=(1, 2)))
    return Report(len(seen), len(empty), int(fill.sum()), tuple(_spans(missing)))


def _spans(frames: NDArray[np.intp]) -> Iterator[range]:
    """Yield increasing numbers as ranges without gaps."""
    for span in np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1):
        if len(span):
            yield range(int(span[0]), int(span[-1]) + 1)


def _fitted(points: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return for each point ``(T, P, N, 2)`` where the line that fits its neighbours is at its own time."""
    places, confidence = points[..., :2].astype(np.float64), points[..., 2].astype(np.float64)
    # points of one run have been seen without a gap
    run = (confidence == 0).cumsum(axis=0)
    # weighted sums of 1, k, k², x and k·x over the frames at distance k
    sums = np.zeros((3, *confidence.shape))
    moments = np.zeros((2, *places.shape))
    radius = min(int(np.ceil(_SIGMAS * sigma)), len(points) - 1)
    for k in range(-radius, radius + 1):
        here, there = _pair(k, len(points))
        weight = np.exp(-0.5 * (k / sigma) ** 2) * confidence[there] * (run[there] == run[here])
        for power in range(3):
            sums[power, here] += weight * k**power
        for power in range(2):
            moments[power, here] += (weight * k**power)[..., None] * places[there]
    return _at_zero(sums, moments).astype(np.float32)


def _pair(k: int, count: int) -> tuple[slice, slice]:
    """Return the frames that have one at distance k, and those at that distance."""
    return slice(max(0, -k), count - max(0, k)), slice(max(0, k), count - max(0, -k))


def _at_zero(sums: NDArray[np.float64], moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve for the weighted line at k = 0; the mean where only one frame counts."""
    spread = sums[0] * sums[2] - sums[1] ** 2
    # a single frame gives no direction
    alone = spread <= 1e-12 * sums[0] * sums[2]
    line = sums[2][..., None] * moments[0] - sums[1][..., None] * moments[1]
    mean = moments[0] / np.where(sums[0] > 0, sums[0], 1)[..., None]
    fitted: NDArray[np.float64] = np.where(alone[..., None], mean, line / np.where(alone, 1, spread)[..., None])
    return fitted
