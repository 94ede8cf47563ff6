"""Planes follow edits: motion of what lies behind, marks where labels are drawn by hand."""

from dataclasses import replace

import numpy as np
import torch

from vid2vid.condition import Condition, planes_of
from vid2vid.data.editing.edited_planes import edited_planes, one_frame
from vid2vid.data.planes import encode_planes

CONDITION = Condition(label_ids=[7, 26], planes=planes_of(["depth", "motion"]))
BEFORE = np.ones((6, 8), np.int32)
BEFORE[2:5, 3:5] = 26001
AFTER = np.where(BEFORE == 26001, 1, BEFORE)
LABELS = (BEFORE != 1)[None].astype(np.uint8)


def test_where_an_object_is_taken_away_its_surroundings_move_on() -> None:
    values = torch.zeros(1, 3, 6, 8)
    values[:, 1] = torch.arange(8.0)
    values[:, :, 2:5, 3:5] = 99.0
    made = edited_planes(CONDITION, values, one_frame(LABELS, BEFORE), one_frame(LABELS * 0, AFTER))
    assert made is not None
    assert torch.equal(made[:, 0], values[:, 0])
    assert set(made[0, 1, 3, 3:5].tolist()) <= {2.0, 3.0, 4.0, 5.0}
    assert made[:, 2].eq(0).all()
    assert torch.equal(made[:, :, BEFORE == 1], values[:, :, BEFORE == 1])
    assert edited_planes(CONDITION, values, one_frame(LABELS, BEFORE), one_frame(LABELS, BEFORE)) is values
    still, depth = replace(CONDITION, planes=planes_of(["depth"])), values[:, :1]
    made = edited_planes(still, depth, one_frame(LABELS, BEFORE), one_frame(LABELS * 0, AFTER))
    assert made is not None
    assert torch.equal(made, depth)


def test_what_is_edited_is_marked_with_a_rim_beside_the_marks_that_were_given() -> None:
    condition = replace(CONDITION, planes=planes_of(["rough"]))
    made = edited_planes(condition, None, one_frame(LABELS, None), one_frame(LABELS * 0, None))
    assert made is not None
    expected = torch.zeros(1, 1, 6, 8)
    expected[..., 0:6, 1:7] = 1
    assert torch.equal(made, expected)
    own = torch.zeros(1, 1, 6, 8)
    own[..., 0, 0] = 1
    both = edited_planes(condition, own, one_frame(LABELS, BEFORE), one_frame(LABELS, AFTER))
    assert both is not None
    assert torch.equal(both, torch.maximum(expected, own))
    assert edited_planes(condition, None, one_frame(LABELS, None), one_frame(LABELS, None)) is None
    drawn = edited_planes(condition, None, one_frame(LABELS, None), one_frame(LABELS, None), (BEFORE != 1)[None, None])
    assert drawn is not None
    assert torch.equal(drawn, expected)
    assert (
        edited_planes(replace(condition, planes=[]), None, one_frame(LABELS, None), one_frame(LABELS * 0, None)) is None
    )


def test_networks_see_no_mark_where_none_is_known() -> None:
    values = torch.tensor([torch.nan, 0.0, 0.25, 1.0]).view(1, 1, 1, 4)
    assert encode_planes(planes_of(["rough"]), values).flatten().tolist() == [0, 0, 0.25, 1]
