"""Label maps moved by flows, without mixing ids; and the baselines of a predictor made of them."""

import torch
from torch import Tensor

from vid2vid.flow.motion_vectors import accumulate_flows


def sample_nearest(ids: Tensor, offsets: Tensor) -> Tensor:
    """Sample a map at offset pixels, each the nearest id; outside of the map the border is repeated.

    Args:
        ids: ``(B, 1, H, W)`` integers.
        offsets: ``(B, T, 2, H, W)`` in pixels, as `accumulate_flows` returns them.

    Returns:
        ``(B, T, 1, H, W)``, of the type of the ids.
    """
    height, width = ids.shape[-2:]
    y, x = torch.meshgrid(*(torch.arange(size, device=ids.device) for size in (height, width)), indexing="ij")
    column = (x + offsets[:, :, 0]).round().clamp(0, width - 1).long()
    row = (y + offsets[:, :, 1]).round().clamp(0, height - 1).long()
    batch = torch.arange(len(ids), device=ids.device)[:, None, None, None]
    return ids[batch, 0, row, column][:, :, None]


def repeat(source: Tensor, frames: int) -> Tensor:
    """Predict that nothing changes: the last of the maps ``(B, N, 1, H, W)`` as ``(B, frames, 1, H, W)``."""
    return source[:, -1:].expand(-1, frames, -1, -1, -1)


def extrapolate(source: Tensor, flow: Tensor, frames: int) -> Tensor:
    """Predict that the last motion continues: the last map, warped by the last flow again and again.

    Args:
        source: ``(B, N, 1, H, W)`` class indices.
        flow: ``(B, 2, H, W)`` in pixels, from the last of these maps back to the one before.
        frames: Number of predicted maps.

    Returns:
        ``(B, frames, 1, H, W)``.
    """
    return sample_nearest(source[:, -1], accumulate_flows(flow[:, None].expand(-1, frames, -1, -1, -1)))
