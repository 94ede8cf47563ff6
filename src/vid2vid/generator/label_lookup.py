"""The first layers of F over label maps as sums of rows of a table, instead of convolutions over one-hot channels."""

from collections.abc import Sequence
from itertools import accumulate
from typing import cast

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.ops import LabelCode

_RADIUS = 3
_SIDE = 2 * _RADIUS + 1
_TAPS = _SIDE**2
_BLOCK = 2**17
"""Pixels that are looked up at once; their indices take 4 · 49 · (L + 1) bytes each."""
_LEAST_CLASSES = {False: 5, True: 16}
"""Number of classes from which the table is faster, in half precision or not, as measured on a CPU: the time of the
convolution grows with its channels."""


def lookup_is_faster(code: LabelCode) -> bool:
    """Whether the table is faster than the convolution: on a CPU, for many classes, where no gradient is needed."""
    # labels on an edge are labels of their own
    labels = code.classes if code.edges is None else 2 * code.classes
    if code.device.type != "cpu" or torch.is_grad_enabled() or labels > 256:
        return False
    return code.classes >= _LEAST_CLASSES[torch.is_autocast_enabled("cpu")]


def look_up(layers: Sequence[nn.Sequential], code: LabelCode) -> list[Tensor]:
    """Run the first layers of several stems on the same labels: reflected borders, then a 7x7 convolution.

    A one-hot code selects one weight of each tap: the convolution is the sum of one row of a table for each of the 49
    taps and each frame. The table has a row for each frame, tap and class, and the layers side by side as columns.
    Equal labels all around a pixel choose one row of a smaller table, which sums over the taps.

    Args:
        layers: Stems that begin with a padding and the convolution (`vid2vid.generator.blocks.head`).
        code: The conditions s_{t-L} .. s_t, ``(B, L + 1, C, H, W)``.

    Returns:
        For each stem the result of its first convolution, ``(B, ·, H, W)``.
    """
    convolutions = [cast("nn.Conv2d", stem[1]) for stem in layers]
    weight = torch.cat([layer.weight for layer in convolutions])
    bias = torch.cat([cast("Tensor", layer.bias) for layer in convolutions])
    frames = code.shape[1]
    weight = weight.view(len(weight), frames, -1, *weight.shape[2:])
    # (frame, tap, class) by output channel
    table, ids = weight[:, :, : code.classes].flatten(3).permute(1, 3, 2, 0), code.ids[:, :, 0].to(torch.uint8)
    if code.edges is not None:
        edge = weight[:, :, code.classes : code.classes + 1].flatten(3).permute(1, 3, 2, 0)
        table, ids = torch.cat([table, table + edge], 2), ids + code.classes * code.edges[:, :, 0].to(torch.uint8)
    half = torch.is_autocast_enabled(code.device.type)
    precision = torch.get_autocast_dtype(code.device.type) if half else table.dtype
    result = torch.stack([_sums(one, table.contiguous(), bias).to(precision).t().contiguous() for one in ids])
    result = result.view(*result.shape[:2], *ids.shape[-2:])
    if code.features is not None:
        features = nnf.pad(code.features.flatten(1, 2), (_RADIUS,) * 4, mode="reflect")
        result = result + nnf.conv2d(features, weight[:, :, -code.features.shape[2] :].flatten(1, 2))
    widths = [layer.out_channels for layer in convolutions]
    return [result[:, end - width : end] for width, end in zip(widths, accumulate(widths), strict=True)]


def _sums(ids: Tensor, table: Tensor, bias: Tensor) -> Tensor:
    """Sum the rows of a table that the labels around each pixel choose.

    Args:
        ids: ``(T, H, W)`` uint8.
        table: ``(T, 49, classes, channels)``.
        bias: ``(channels,)``, is added.

    Returns:
        ``(H · W, channels)``.
    """
    frames, height, width = ids.shape
    classes = table.shape[2]
    # most pixels are far from any border: one row for each frame, the sum over the taps
    inside = (table.sum(1) + bias / frames).flatten(0, 1)
    step = torch.arange(frames, dtype=torch.int32, device=ids.device) * classes
    result = nnf.embedding_bag(ids.flatten(1).t().to(torch.int32) + step, inside, mode="sum")
    # float32 holds class indices exactly, and can be padded; a row of eight labels is then one number to fetch
    padded = nnf.pad(ids.float()[None], (_RADIUS, _RADIUS + 1, _RADIUS, _RADIUS), mode="reflect")[0].to(torch.uint8)
    rows = padded.unfold(2, _SIDE + 1, 1).contiguous().view(torch.int64).flatten()
    row = torch.arange(_SIDE, device=ids.device) * width
    row = (torch.arange(frames, device=ids.device)[:, None] * (height + 2 * _RADIUS) * width + row).flatten()
    first = torch.arange(frames * _TAPS, dtype=torch.int32, device=ids.device).view(-1, _SIDE) * classes
    near = _near_borders(padded[..., :-1])
    for start in range(0, len(near), _BLOCK):
        pixels = near[start : start + _BLOCK]
        labels = rows.index_select(0, (pixels[:, None] + row).flatten()).view(torch.uint8)
        indices = (labels.view(len(pixels), -1, _SIDE + 1)[..., :_SIDE] + first).flatten(1)
        result.index_copy_(0, pixels, nnf.embedding_bag(indices, table.flatten(0, 2), mode="sum") + bias)
    return result


def _near_borders(padded: Tensor) -> Tensor:
    """Return the indices of the pixels in whose windows labels differ, or may differ, in any of the frames.

    Args:
        padded: ``(T, H + 6, W + 6)``.
    """
    borders = torch.zeros_like(padded[0], dtype=torch.float32)
    borders[:, :-1] += (padded[:, :, 1:] != padded[:, :, :-1]).any(0)
    borders[:-1] += (padded[:, 1:] != padded[:, :-1]).any(0)
    windows = nnf.max_pool2d(nnf.max_pool2d(borders[None], (_SIDE, 1), 1), (1, _SIDE), 1)
    return windows.flatten().nonzero()[:, 0]
