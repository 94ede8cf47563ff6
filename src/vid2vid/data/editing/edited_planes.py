"""Planes under edits: where an object is taken away, its motion goes, too; what is edited is marked."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.editing.label_shapes import marked, nearest
from vid2vid.data.planes import or_unknown, split_planes

Edited = tuple[NDArray[np.generic], NDArray[np.generic] | None]
"""The condition of a frame ``(S, H, W)``, and its object ids ``(H, W)`` or None."""


def edited_planes(condition: Condition, values: Tensor | None, before: Edited, after: Edited) -> Tensor | None:
    """Bring the planes of a frame to an edit of its condition.

    Pixels that now belong to another object move as their surroundings do, and all that is edited is marked
    (`vid2vid.condition.Plane.is_marks`). Other planes stay as they are.

    Args:
        condition: The condition.
        values: ``(1, P, H, W)``, the channels of all of its planes in their units; None: there are none.
        before: The frame.
        after: The edited frame.

    Returns:
        The planes ``(1, P, H, W)``; None: there are none, and nothing to mark.
    """
    (source, ids), (edited, edited_ids) = before, after
    changed = (source != edited).any(0)
    moved = np.zeros_like(changed) if ids is None or edited_ids is None else ids != edited_ids
    if not (changed | moved).any():
        return values
    if any(plane.is_marks for plane in condition.planes):
        values = or_unknown(condition, values, torch.from_numpy(source)[None])
    if values is None:
        return None
    parts = []
    for plane, part in split_planes(condition.planes, values):
        if plane.is_motion and moved.any() and not moved.all():
            part = part.flatten(-2)[..., torch.from_numpy(nearest(~moved))]
        elif plane.is_marks:
            part = torch.maximum(part.nan_to_num(), torch.from_numpy(marked(changed | moved)))
        parts.append(part)
    return torch.cat(parts, dim=-3)
