"""Sizes of images: padded to a multiple, cropped back, halved."""

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


def halve(image: Tensor) -> Tensor:
    """Halve the resolution by average pooling (3x3, stride 2, the padding not counted).

    Args:
        image: ``(..., C, H, W)``.

    Returns:
        ``(..., C, ceil(H / 2), ceil(W / 2))``.
    """
    small = nnf.avg_pool2d(image.flatten(0, -4), 3, stride=2, padding=1, count_include_pad=False)
    return small.view(*image.shape[:-2], *small.shape[-2:])


def pyramid(image: Tensor, scales: int) -> list[Tensor]:
    """Return ``scales`` versions of ``(..., C, H, W)``, each half as large as the next; the coarsest first."""
    versions = [image]
    for _ in range(scales - 1):
        versions.append(halve(versions[-1]))
    return versions[::-1]
