"""The Sampson error: how far keypoints that match in consecutive frames are from one rigid scene before a camera."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.metrics.clip_metric import ClipMean, MetricFactory, MetricSetup, ReferenceClip, weighted_pairs
from vid2vid.ops import to_uint8

Points = NDArray[np.floating[Any]]
"""``(N, 2)`` pixels (x, y)."""

LEAST_MATCHES = 16
"""Matches below which a pair of frames has no Sampson error: eight of them always fit a fundamental matrix."""
LEAST_MOTION = 0.25
"""Median motion of the matches, in pixels, below which a pair has none: what stands still fits any matrix."""
_RATIO = 0.75  # of the distances of the best and the second best descriptor (Lowe, 2004)
_CONTRAST = 0.02  # half of SIFT's default: small frames have few keypoints
_INLIER, _CONFIDENCE, _ITERATIONS = 1.0, 0.999, 2000  # of MAGSAC; the first in pixels
_REFINEMENTS = 10


def sampson_distances(points: Points, others: Points, fundamental: NDArray[Any]) -> Points:
    """Return how far matches are from a fundamental matrix F: the root of Sampson's error, in pixels.

    ``|x'ᵀ F x| / sqrt((F x)₁² + (F x)₂² + (Fᵀ x')₁² + (Fᵀ x')₂²)``, to first order the distance by which both points
    together must be moved until ``x'ᵀ F x = 0`` (Hartley & Zisserman, 2004, Sec. 11.4.3).

    Args:
        points: ``(N, 2)`` pixels (x, y) in the one image.
        others: ``(N, 2)``, where they are in the other one.
        fundamental: ``(3, 3)``.

    Returns:
        ``(N,)`` >= 0 in float64.

    Examples:
        A camera that moves to the right shifts points along the rows; the second match is off by a pixel downwards.

        >>> rows = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
        >>> points, others = np.array([[5.0, 2.0], [7.0, 2.0]]), np.array([[3.0, 2.0], [6.0, 3.0]])
        >>> sampson_distances(points, others, rows).round(4).tolist()
        [0.0, 0.7071]
    """
    x, y = (np.concatenate([each, np.ones((len(each), 1))], axis=1, dtype=np.float64) for each in (points, others))
    lines, other_lines = x @ fundamental.T, y @ fundamental
    steepness = np.square(lines[:, :2]).sum(1) + np.square(other_lines[:, :2]).sum(1)
    distances: Points = np.abs((y * lines).sum(1)) / np.sqrt(np.maximum(steepness, np.finfo(np.float64).tiny))
    return distances


def matched_keypoints(frames: Sequence[NDArray[np.uint8]]) -> list[tuple[Points, Points]]:
    """Match the SIFT keypoints of consecutive images (Lowe, 2004).

    Args:
        frames: Grey images ``(H, W)``.

    Returns:
        For each pair the pixels in the earlier and in the later image, each ``(N, 2)``; N may be 0.

    Examples:
        >>> noise = np.random.default_rng(0).integers(0, 256, (24, 40), np.uint8)
        >>> picture = np.kron(noise, np.ones((4, 4), np.uint8))
        >>> [(earlier, later)] = matched_keypoints([picture[:, 3:], picture[:, :-3]])
        >>> np.median(later - earlier, axis=0).round(2).tolist()
        [3.0, 0.0]
    """
    sift, matcher = cv2.SIFT.create(contrastThreshold=_CONTRAST), cv2.BFMatcher()
    found = [sift.detectAndCompute(frame, None) for frame in frames]
    pairs = []
    for (keypoints, descriptors), (others, other_descriptors) in pairwise(found):
        matches = []
        if len(keypoints) and len(others) > 1:
            nearest = matcher.knnMatch(descriptors, other_descriptors, k=2)
            matches = [best for best, second in nearest if best.distance < _RATIO * second.distance]
        earlier = np.array([keypoints[each.queryIdx].pt for each in matches]).reshape(-1, 2)
        later = np.array([others[each.trainIdx].pt for each in matches]).reshape(-1, 2)
        pairs.append((earlier, later))
    return pairs


def epipolar_distances(points: Points, others: Points) -> Points | None:
    """Return `sampson_distances` of matches to the fundamental matrix that fits them best, by MAGSAC (Barath, 2019).

    Args:
        points: ``(N, 2)`` pixels in the one image.
        others: ``(N, 2)``, where they are in the other one.

    Returns:
        ``(N,)`` pixels; None where fewer than `LEAST_MATCHES` match, these move by less than `LEAST_MOTION`, or no
        matrix fits.

    Examples:
        >>> epipolar_distances(np.zeros((7, 2)), np.ones((7, 2))) is None
        True
    """
    if len(points) < LEAST_MATCHES or np.median(np.linalg.norm(others - points, axis=1)) < LEAST_MOTION:
        return None
    try:
        matrix, _ = cv2.findFundamentalMat(points, others, cv2.USAC_MAGSAC, _INLIER, _CONFIDENCE, _ITERATIONS)
    except cv2.error:
        # how OpenCV 5 says that no sample of the matches gives a matrix, as on repetitive patterns
        return None
    if matrix is None or matrix.shape != (3, 3):
        return None
    distances = sampson_distances(points, others, matrix)
    # MAGSAC stops when a matrix is good enough; least squares of what fits it, again and again, make a better one
    for _ in range(_REFINEMENTS):
        fits = distances <= 3 * np.median(distances)  # two standard deviations
        matrix, _ = cv2.findFundamentalMat(points[fits], others[fits], cv2.FM_8POINT)
        refined = distances if matrix is None else sampson_distances(points, others, matrix)
        if np.median(refined) >= np.median(distances):
            break
        distances = refined
    return distances


class SampsonError(ClipMean):
    """The mean over clips of the Sampson error of consecutive frames, and the share of pairs that have one.

    ``sampson_error`` is the mean over the pairs of the median over their matches, so that it is that of the scene as
    long as less than half of the matches lie on things that move by themselves; ``sampson_mean`` takes the mean over
    the matches, in which these and wrong matches count. Pairs without an error (`epipolar_distances`) do not count;
    ``matched_pairs`` is the share of the others. Read it beside the real video's.
    """

    measures = ("sampson_error", "sampson_mean", "matched_pairs")
    has_real_value = True

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        return cls if setup.config.sampson else None

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Return the errors of each pair of frames (see `ClipMean.rows`)."""
        images = to_uint8(video[0, reference.pairs]).permute(0, 2, 3, 1).cpu().numpy()
        pairs = matched_keypoints([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images])
        errors = [epipolar_distances(*pair) for pair in pairs]
        known = torch.tensor([each is not None for each in errors], dtype=torch.float64)
        if not known.all():
            self.note(
                f"Sampson error: pairs of frames with fewer than {LEAST_MATCHES} matches, or without motion, do not "
                "count; the column of matched pairs tells how many do."
            )
        values = torch.tensor(
            [(np.median(each), each.mean()) if each is not None else (np.nan,) * 2 for each in errors]
        )
        columns = values.view(-1, 2).double().unbind(1)
        rows = {
            name: weighted_pairs(each, known, reference) for name, each in zip(self.measures, columns, strict=False)
        }
        return {**rows, "matched_pairs": weighted_pairs(known, torch.ones_like(known), reference)}
