"""Motion vectors follow edits of objects."""

from dataclasses import replace

import numpy as np
import torch

from vid2vid.condition import Condition, planes_of
from vid2vid.data.editing.edited_motion import edited_motion


def test_where_an_object_is_taken_away_its_surroundings_move_on() -> None:
    condition = Condition(label_ids=[7], planes=planes_of(["depth", "motion"]))
    values = torch.zeros(1, 3, 6, 8)
    values[:, 1] = torch.arange(8.0)
    before = np.ones((6, 8), np.int32)
    before[2:5, 3:5] = 26001
    values[:, :, 2:5, 3:5] = 99.0
    after = np.where(before == 26001, 1, before)
    made = edited_motion(condition, values, before, after)
    assert made is not None
    assert torch.equal(made[:, 0], values[:, 0])
    assert set(made[0, 1, 3, 3:5].tolist()) <= {2.0, 3.0, 4.0, 5.0}
    assert made[:, 2].eq(0).all()
    assert torch.equal(made[:, :, before == 1], values[:, :, before == 1])
    assert edited_motion(condition, values, before, before) is values
    still, depth = replace(condition, planes=planes_of(["depth"])), values[:, :1]
    assert edited_motion(still, depth, before, after) is depth
