"""How objects move in the picture, from their outlines in two frames."""

import torch
from torch import Tensor

MOTION_UNIT = 16.0
"""Pixels that the number 1 stands for in the channels of motion."""
_IDS = 2**16
_OBJECTS = 1024
"""Of further objects in a video nothing is known: tables of a fixed size need no look at the data."""
_LEAST_PIXELS = 12
_TOLERANCE = 0.04


def object_motion(instance: Tensor) -> Tensor:
    """Return how each object has moved since the frame before, as far as its outlines tell.

    An object is moved and scaled from its bounding box in frame t to the one in frame t - 1, as in the flow from t back
    to t - 1. Sides at the border of the picture are not known; the others then decide. Of an object that something else
    hides in part width, height and area change differently: its motion is not known. Nor is any where both frames are
    equal, as before the beginning of a video.

    Args:
        instance: ``(B, T, 1, H, W)`` integer object ids >= 0, the same for an object in all frames; modulo 65,536.

    Returns:
        ``(B, T, 3, H, W)`` float32: vectors (x, y) in units of `MOTION_UNIT` pixels, and one where they are known;
        zeros elsewhere, and in the first frame.
    """
    batch, frames, _, height, width = instance.shape
    count, device = batch * frames, instance.device
    ids = instance.reshape(batch, -1).long() % _IDS
    # number the ids that are there
    present = ids.new_zeros(batch, _IDS).scatter_(1, ids, 1)
    numbers = (present.cumsum(1) - 1).gather(1, ids).clamp(max=_OBJECTS).view(count, -1)
    # tables with a row for each object of each frame, the last one for those that are too many
    rows = (numbers + torch.arange(count, device=device)[:, None] * (_OBJECTS + 1)).flatten()

    def table(values: Tensor, reduce: str, start: float) -> Tensor:
        empty = values.new_full((count * (_OBJECTS + 1),), start)
        filled: Tensor = empty.scatter_reduce(0, rows, values.flatten().repeat(count), reduce).view(count, -1)
        return filled

    pixels = table(torch.ones(height, width, device=device), "sum", 0)
    # of the frame before; that of the first of a video does not count
    pixels_before = pixels.roll(1, 0)
    known = (pixels >= _LEAST_PIXELS) & (pixels_before >= _LEAST_PIXELS)
    axes = []
    for axis, size in enumerate((width, height)):
        place = torch.arange(size, dtype=torch.float32, device=device)
        place = (place if axis == 0 else place[:, None]).expand(height, width)
        low, high = table(place, "amin", size), table(place + 1, "amax", 0)
        low_before, high_before = low.roll(1, 0), high.roll(1, 0)
        low_seen, high_seen = (low > 0) & (low_before > 0), (high < size) & (high_before < size)
        known &= low_seen | high_seen
        # the middle of the box, or the one side that is seen
        sides = (low_seen.float() + high_seen.float()).clamp(min=1)
        anchor, anchor_before = (
            (one * low_seen + other * high_seen) / sides for one, other in ((low, high), (low_before, high_before))
        )
        side = (high - low).clamp(min=1)
        axes.append((anchor, anchor_before, (high_before - low_before) / side, low_seen & high_seen, side))
    (*_, scale_x, whole_x, wide), (*_, scale_y, whole_y, tall) = axes
    # one pixel more or less of a side changes a scale by so much
    tolerance = _TOLERANCE + 2 / torch.minimum(wide, tall)
    by_area = (pixels_before / pixels.clamp(min=1)).sqrt()
    agree = ((scale_x - scale_y).abs() < tolerance) & ((scale_x - by_area).abs() < tolerance)
    known &= (whole_x & whole_y & agree) | (whole_x ^ whole_y)
    known[:, _OBJECTS] = False
    differ = (instance[:, 1:] != instance[:, :-1]).flatten(2).any(2)
    known &= torch.cat([differ.new_zeros(batch, 1), differ], dim=1).view(count, 1)
    scales = torch.where(whole_x, scale_x, scale_y), torch.where(whole_y, scale_y, scale_x)
    # v(p) = scale (p - anchor) + anchor_before - p, for pixel centres p
    growth = [torch.where(known, scale - 1, 0) for scale in scales]
    offset = [
        torch.where(known, before - scale * anchor, 0) for (anchor, before, *_), scale in zip(axes, scales, strict=True)
    ]
    found = torch.stack([*growth, *offset, known.float()]).flatten(1)[:, rows].view(5, batch, frames, height, width)
    x = torch.arange(width, device=device) + 0.5
    y = (torch.arange(height, device=device) + 0.5)[:, None]
    vectors = (found[0] * x + found[2]) / MOTION_UNIT, (found[1] * y + found[3]) / MOTION_UNIT
    return torch.stack([*vectors, found[4]], dim=2)
