"""Ids carried along by flows: exactly where they came from, also when each step is less than a pixel."""

import pytest
import torch
from torch import Tensor

from vid2vid.flow.motion_vectors import accumulate_flows
from vid2vid.prediction.label_motion import extrapolate, repeat, sample_nearest


@pytest.fixture
def ids() -> Tensor:
    """A map of large ids that all differ, too large for float32 to tell apart."""
    return torch.arange(2**24, 2**24 + 40).view(1, 1, 5, 8)


def constant(x: float, y: float, frames: int) -> Tensor:
    """Return flows that are the same everywhere and always."""
    return torch.tensor([x, y], dtype=torch.float32).view(1, 1, 2, 1, 1).expand(1, frames, 2, 5, 8)


def test_no_motion_changes_nothing(ids: Tensor) -> None:
    moved = sample_nearest(ids, accumulate_flows(constant(0, 0, 3)))
    assert torch.equal(moved, ids[:, None].expand(-1, 3, -1, -1, -1))


@pytest.mark.parametrize(("step", "frames"), [(0.25, 8), (0.5, 4), (1.0, 2)])
def test_small_steps_add_up(ids: Tensor, step: float, frames: int) -> None:
    offsets = accumulate_flows(constant(-step, step, frames))
    torch.testing.assert_close(offsets[:, -1], constant(-2, 2, 1)[:, 0])
    moved = sample_nearest(ids, offsets)[0, -1, 0]
    # two to the right and two up; what comes in from outside repeats the border
    assert torch.equal(moved[:3, 2:], ids[0, 0, 2:, :-2])
    assert torch.equal(moved[4, 2:], ids[0, 0, 4, :-2])


def test_a_point_is_followed_through_every_flow_on_its_way(ids: Tensor) -> None:
    # first the left half moves, then everything: points that end in the middle have passed through both
    first, second = torch.zeros(1, 2, 5, 8), torch.zeros(1, 2, 5, 8)
    first[:, 0, :, :4] = -1.0
    second[:, 0] = -2.0
    offsets = accumulate_flows(torch.stack([first, second], dim=1))[0, 1, 0]
    torch.testing.assert_close(offsets, torch.tensor([-3.0, -3, -3, -3, -3, -3, -2, -2]).expand(5, -1))


def test_baselines_repeat_and_extrapolate(ids: Tensor) -> None:
    source = torch.stack([ids, ids + 100], dim=1)
    assert torch.equal(repeat(source, 3), (ids + 100)[:, None].expand(-1, 3, -1, -1, -1))
    moved = extrapolate(source, constant(-1, 0, 1)[:, 0], 3)
    for t in range(3):
        assert torch.equal(moved[0, t, 0, :, t + 1 :], (ids + 100)[0, 0, :, : -t - 1])
