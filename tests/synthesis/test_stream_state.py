"""The state of a stream."""

from collections.abc import Callable
from dataclasses import replace

import torch

from vid2vid import ImageModule
from vid2vid.synthesis.stream_state import StreamState
from vid2vid.types import ConditionWindow

CPU = torch.device("cpu")


def test_videos_at_the_same_stage_share_a_batch(small_image: Callable[..., ImageModule]) -> None:
    image, given = small_image(), torch.zeros(1, 2, 3, 4, 4)
    past = [torch.zeros(1, 2, 3, 4, 4)]
    assert StreamState(given, 2).stage == StreamState(given + 1, 1).stage
    assert StreamState(image, 2).stage is StreamState(image, 1).stage is image
    assert StreamState(past=past).stage == StreamState(image, 0, past=past).stage
    assert len({StreamState(given, 2).stage, StreamState(image, 2).stage, StreamState().stage, "from the past"}) == 4


def test_a_state_is_made_again_of_its_tensors() -> None:
    past = [torch.rand(1, 2, 3, 4, 4) for _ in range(11)]
    state = StreamState(torch.rand(1, 2, 3, 4, 4), 1, 5, ConditionWindow(torch.ones(1, 3, 1, 4, 4)), past)
    again = StreamState.of(state.tensors(), CPU, None)
    assert (again.left, again.made) == (1, 5)
    assert again.window is not None
    assert (again.window.instance, again.window.planes) == (None, None)
    assert torch.equal(again.window.source, torch.ones(1, 3, 1, 4, 4))
    assert isinstance(again.first, torch.Tensor)
    assert isinstance(state.first, torch.Tensor)
    assert torch.equal(again.first, state.first)
    # scale 10 comes after scale 2
    assert all(torch.equal(one, other) for one, other in zip(again.past or [], past, strict=True))
    # first frames that have all come are not kept
    assert "first" not in replace(state, left=0).tensors()
