"""Objects that appear all at once: in training some are taken out of the frames before the first one that F makes."""

from dataclasses import replace

import torch
from torch import Tensor

from vid2vid.types import Clip

_IDS = 2**16
_LARGEST = 0.25
"""Part of a frame that an object may cover to be hidden; larger ones are ground and sky."""


def hide_objects(clip: Clip, share: float, frames: int) -> Clip:
    """Hide an object in the first frames of some clips, so that F meets one that its past does not show.

    What is beside the object takes its place, row by row: in the picture, the condition and the object ids. Synthesis
    meets this whenever something comes from behind something else, or is painted into label maps.

    Args:
        clip: The clips, with object ids.
        share: Share of the clips in which an object is hidden; which one is drawn among those of frame ``frames``.
        frames: L, the number of frames in which it is hidden.

    Returns:
        The clips; those without an object that can be hidden are as before.
    """
    if clip.instance is None:
        return clip
    ids = clip.instance.long() % _IDS
    chosen = _chosen(ids[:, frames], share)
    mask = ids[:, :frames] == chosen[:, None]
    columns = torch.arange(mask.shape[-1], device=mask.device).expand_as(mask)
    # of each pixel the next one to the left that is not hidden, or else the next one to the right
    left = torch.where(mask, -1, columns).cummax(-1).values
    right = torch.where(mask, mask.shape[-1], columns).flip(-1).cummin(-1).values.flip(-1)
    beside = torch.where(left >= 0, left, right.clamp(max=mask.shape[-1] - 1))

    def without(part: Tensor) -> Tensor:
        first = part[:, :frames]
        return torch.cat([first.gather(-1, beside.expand_as(first)), part[:, frames:]], dim=1)

    names = ("source", "real", "instance", "foreground", "planes")
    parts = {name: getattr(clip, name) for name in names}
    return replace(clip, **{name: without(part) for name, part in parts.items() if part is not None})


def _chosen(ids: Tensor, share: float) -> Tensor:
    """Draw an object of each frame, or none.

    Args:
        ids: ``(B, 1, H, W)`` in 0 .. 65,535; 0 is no object.
        share: Share of the frames with an object.

    Returns:
        Ids, ``(B, 1, 1, 1)``; -1: none.
    """
    flat = ids.flatten(1)
    pixels = torch.zeros(len(flat), _IDS, device=ids.device).scatter_add_(1, flat, torch.ones_like(flat).float())
    fits = (pixels > 0) & (pixels < _LARGEST * flat.shape[1])
    fits[:, 0] = False
    # each object is as likely as any other, however large it is
    scores = torch.rand(len(flat), _IDS, device=ids.device) * fits
    best, number = scores.max(1)
    drawn = (torch.rand(len(flat), device=ids.device) < share) & (best > 0)
    return torch.where(drawn, number, -1)[:, None, None, None]
