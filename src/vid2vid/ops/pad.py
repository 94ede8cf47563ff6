"""Padding to sizes that a network can halve, and cropping back."""

import torch.nn.functional as nnf
from torch import Tensor


def pad_to_multiple(image: Tensor, multiple: int) -> Tensor:
    """Repeat the last row and column until height and width are multiples of ``multiple``.

    Args:
        image: ``(..., C, H, W)``.
        multiple: For a network with n stride-2 layers, 2^n.
    """
    height, width = image.shape[-2:]
    bottom, right = -height % multiple, -width % multiple
    if not bottom and not right:
        return image
    padded = nnf.pad(image.flatten(0, -4), (0, right, 0, bottom), mode="replicate")
    return padded.view(*image.shape[:-2], *padded.shape[-2:])


def crop(image: Tensor, height: int, width: int) -> Tensor:
    """Cut ``(..., H, W)`` back to the top left ``height`` x ``width`` pixels: the inverse of `pad_to_multiple`."""
    return image[..., :height, :width]
