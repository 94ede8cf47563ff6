"""How objects move in the picture, from their outlines in two frames."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

MOTION_UNIT = 16.0
"""Pixels that the number 1 stands for in the channels of motion."""
_IDS = 2**16
_OBJECTS = 1024
"""Objects beyond this number have no known motion: tables of a fixed size need no look at the data."""
_LEAST_PIXELS = 12
_TOLERANCE = 0.04


class _Axis(NamedTuple):
    """The bounding boxes of objects along one axis, ``(B T, objects + 1)`` each, in pixels.

    Attributes:
        anchor: The middle of the box, or its one side that is seen in both frames.
        anchor_before: The same place in the frame before.
        scale: Its length in the frame before, as a multiple of its length now.
        length: Its length now.
        whole: Whether both sides are seen in both frames.
        seen: Whether at least one side is.
    """

    anchor: Tensor
    anchor_before: Tensor
    scale: Tensor
    length: Tensor
    whole: Tensor
    seen: Tensor


def object_motion(instance: Tensor) -> Tensor:
    """Return how each object has moved since the frame before, as far as its outlines tell.

    An object is moved and scaled from its bounding box in frame t to the one in frame t - 1, as in the flow from t back
    to t - 1. Sides at the border of the picture are unknown; the others then decide. If width, height and area change
    differently, something hides a part of the object, and its motion is unknown. So is all motion where both frames are
    equal, as before the beginning of a video.

    Args:
        instance: ``(B, T, 1, H, W)`` integer object ids >= 0, the same for an object in all frames; modulo 65,536.

    Returns:
        ``(B, T, 3, H, W)`` float32: vectors (x, y) in units of `MOTION_UNIT` pixels, and one where they are known;
        zeros elsewhere, and in the first frame.

    Examples:
        >>> instance = torch.zeros(1, 2, 1, 16, 32, dtype=torch.int64)
        >>> instance[:, 0, :, 4:10, 8:16] = 1  # an object that moves two pixels to the right
        >>> instance[:, 1, :, 4:10, 10:18] = 1
        >>> x, y, known = object_motion(instance)[0, 1]
        >>> float(x[6, 12]) * MOTION_UNIT, float(y[6, 12]), float(known[6, 12])
        (-2.0, 0.0, 1.0)
    """
    batch, frames, _, height, width = instance.shape
    rows = _rows(instance)

    def table(values: Tensor, reduce: str, start: float) -> Tensor:
        empty = values.new_full((batch * frames * (_OBJECTS + 1),), start)
        filled: Tensor = empty.scatter_reduce(0, rows, values.flatten().repeat(batch * frames), reduce)
        return filled.view(batch * frames, -1)

    pixels = table(torch.ones(height, width, device=instance.device), "sum", 0)
    # of the frame before; that of the first of a video does not count
    pixels_before = pixels.roll(1, 0)
    # places of pixels along x and along y
    places = [torch.arange(size, dtype=torch.float32, device=instance.device) for size in (width, height)]
    x = _along(places[0].expand(height, width), width, table)
    y = _along(places[1][:, None].expand(height, width), height, table)
    # one pixel more or less of a side changes a scale by so much
    tolerance = _TOLERANCE + 2 / torch.minimum(x.length, y.length)
    by_area = (pixels_before / pixels.clamp(min=1)).sqrt()
    agree = ((x.scale - y.scale).abs() < tolerance) & ((x.scale - by_area).abs() < tolerance)
    known = (pixels >= _LEAST_PIXELS) & (pixels_before >= _LEAST_PIXELS) & x.seen & y.seen
    known &= (x.whole & y.whole & agree) | (x.whole ^ y.whole)
    known[:, _OBJECTS] = False
    differ = (instance[:, 1:] != instance[:, :-1]).flatten(2).any(2)
    known &= torch.cat([differ.new_zeros(batch, 1), differ], dim=1).view(-1, 1)
    # v(p) = scale (p - anchor) + anchor_before - p, for pixel centres p
    scales = torch.where(x.whole, x.scale, y.scale), torch.where(y.whole, y.scale, x.scale)
    growth = [torch.where(known, scale - 1, 0) for scale in scales]
    offset = [
        torch.where(known, axis.anchor_before - scale * axis.anchor, 0)
        for axis, scale in zip((x, y), scales, strict=True)
    ]
    found = torch.stack([*growth, *offset, known.float()]).flatten(1)[:, rows].view(5, batch, frames, height, width)
    vectors = (
        (found[0] * (places[0] + 0.5) + found[2]) / MOTION_UNIT,
        (found[1] * (places[1] + 0.5)[:, None] + found[3]) / MOTION_UNIT,
    )
    return torch.stack([*vectors, found[4]], dim=2)


def _rows(instance: Tensor) -> Tensor:
    """Return the row of each pixel in tables with a row for each object of each frame.

    The last row of a frame is for the objects beyond the limit.

    Args:
        instance: As for `object_motion`.

    Returns:
        ``(B T H W,)``.
    """
    batch, frames = instance.shape[:2]
    ids = instance.reshape(batch, -1).long() % _IDS
    # number the ids that are there
    present = ids.new_zeros(batch, _IDS).scatter_(1, ids, 1)
    numbers = (present.cumsum(1) - 1).gather(1, ids).clamp(max=_OBJECTS).view(batch * frames, -1)
    return (numbers + torch.arange(batch * frames, device=ids.device)[:, None] * (_OBJECTS + 1)).flatten()


def _along(place: Tensor, size: int, table: Callable[[Tensor, str, float], Tensor]) -> _Axis:
    """Return where the bounding boxes lie along an axis.

    Args:
        place: ``(H, W)``, the place of each pixel along the axis.
        size: Number of pixels along it.
        table: Reduces values ``(H, W)`` to one for each object of each frame.
    """
    low, high = table(place, "amin", size), table(place + 1, "amax", 0)
    low_before, high_before = low.roll(1, 0), high.roll(1, 0)
    low_seen, high_seen = (low > 0) & (low_before > 0), (high < size) & (high_before < size)
    sides = (low_seen.float() + high_seen.float()).clamp(min=1)
    anchor, anchor_before = (
        (one * low_seen + other * high_seen) / sides for one, other in ((low, high), (low_before, high_before))
    )
    length = (high - low).clamp(min=1)
    return _Axis(
        anchor, anchor_before, (high_before - low_before) / length, length, low_seen & high_seen, low_seen | high_seen
    )
