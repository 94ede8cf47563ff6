"""Repair of detected keypoints: interpolation of missing points, and smoothing over time."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import ConfigError
from vid2vid.keypoints.keypoint_sequence import Keypoints

_SIGMAS = 3
"""Radius of the window of `smooth`, in standard deviations."""


@dataclass(frozen=True)
class RepairReport:
    """What `interpolate` filled in, and what is still missing.

    Attributes:
        frames: Number of frames.
        empty: Number of frames in which nobody had been detected.
        filled: Number of points that were filled in, over all frames and people.
        missing: The frames in which there is still nobody, as maximal ranges.
    """

    frames: int
    empty: int
    filled: int
    missing: tuple[range, ...]

    def __str__(self) -> str:
        spans = (f"{span[0]}-{span[-1]}" if len(span) > 1 else str(span[0]) for span in self.missing)
        still = f"still nobody in {', '.join(spans)}" if self.missing else "no frame left without anybody"
        return f"{self.frames} frames, {self.empty} without anybody; {self.filled} points filled in, {still}"


def interpolate(keypoints: Keypoints, longest_gap: int = 8) -> tuple[Keypoints, RepairReport]:
    """Fill in missing points by linear interpolation in time between the frames in which they are seen.

    Before the first and after the last of these frames, the nearest one is repeated. Confidences are filled in
    likewise. Several people must keep their rows (`vid2vid.keypoints.tracking.track_people`).

    Args:
        keypoints: The detected keypoints.
        longest_gap: Points that are missing for more consecutive frames stay missing.

    Returns:
        The repaired keypoints and a report.

    Raises:
        ConfigError: ``longest_gap`` is negative.

    Examples:
        >>> points = np.zeros((3, 1, 68, 3), np.float32)
        >>> points[0, 0, :, 0], points[2, 0, :, 0] = 10, 20
        >>> points[[0, 2], ..., 2] = 1  # not seen in frame 1
        >>> repaired, report = interpolate(Keypoints(points, (32, 32), 25))
        >>> repaired.points[1, 0, 0].tolist()
        [15.0, 0.0, 1.0]
    """
    if longest_gap < 0:
        raise ConfigError(f"longest_gap must be 0 or more frames, but is {longest_gap}.")
    points = keypoints.points
    seen = points[..., 2] > 0
    now = np.arange(len(points))[:, None, None]
    # the last frame up to now, and the first from now on, in which a point is seen; -1 and T: there is none
    before = np.maximum.accumulate(np.where(seen, now, -1), axis=0)
    after = np.minimum.accumulate(np.where(seen, now, len(seen))[::-1], axis=0)[::-1]
    known = (before >= 0) | (after < len(points))
    fill = ~seen & known & (after - before - 1 <= longest_gap)
    # beyond an end, the nearest frame is used for both neighbours
    before, after = np.where(before < 0, after, before), np.where(after == len(points), before, after)
    share = ((now - before) / np.maximum(after - before, 1))[fill]
    _, person, point = fill.nonzero()
    start, end = points[before[fill], person, point], points[after[fill], person, point]
    repaired = points.copy()
    repaired[fill] = start + (end - start) * share[:, None].astype(np.float32)
    still = np.flatnonzero(~(seen | fill).any(axis=(1, 2)))
    runs = np.split(still, np.flatnonzero(np.diff(still) > 1) + 1)
    missing = tuple(range(int(run[0]), int(run[-1]) + 1) for run in runs if len(run))
    empty = int((~seen.any(axis=(1, 2))).sum())
    return replace(keypoints, points=repaired), RepairReport(len(seen), empty, int(fill.sum()), missing)


def smooth(keypoints: Keypoints, sigma: float) -> Keypoints:
    """Remove jitter from keypoints without delay, by local linear regression over time.

    Each point is replaced by the value, at its own time, of the line that best fits its neighbours in time, weighted by
    a Gaussian and by their confidence. Frames before and after count alike, and uniform motion is unchanged, also at
    the ends. Only frames connected by an unbroken run of detections count. Confidences are unchanged.

    Args:
        keypoints: The detected or repaired keypoints; several people must keep their rows
            (`vid2vid.keypoints.tracking.track_people`).
        sigma: Standard deviation of the Gaussian in frames; 0 changes nothing.

    Raises:
        ConfigError: ``sigma`` is negative, infinite or NaN.

    Examples:
        >>> points = np.ones((5, 1, 68, 3), np.float32)
        >>> points[2, ..., 0] = 6  # one frame jumps
        >>> moved = smooth(Keypoints(points, (32, 32), 25), sigma=1)
        >>> [round(float(x), 2) for x in moved.points[:, 0, 0, 0]]
        [0.71, 2.1, 3.01, 2.1, 0.71]
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


def _fitted(points: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return, for each point, the value at its own time of the line that fits its neighbours, ``(T, P, N, 2)``."""
    places, confidence = points[..., :2].astype(np.float64), points[..., 2].astype(np.float64)
    # within a run, a point is seen without a gap
    run = (confidence == 0).cumsum(axis=0)
    # weighted sums of 1, k, k², x and k·x over the frames at distance k
    sums = np.zeros((3, *confidence.shape))
    moments = np.zeros((2, *places.shape))
    count = len(points)
    radius = min(int(np.ceil(_SIGMAS * sigma)), count - 1)
    for k in range(-radius, radius + 1):
        # the frames that have a frame at distance k, and those frames
        here, there = slice(max(0, -k), count - max(0, k)), slice(max(0, k), count - max(0, -k))
        weight = np.exp(-0.5 * (k / sigma) ** 2) * confidence[there] * (run[there] == run[here])
        for power in range(3):
            sums[power, here] += weight * k**power
        for power in range(2):
            moments[power, here] += (weight * k**power)[..., None] * places[there]
    # the weighted line at k = 0; the mean if a single frame counts, which determines no line
    spread = sums[0] * sums[2] - sums[1] ** 2
    alone = spread <= 1e-12 * sums[0] * sums[2]
    line = sums[2][..., None] * moments[0] - sums[1][..., None] * moments[1]
    mean = moments[0] / np.where(sums[0] > 0, sums[0], 1)[..., None]
    fitted = np.where(alone[..., None], mean, line / np.where(alone, 1, spread)[..., None])
    return np.asarray(fitted, np.float32)
