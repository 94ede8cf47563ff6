"""Coarser versions of images and conditions."""

import torch.nn.functional as nnf
from torch import Tensor


def halve(image: Tensor) -> Tensor:
    """Halve the resolution by average pooling (3x3, stride 2, the padding not counted).

    Args:
        image: ``(B, C, H, W)``.

    Returns:
        ``(B, C, ceil(H / 2), ceil(W / 2))``.
    """
    return nnf.avg_pool2d(image, 3, stride=2, padding=1, count_include_pad=False)
