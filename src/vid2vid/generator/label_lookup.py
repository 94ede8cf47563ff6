"""The first layers of F over label maps as sums of rows of a table, in place of convolutions over one-hot channels."""

from collections.abc import Iterator, Sequence
from typing import cast

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.ops import LabelCode

_RADIUS = 3
_TAPS = (2 * _RADIUS + 1) ** 2
_BLOCK = 2**17
"""Pixels that are looked up at once; their indices take 4 · 49 · (L + 1) bytes each."""
_LEAST_CLASSES = {torch.float32: 8, torch.bfloat16: 20}
"""Classes from which on the table is faster, measured on a CPU; a convolution takes time for each of its channels."""


def pays(code: LabelCode) -> bool:
    """Whether the table is faster than the convolution: on a CPU, for many classes, where no gradient is wanted."""
    if code.device.type != "cpu" or torch.is_grad_enabled():
        return False
    half = torch.is_autocast_enabled("cpu")
    return code.classes >= _LEAST_CLASSES[torch.bfloat16 if half else torch.float32]


def look_up(layers: Sequence[nn.Sequential], code: LabelCode) -> list[Tensor]:
    """Run the first layers of several stems on the same labels: reflected borders, then a 7x7 convolution.

    A one-hot code selects one weight of each tap: the convolution is the sum of one row of a table for each of the 49
    taps and each frame. The table has a row for each frame, tap and class, and the layers side by side as columns.

    Args:
        layers: Stems that begin with a padding and the convolution (`vid2vid.generator.blocks.head`).
        code: The conditions s_{t-L} .. s_t, ``(B, L + 1, C, H, W)``.

    Returns:
        For each stem the result of its first convolution, ``(B, ·, H, W)``.
    """
    convolutions = [cast("nn.Conv2d", stem[1]) for stem in layers]
    weight = torch.cat([layer.weight for layer in convolutions])
    bias = torch.cat([cast("Tensor", layer.bias) for layer in convolutions])
    batch, frames, _, height, width = code.shape
    weight = weight.view(len(weight), frames, -1, *weight.shape[2:])
    # (frame, tap, class) by output channel
    table = weight[:, :, : code.classes].flatten(3).permute(1, 3, 2, 0).flatten(0, 2)
    rows = [nnf.embedding_bag(indices, table, mode="sum") for indices in _indices(code)]
    result = (torch.cat(rows) + bias).view(batch, height, width, -1).permute(0, 3, 1, 2).contiguous()
    if code.planes is not None:
        planes = nnf.pad(code.planes.flatten(1, 2), (_RADIUS,) * 4, mode="reflect")
        result = result + nnf.conv2d(planes, weight[:, :, code.classes :].flatten(1, 2))
    if torch.is_autocast_enabled(code.device.type):
        result = result.to(torch.get_autocast_dtype(code.device.type))
    return list(torch.split(result, [layer.out_channels for layer in convolutions], dim=1))


def _indices(code: LabelCode) -> Iterator[Tensor]:
    """Yield the rows of the table of some pixels after the other, ``(pixels, (L + 1) · 49)`` int32."""
    batch, frames, _, height, width = code.shape
    # float32 holds class indices exactly, and can be padded
    padded = nnf.pad(code.ids[:, :, 0].float(), (_RADIUS,) * 4, mode="reflect").to(torch.int32)
    windows = padded.unfold(2, 2 * _RADIUS + 1, 1).unfold(3, 2 * _RADIUS + 1, 1).permute(0, 2, 3, 1, 4, 5)
    first = torch.arange(frames * _TAPS, dtype=torch.int32, device=code.device) * code.classes
    step = max(_BLOCK // width, 1)
    for image in range(batch):
        for top in range(0, height, step):
            block = windows[image, top : top + step].flatten(0, 1).flatten(1)
            yield block + first
