"""Motion vectors under edits: where an object is taken away, nothing moves as it did."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Plane
from vid2vid.data.editing.label_shapes import nearest
from vid2vid.data.planes import split_planes


def edited_motion(
    planes: Sequence[Plane], values: Tensor, before: NDArray[np.generic], after: NDArray[np.generic]
) -> Tensor:
    """Let pixels that an edit has given to another object move as their surroundings do; other planes stay.

    Args:
        planes: The planes of the condition.
        values: ``(..., P, H, W)``, the channels of all of them in their units.
        before: ``(H, W)`` object ids.
        after: ``(H, W)``, the edited ones.

    Returns:
        ``(..., P, H, W)``, with the vectors of the nearest pixel whose object is the same.
    """
    same = before == after
    if same.all() or not same.any() or not any(plane.is_motion for plane in planes):
        return values
    places = torch.from_numpy(nearest(same))
    parts = split_planes(planes, values)
    return torch.cat([part.flatten(-2)[..., places] if plane.is_motion else part for plane, part in parts], dim=-3)
