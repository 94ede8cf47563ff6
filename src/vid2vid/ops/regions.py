"""Classes and objects of pixels, and pooling over them."""

import torch
from torch import Tensor

from vid2vid.condition import Condition


def class_map(condition: Condition, source: Tensor) -> Tensor:
    """Return the class of each pixel; conditions without labels have a single one, 0.

    Args:
        condition: The condition of the source.
        source: ``(B, T, S, H, W)`` uint8 as in `vid2vid.types.Clip`.

    Returns:
        ``(B, T, 1, H, W)`` int64 in ``0 .. condition.classes - 1``.

    Examples:
        >>> from vid2vid import Condition
        >>> source = torch.tensor([0, 1, 1, 0], dtype=torch.uint8).reshape(1, 1, 1, 2, 2)
        >>> class_map(Condition(label_ids=[7, 26]), source).flatten().tolist()
        [0, 1, 1, 0]
        >>> class_map(Condition(kind="edges"), source).flatten().tolist()
        [0, 0, 0, 0]
    """
    classes = source[:, :, :1].long()
    return classes if condition.has_labels else torch.zeros_like(classes)


def object_map(classes: Tensor, instance: Tensor | None, count: int) -> Tensor:
    """Return object ids in which instances of different classes never share an id.

    Args:
        classes: ``(B, T, 1, H, W)`` integers in ``0 .. count - 1``.
        instance: ``(B, T, 1, H, W)`` object ids; None: all the pixels of a class are one object.
        count: Number of classes.

    Returns:
        ``(B, T, 1, H, W)`` int64; its remainder by ``count`` is the class.

    Examples:
        >>> classes, instance = torch.tensor([0, 1, 1]), torch.tensor([4, 4, 5])
        >>> objects = object_map(classes.reshape(1, 1, 1, 1, 3), instance.reshape(1, 1, 1, 1, 3), count=2)
        >>> objects.flatten().tolist(), (objects % 2).flatten().tolist()
        ([8, 9, 11], [0, 1, 1])
    """
    return classes if instance is None else instance.long() * count + classes


def class_sums(features: Tensor, classes: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Sum features over the pixels of each class.

    Args:
        features: ``(N, d, H, W)``.
        classes: ``(N, 1, H, W)`` integers in ``0 .. count - 1``.
        count: Number of classes.

    Returns:
        The sums, ``(count, d)``, and the numbers of pixels, ``(count,)``, both float32 or wider.

    Examples:
        >>> features = torch.tensor([1.0, 2.0, 4.0]).reshape(1, 1, 1, 3)
        >>> sums, pixels = class_sums(features, torch.tensor([0, 1, 1]).reshape(1, 1, 1, 3), count=2)
        >>> sums.flatten().tolist(), pixels.tolist()
        ([1.0, 6.0], [1.0, 2.0])
    """
    wide = torch.promote_types(features.dtype, torch.float32)
    pixels = features.movedim(1, -1).reshape(-1, features.shape[1]).to(wide)
    owner = classes.reshape(-1).long()
    sums = pixels.new_zeros(count, features.shape[1]).index_add_(0, owner, pixels)
    return sums, torch.bincount(owner, minlength=count).to(wide)


def average_instances(features: Tensor, instance: Tensor) -> Tensor:
    """Replace features by their mean over the object that they belong to.

    Args:
        features: ``(B, C, H, W)``.
        instance: ``(B, 1, H, W)`` integral object ids of any size; equal ids in different images are different objects.

    Returns:
        ``(B, C, H, W)``, in the precision of ``features``.

    Examples:
        >>> features = torch.tensor([[[[1.0, 3.0, 8.0]]]])
        >>> average_instances(features, torch.tensor([[[[7, 7, 9]]]])).tolist()
        [[[[2.0, 2.0, 8.0]]]]
    """
    batch, channels, height, width = features.shape
    image = torch.arange(batch, device=features.device).repeat_interleave(height * width)
    pairs = torch.stack([image, instance.flatten().long()])
    objects, owner = torch.unique(pairs, dim=1, return_inverse=True)
    pixels = features.movedim(1, -1).reshape(-1, channels)
    # half precision would lose the sum over an object of many pixels
    wide = torch.promote_types(features.dtype, torch.float32)
    sums = torch.zeros(objects.shape[1], channels, dtype=wide, device=features.device)
    sums.index_add_(0, owner, pixels.to(wide))
    counts = torch.bincount(owner, minlength=objects.shape[1]).clamp(min=1)
    means = (sums / counts[:, None]).to(features.dtype)
    return means[owner].view(batch, height, width, channels).movedim(-1, 1)
