"""Planes under edits: the motion of removed objects is removed, too, and edited pixels are marked."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.editing.label_shapes import marked, nearest
from vid2vid.data.planes import or_unknown, split_planes

Frames = tuple[NDArray[np.generic], NDArray[np.generic] | None]
"""The conditions of some frames, ``(N, S, H, W)``, and their object ids, ``(N, 1, H, W)`` or None."""


def one_frame(source: NDArray[np.generic], ids: NDArray[np.generic] | None) -> Frames:
    """Return the condition of one frame, ``(S, H, W)``, with its object ids ``(H, W)``, as `Frames`."""
    return source[None], None if ids is None else ids[None, None]


def edited_planes(
    condition: Condition, values: Tensor | None, before: Frames, after: Frames, drawn: NDArray[np.bool_] | None = None
) -> Tensor | None:
    """Adapt the planes of frames to an edit of their conditions.

    Pixels that now belong to another object take the motion of the nearest pixel that does not, and all edited pixels
    are marked (`vid2vid.condition.Plane.is_marks`). Other planes are unchanged.

    Args:
        condition: The condition.
        values: ``(N, P, H, W)``, the channels of all its planes in their units; None: there are none.
        before: The frames.
        after: The edited frames.
        drawn: ``(N, 1, H, W)``, further pixels to mark, although they did not change; None: there are none.

    Returns:
        The planes ``(N, P, H, W)``; None if there are none, and nothing to mark.
    """
    if not any(plane.is_motion or plane.is_marks for plane in condition.planes):
        return values
    (source, ids), (edited, edited_ids) = before, after
    moved = np.zeros_like(source[:, :1], bool) if ids is None or edited_ids is None else ids != edited_ids
    by_hand = (source != edited).any(1, keepdims=True) | moved | (False if drawn is None else drawn)
    if not by_hand.any():
        return values
    values = or_unknown(condition, values, torch.from_numpy(source))
    if values is None:
        return None
    made = values.clone()
    for plane, part in split_planes(condition.planes, made):
        for own, still, hand in zip(part, ~moved[:, 0], by_hand[:, 0], strict=True):
            if plane.is_motion and still.any() and not still.all():
                own[:] = own.flatten(-2)[:, torch.from_numpy(nearest(still))]
            elif plane.is_marks:
                own[:] = torch.maximum(own.nan_to_num(), torch.from_numpy(marked(hand)))
    return made
