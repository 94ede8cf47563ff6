"""Differentiable augmentation of what a discriminator sees (Zhao et al., NeurIPS 2020), and small shifts.

D then cannot memorise a few real videos, and since F's gradient runs through the same changes, F does not learn to
draw them. All views of one clip are changed alike: real and fake, and all frames of a window of D_V with their flows.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as nnf
from torch import Tensor

TRANSLATION = 1 / 8
"""Greatest shift, as a part of height and width."""
SHIFTS = 8
"""Number of shifts along each axis: the stride of all of a D with three layers of stride 2."""
CUTOUT = 1 / 2
"""Height and width of what is cut out, as parts of those of the frame."""


def augment(views: Sequence[Tensor], frames: slice, names: Sequence[str]) -> list[Tensor]:
    """Change the views of a discriminator, each clip by draws of its own, which are the same for all of its views.

    Args:
        views: The real and each kind of fake views, each ``(B, C, H, W)``.
        frames: The channels that are frames, three for each; colours change there only.
        names: The changes, keys of `AUGMENTATIONS`, in this order.

    Examples:
        >>> real = torch.rand(2, 3, 8, 8)
        >>> one, other = augment([real, real], slice(0, 3), ["colour", "cutout"])
        >>> torch.equal(one, other), torch.equal(one, real)
        (True, False)
    """
    if not names:
        return list(views)
    together = torch.stack(list(views))
    for name in names:
        together = AUGMENTATIONS[name](together, frames)
    return list(together)


def _colour(views: Tensor, frames: slice) -> Tensor:
    """Add up to ±0.5 to ``(N, B, C, H, W)`` in [-1, 1]; scale saturation by 0 to 2 and contrast by 0.5 to 1.5."""
    images = views[:, :, frames].unflatten(2, (-1, 3))  # type: ignore[no-untyped-call]
    brightness, saturation, contrast = torch.rand(3, views.shape[1], 1, 1, 1, 1, device=views.device)
    images = images + brightness - 0.5
    grey = images.mean(3, keepdim=True)
    images = grey + (images - grey) * (2 * saturation)
    mean = images.mean((2, 3, 4, 5), keepdim=True)
    images = mean + (images - mean) * (contrast + 0.5)
    changed = views.clone()
    changed[:, :, frames] = images.flatten(2, 3).to(views.dtype)
    return changed


def _translation(views: Tensor, frames: slice) -> Tensor:
    """Shift ``(N, B, C, H, W)`` by whole pixels; zeros come in."""
    for axis in (-2, -1):
        size = views.shape[axis]
        most = round(TRANSLATION * size)
        shift = torch.randint(-most, most + 1, (views.shape[1], 1), device=views.device)
        places = _along(torch.arange(size, device=views.device) + shift, axis)
        inside = (places >= 0) & (places < size)
        # wrapped around, not clamped: the gradient then has no sums, whose order is random on a GPU
        views = views.take_along_dim(places % size, axis) * inside
    return views


def _shift(views: Tensor, frames: slice) -> Tensor:
    """Shift ``(N, B, C, H, W)`` by up to 4 whole pixels; zeros come in.

    The gradient through layers of stride 2 differs from pixel to pixel, always in the same places (Odena et al., 2016).
    F follows it and draws dots or checkers, unless the places change.
    """
    # drawn on the CPU, where the bounds of a slice are needed
    shifts = torch.randint(-SHIFTS // 2, SHIFTS // 2, (views.shape[1], 2)).tolist()
    moved = [nnf.pad(view, (x, -x, y, -y)) for view, (x, y) in zip(views.unbind(1), shifts, strict=True)]
    return torch.stack(moved, dim=1)


def _cutout(views: Tensor, frames: slice) -> Tensor:
    """Set a part of ``(N, B, C, H, W)`` to zero, whose middle is drawn from the whole frame."""
    near = []
    for axis in (-2, -1):
        size = views.shape[axis]
        middle = torch.rand(views.shape[1], 1, device=views.device) * size
        places = torch.arange(size, device=views.device) + 0.5
        near.append(_along((places - middle).abs() < CUTOUT * size / 2, axis))
    return views * ~(near[0] & near[1])


def _along(values: Tensor, axis: int) -> Tensor:
    """Shape ``(B, n)`` to broadcast along an axis of ``(N, B, C, H, W)``."""
    return values[None, :, None, None] if axis == -1 else values[None, :, None, :, None]


AUGMENTATIONS: dict[str, Callable[[Tensor, slice], Tensor]] = {
    "colour": _colour,
    "translation": _translation,
    "shift": _shift,
    "cutout": _cutout,
}
"""The changes, by name."""
