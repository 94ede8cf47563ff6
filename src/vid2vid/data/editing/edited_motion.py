"""Motion vectors under edits: where an object is taken away, its motion goes, too."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.editing.label_shapes import nearest
from vid2vid.data.planes import split_planes


def edited_motion(
    condition: Condition,
    values: Tensor | None,
    before: NDArray[np.generic] | None,
    after: NDArray[np.generic] | None,
) -> Tensor | None:
    """Let pixels that an edit has given to another object move as their surroundings do; other planes stay.

    Args:
        condition: The condition.
        values: ``(..., P, H, W)``, the channels of all of its planes in their units; None: there are none.
        before: ``(H, W)`` object ids; None: there are none.
        after: ``(H, W)``, the edited ones.

    Returns:
        The same, with the vectors of the nearest pixel whose object is the same.
    """
    if values is None or before is None or after is None or not condition.has_motion:
        return values
    same = np.equal(before, after)
    if same.all() or not same.any():
        return values
    places = torch.from_numpy(nearest(same))
    parts = split_planes(condition.planes, values)
    return torch.cat([part.flatten(-2)[..., places] if plane.is_motion else part for plane, part in parts], dim=-3)
