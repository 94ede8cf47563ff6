"""Encoding of pixels and class indices as channels; runs on the device."""

import torch
import torch.nn.functional as nnf
from torch import Tensor


def to_images(pixels: Tensor) -> Tensor:
    """Turn uint8 0..255 into float32 [-1, 1], any shape."""
    return pixels.float() / 127.5 - 1


def one_hot(indices: Tensor, classes: int) -> Tensor:
    """Code class indices as channels.

    Args:
        indices: ``(..., 1, H, W)`` integers in ``0 .. classes - 1``.
        classes: Number of channels C.

    Returns:
        ``(..., C, H, W)`` float32 of zeros and ones.
    """
    code = indices.new_zeros((*indices.shape[:-3], classes, *indices.shape[-2:]), dtype=torch.float32)
    return code.scatter_(-3, indices.long(), 1.0)


def instance_edges(instance: Tensor) -> Tensor:
    """Mark the pixels whose left, right, upper or lower neighbour belongs to another object.

    Args:
        instance: ``(..., 1, H, W)`` integer object ids.

    Returns:
        ``(..., 1, H, W)`` float32 of zeros and ones.
    """
    across = instance[..., :, 1:] != instance[..., :, :-1]
    down = instance[..., 1:, :] != instance[..., :-1, :]
    beside = nnf.pad(across, (1, 0)) | nnf.pad(across, (0, 1))
    above = nnf.pad(down, (0, 0, 1, 0)) | nnf.pad(down, (0, 0, 0, 1))
    return (beside | above).float()


def foreground_mask(code: Tensor, channels: list[int]) -> Tensor:
    """Mark the pixels of some labels: the sum of their channels, at most 1.

    Args:
        code: ``(..., C, H, W)``, encoded labels.
        channels: The channels of the foreground's labels.

    Returns:
        ``(..., 1, H, W)``.
    """
    return code[..., channels, :, :].sum(-3, keepdim=True).clamp(max=1)
