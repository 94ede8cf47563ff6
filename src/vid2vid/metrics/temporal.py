"""Measures of motion: the warping error along the real flow, and the difference of flows (tOF)."""

import torch
from torch import Tensor

from vid2vid.flow.dis import DIS
from vid2vid.flow.estimator import FlowEstimator
from vid2vid.metrics.clip_metric import ClipMean, ReferenceClip, require_one_shape, weighted_pairs
from vid2vid.metrics.image_quality import per_frame
from vid2vid.ops import warp
from vid2vid.types import Flow

LEAST_FLOW_PIXELS = 16
"""Pixels a side below which `FlowDifference` leaves a clip out: DIS has to pad smaller frames."""


def warping_error(video: Tensor, flow: Tensor, visible: Tensor) -> Tensor:
    """Return how much a video changes along the motion of the real one (Lai et al., 2018, with absolute differences).

    The mean over visible points and channels of ``|x_t - w_t(x_{t-1})|``, with images scaled to [0, 1]. It is zero for
    a video whose points keep their colour. A blurred video has a low one, too: read it beside the real video's.

    Args:
        video: ``(B, T, 3, H, W)`` in [-1, 1].
        flow: ``(B, T - 1, 2, H, W)`` pixels, of the real video, entry j belonging to frame j + 1.
        visible: ``(B, T - 1, 1, H, W)`` in [0, 1]; 0 where a point was hidden in the frame before.

    Returns:
        A scalar in [0, 1].

    Examples:
        >>> video = torch.tensor([-1.0, -1.0, 1.0, 1.0]).reshape(1, 4, 1, 1, 1).expand(1, 4, 3, 8, 8)
        >>> still, seen = torch.zeros(1, 3, 2, 8, 8), torch.ones(1, 3, 1, 8, 8)
        >>> round(warping_error(video, still, seen).item(), 4)
        0.3333
    """
    images = (video.float() + 1) / 2
    moved = warp(images[:, :-1].flatten(0, 1), flow.float().flatten(0, 1))
    error = (images[:, 1:].flatten(0, 1) - moved).abs() * visible.flatten(0, 1)
    return error.sum() / (visible.sum() * images.shape[2]).clamp(min=1)


def warping_errors(video: Tensor, flow: Tensor, visible: Tensor) -> Tensor:
    """Return `warping_error` of each pair of frames.

    Args:
        video: ``(B, T, 3, H, W)`` in [-1, 1].
        flow: ``(B, T - 1, 2, H, W)`` pixels, of the real video.
        visible: ``(B, T - 1, 1, H, W)`` in [0, 1].

    Returns:
        ``(B, T - 1)`` in float64.

    Examples:
        >>> video = torch.tensor([-1.0, -1.0, 1.0, 1.0]).reshape(1, 4, 1, 1, 1).expand(1, 4, 3, 8, 8)
        >>> still, seen = torch.zeros(1, 3, 2, 8, 8), torch.ones(1, 3, 1, 8, 8)
        >>> warping_errors(video, still, seen).tolist()
        [[0.0, 1.0, 0.0]]
    """

    def of_pair(past: Tensor, now: Tensor, *motion: Tensor) -> Tensor:
        return warping_error(torch.cat([past, now], dim=1), *motion)

    return per_frame(of_pair, video[:, :-1], video[:, 1:], flow, visible)


def flow_difference(fake: Tensor, real: Tensor) -> Tensor:
    """Return the distance between the ends of two flows at each point, ``‖w(x̃) - w(x)‖₂``.

    With flows that one method estimated on the synthesised and on the real video, its mean is tOF (Chu et al., 2020)
    but for the norm.

    Args:
        fake: ``(..., 2, H, W)`` pixels.
        real: The same shape.

    Returns:
        ``(..., 1, H, W)`` pixels in float64.

    Raises:
        ValueError: The shapes differ.

    Examples:
        >>> fake, real = torch.tensor([3.0, 4.0]).reshape(2, 1, 1), torch.zeros(2, 1, 1)
        >>> flow_difference(fake, real).item()
        5.0
    """
    require_one_shape("flows", fake, real)
    distance: Tensor = (fake.double() - real.double()).norm(dim=-3, keepdim=True)
    return distance


class WarpingError(ClipMean):
    """The mean over clips of `warping_error`; the reference must have a flow."""

    higher_is_better = False
    measures = ("warping_error",)
    has_real_value = True

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Return the error of each pair of frames, weighted by its visible points (see `ClipMean.rows`).

        Raises:
            ValueError: The reference has no flow.
        """
        if reference.flow is None:
            raise ValueError("WarpingError needs the flow of the real video: ReferenceClip(real, flow)")
        vectors, visible = (part[:, reference.pairs] for part in (reference.flow.vectors, reference.flow.confidence))
        errors = warping_errors(video[:, reference.pairs], vectors, visible)
        return {"warping_error": weighted_pairs(errors[0], visible.sum((2, 3, 4))[0], reference)}


class FlowDifference(ClipMean):
    """The mean over clips of `flow_difference`, in pixels, over the points where the real video's flow is trusted.

    Both flows are estimated, also where the exact one is known: an estimate's own errors are in both.

    Args:
        estimator: Estimates them; by default DIS.
    """

    higher_is_better = False
    measures = ("flow_difference",)

    def __init__(self, estimator: FlowEstimator | None = None) -> None:
        super().__init__()
        self.estimator = estimator or DIS()

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Return the difference of each pair of frames, weighted by its trusted points (see `ClipMean.rows`)."""
        if self.left_out(reference, LEAST_FLOW_PIXELS, "tOF"):
            return {}
        return {"flow_difference": flow_difference_rows(video, reference, self.estimator)}


def flow_difference_rows(
    video: Tensor, reference: ReferenceClip, estimator: FlowEstimator, mask: Tensor | None = None
) -> Tensor:
    """Return the mean `flow_difference` of each pair of frames, weighted by its trusted points (see `ClipMean.rows`).

    Metrics of one estimator share the flows (`ReferenceClip.once`).

    Args:
        video: ``(1, T, 3, H, W)`` in [-1, 1].
        reference: The real clip.
        estimator: Estimates the flow of both.
        mask: ``(T, H, W)`` in [0, 1]: which points of the later frame count; None: all.
    """

    def estimate(video: Tensor) -> Flow:
        frames = video[0, reference.pairs]
        return estimator(frames[:-1], frames[1:])

    fake, real = (reference.once(("flow", estimator.name), each, estimate) for each in (video, reference.real))
    trusted = real.confidence.double()
    if mask is not None:
        trusted = trusted * mask[reference.pairs, None][1:]
    apart = flow_difference(fake.vectors, real.vectors) * trusted
    total = trusted.sum((1, 2, 3))
    return weighted_pairs(apart.sum((1, 2, 3)) / total.clamp(min=1), total, reference)
