"""The interface of flow estimators, and two measures of a flow's confidence."""

from typing import Protocol

import torch
from torch import Tensor

from vid2vid.ops import warp
from vid2vid.types import Flow


class FlowEstimator(Protocol):
    """Estimates the flow between real frames."""

    name: str
    """Method, settings, weights (by content) and versions on which the flow depends; a key of the flow cache."""

    def __call__(self, previous: Tensor, current: Tensor) -> Flow:
        """Estimate the backward flow.

        Args:
            previous: ``(N, 3, H, W)`` in [-1, 1], the earlier frames.
            current: ``(N, 3, H, W)`` in [-1, 1], the later frames.

        Returns:
            The flow from ``current`` back to ``previous``, ``(N, 2, H, W)`` and ``(N, 1, H, W)``, on their device.
        """
        ...


def forward_backward_confidence(backward: Tensor, forward: Tensor, tolerance: float = 1.0) -> Tensor:
    """Return confidence 1 for points that the backward flow, followed by the forward flow, returns to their place.

    They must return to within ``tolerance`` pixels, plus 5 % of the length of the backward flow, since long flows are
    less exact. Points that are hidden in the earlier frame do not return.

    Args:
        backward: ``(N, 2, H, W)`` pixels, from the later frame to the earlier one.
        forward: ``(N, 2, H, W)`` pixels, from the earlier frame to the later one.
        tolerance: Pixels.

    Returns:
        ``(N, 1, H, W)`` float of zeros and ones; also zero where the flow leaves the picture.
    """
    error = (backward + warp(forward, backward)).norm(dim=1, keepdim=True)
    trusted = error < tolerance + 0.05 * backward.norm(dim=1, keepdim=True)
    confidence: Tensor = (trusted & stays_inside(backward)).to(backward.dtype)
    return confidence


def stays_inside(flow: Tensor) -> Tensor:
    """Return which points of flows ``(N, 2, H, W)`` in pixels stay inside the picture, ``(N, 1, H, W)`` bool."""
    height, width = flow.shape[-2:]
    x = torch.arange(width, device=flow.device) + flow[:, :1]
    y = torch.arange(height, device=flow.device)[:, None] + flow[:, 1:]
    return (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)


def photometric_confidence(previous: Tensor, current: Tensor, flow: Tensor, threshold: float = 0.02) -> Tensor:
    """Return confidence 1 for points of the same colour in both frames: ``Σ_c (x_t - w(x_{t-1}))² < threshold``.

    Args:
        previous: ``(N, 3, H, W)`` in [-1, 1].
        current: ``(N, 3, H, W)`` in [-1, 1].
        flow: ``(N, 2, H, W)`` pixels, from ``current`` back to ``previous``.
        threshold: The reference's 0.02.

    Returns:
        ``(N, 1, H, W)`` float of zeros and ones.
    """
    error = (current - warp(previous, flow)).square().sum(dim=1, keepdim=True)
    return (error < threshold).to(flow.dtype)
