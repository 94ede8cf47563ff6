"""Which class and which object each pixel belongs to."""

import torch
from torch import Tensor

from vid2vid.condition import Condition


def class_map(condition: Condition, source: Tensor) -> Tensor:
    """Return the class of each pixel; conditions that are no labels know a single one, 0.

    Args:
        condition: What the source is.
        source: ``(B, T, S, H, W)`` uint8 as in `vid2vid.types.Clip`.

    Returns:
        ``(B, T, 1, H, W)`` int64 in ``0 .. condition.classes - 1``.
    """
    classes = source[:, :, :1].long()
    return classes if condition.has_labels else torch.zeros_like(classes)


def object_map(classes: Tensor, instance: Tensor | None, count: int) -> Tensor:
    """Return an id for each object: instances of different classes never are one, whatever their ids.

    Args:
        classes: ``(B, T, 1, H, W)`` integers in ``0 .. count - 1``.
        instance: ``(B, T, 1, H, W)`` object ids; None: all the pixels of a class are one object.
        count: How many classes there are.

    Returns:
        ``(B, T, 1, H, W)`` int64; its remainder by ``count`` is the class.
    """
    return classes if instance is None else instance.long() * count + classes


def class_sums(features: Tensor, classes: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Sum features over the pixels of each class.

    Args:
        features: ``(N, d, H, W)``.
        classes: ``(N, 1, H, W)`` integers in ``0 .. count - 1``.
        count: How many classes there are.

    Returns:
        The sums, ``(count, d)``, and the numbers of pixels, ``(count,)``, both float32 or wider.
    """
    wide = torch.promote_types(features.dtype, torch.float32)
    pixels = features.movedim(1, -1).reshape(-1, features.shape[1]).to(wide)
    owner = classes.reshape(-1).long()
    sums = pixels.new_zeros(count, features.shape[1]).index_add_(0, owner, pixels)
    return sums, torch.bincount(owner, minlength=count).to(wide)
