"""Exact reference flow from the motion vectors of a renderer or engine."""

from collections.abc import Collection

import torch
from torch import Tensor

from vid2vid.flow.estimator import photometric_confidence, stays_inside
from vid2vid.ops import warp
from vid2vid.types import Flow

SAME_COLOUR = 0.05
"""Squared distance of two colours in [-1, 1] up to which a point counts as visible in both frames.

The test is needed since exact vectors exist for points that were hidden, too.
"""


def accumulate_flows(flows: Tensor) -> Tensor:
    """Return the offset from each pixel of each frame to its place in frame 0, by chaining the flows.

    ``d_t(p) = w_t(p) + d_{t-1}(p + w_t(p))``. A map that is sampled once with d_t, instead of once per frame, follows
    motions of less than a pixel.

    Args:
        flows: ``(B, T, 2, H, W)`` in pixels, w_1 .. w_T, each from a frame back to the one before.

    Returns:
        Offsets d ``(B, T, 2, H, W)`` in pixels.
    """
    total = torch.zeros_like(flows[:, 0])
    offsets = []
    for flow in flows.unbind(1):
        total = flow + warp(total, flow)
        offsets.append(total)
    return torch.stack(offsets, dim=1)


def flows_of_motion(motion: Tensor, real: Tensor, strides: Collection[int]) -> dict[int, Flow]:
    """Return the flows of the given strides; for strides above 1, the vectors of several frames are chained.

    Args:
        motion: ``(B, T, 2, H, W)`` in pixels, from each frame to the one before; that of the first is not used.
        real: ``(B, T, 3, H, W)`` in [-1, 1], the real frames, which show what was hidden (`SAME_COLOUR`).
        strides: The temporal strides k, below T.

    Returns:
        For each k the flow, ``(B, T - k, ·, H, W)``, entry j belonging to frame j + k.
    """
    batch, frames = real.shape[:2]
    flows = {}
    for k in strides:
        windows = torch.stack([motion[:, 1 + i : frames - k + 1 + i] for i in range(k)], dim=2).float()
        vectors = accumulate_flows(windows.flatten(0, 1))[:, -1]
        earlier, later = real[:, :-k].flatten(0, 1), real[:, k:].flatten(0, 1)
        confidence = photometric_confidence(earlier, later, vectors, SAME_COLOUR) * stays_inside(vectors)
        flows[k] = Flow(*(part.view(batch, frames - k, *part.shape[1:]) for part in (vectors, confidence)))
    return flows
