"""The recursion of Eq. 3, on a step of which everything is known."""

import pytest
import torch
from torch import Tensor

from vid2vid.generator.recursion import Past, checkpointed, roll_out


def doubling(t: int, past: Past | None) -> tuple[Tensor, Past]:
    """Return t plus twice the past, or t alone at the beginning."""
    made = torch.tensor(float(t)) + (2 * past[0] if past is not None else 0)
    return made, [made]


def test_each_step_sees_the_past_that_the_one_before_left() -> None:
    made, past = roll_out(doubling, None, 4)
    assert [float(one) for one in made] == [0, 1, 4, 11]
    assert past is not None
    assert float(past[0]) == 11
    # and it can be gone on with
    made, _ = roll_out(doubling, [torch.tensor(1.0)], 2)
    assert [float(one) for one in made] == [2, 5]


@pytest.mark.parametrize(("bptt_frames", "gradient"), [(1, 0.0), (2, 0.0), (3, 8.0), (9, 8.0)])
def test_the_gradient_runs_through_so_many_frames_in_a_row(bptt_frames: int, gradient: float) -> None:
    start = torch.ones(1, requires_grad=True)
    made, past = roll_out(doubling, [start], 3, bptt_frames)
    (found,) = torch.autograd.grad(made[-1].sum() + 0 * start.sum(), start)
    assert float(found) == gradient
    assert past is not None
    assert past[0].requires_grad == (bptt_frames > 3)


def test_no_frames_leave_the_past_as_it_was() -> None:
    assert roll_out(doubling, None, 0) == ([], None)


@pytest.mark.parametrize("enabled", [False, True])
def test_a_checkpointed_part_is_run_again_in_the_backward_pass(enabled: bool) -> None:
    calls: list[float] = []

    def square(value: Tensor) -> Tensor:
        calls.append(float(value))
        return value * value

    value = torch.tensor(3.0, requires_grad=True)
    (gradient,) = torch.autograd.grad(checkpointed(square, value, enabled=enabled), value)
    assert float(gradient) == 6
    assert calls == [3.0] * (1 + enabled)
