"""Coarser versions of images and conditions."""

import torch.nn.functional as nnf
from torch import Tensor


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
