"""Pooling over object instances."""

import torch
from torch import Tensor


def average_instances(features: Tensor, instance: Tensor) -> Tensor:
    """Replace features by their mean over the object that they belong to.

    Args:
        features: ``(B, C, H, W)``.
        instance: ``(B, 1, H, W)`` integral object ids of any size; equal ids in different images are different objects.

    Returns:
        ``(B, C, H, W)``, in the precision of ``features``.
    """
    batch, channels, height, width = features.shape
    image = torch.arange(batch, device=features.device).repeat_interleave(height * width)
    pairs = torch.stack([image, instance.flatten().long()])
    objects, owner = torch.unique(pairs, dim=1, return_inverse=True)
    pixels = features.movedim(1, -1).reshape(-1, channels)
    # sums of half-precision numbers would lose what an object of many pixels has
    wide = torch.promote_types(features.dtype, torch.float32)
    sums = torch.zeros(objects.shape[1], channels, dtype=wide, device=features.device)
    sums.index_add_(0, owner, pixels.to(wide))
    counts = torch.bincount(owner, minlength=objects.shape[1]).clamp(min=1)
    means = (sums / counts[:, None]).to(features.dtype)
    return means[owner].view(batch, height, width, channels).movedim(-1, 1)
