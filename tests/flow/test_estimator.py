"""Where flows are trusted, on cases made so that the answer is known."""

import pytest
import torch
from torch import Tensor

from vid2vid.flow.estimator import forward_backward_confidence, photometric_confidence


def constant(x: float, y: float, height: int = 12, width: int = 16) -> Tensor:
    """Return a flow that is the same everywhere."""
    return torch.tensor([float(x), float(y)]).view(1, 2, 1, 1).expand(1, 2, height, width).clone()


def test_points_that_return_are_trusted_unless_they_leave_the_picture() -> None:
    confidence = forward_backward_confidence(constant(-3, 2), constant(3, -2))
    expected = torch.zeros(1, 1, 12, 16)
    # the origin of (x, y) is (x - 3, y + 2): the first 3 columns and the last 2 rows came from outside
    expected[..., :-2, 3:] = 1
    assert torch.equal(confidence, expected)


@pytest.mark.parametrize(
    ("way", "error", "trusted"),
    [(0.0, 0.9, True), (0.0, 1.1, False), (20.0, 1.9, True), (20.0, 2.1, False)],
)
def test_the_tolerance_is_a_pixel_and_a_twentieth_of_the_way(way: float, error: float, trusted: bool) -> None:
    confidence = forward_backward_confidence(constant(way, 0, width=40), constant(-way, error, width=40))
    assert confidence[..., 4, 5].item() == trusted


def test_the_tolerance_can_be_set() -> None:
    backward, forward = constant(0, 0), constant(0.6, 0)
    assert forward_backward_confidence(backward, forward).all()
    assert not forward_backward_confidence(backward, forward, tolerance=0.5).any()


def test_the_forward_flow_is_looked_up_where_the_point_was() -> None:
    # the left half moves 4 pixels to the right, over the right half, which stands still
    forward = constant(0, 0)
    forward[:, 0, :, :8] = 4
    backward = constant(0, 0)
    backward[:, 0, :, 4:12] = -4
    confidence = forward_backward_confidence(backward, forward)[0, 0, 0]
    # columns 0..3 are revealed: flow zero leads to points that have moved away
    assert confidence.tolist() == [0] * 4 + [1] * 12


def test_a_colour_may_change_by_the_square_root_of_the_threshold() -> None:
    previous = torch.zeros(1, 3, 4, 6)
    current = previous.clone()
    # summed squares over three channels: 3 · 0.08² = 0.0192 and 3 · 0.1² = 0.03, against 0.02
    current[..., 1, :] = 0.08
    current[..., 2, :] = -0.1
    confidence = photometric_confidence(previous, current, constant(0, 0, 4, 6))
    assert confidence.shape == (1, 1, 4, 6)
    assert confidence[0, 0, :, 0].tolist() == [1, 1, 0, 1]
    assert photometric_confidence(previous, current, constant(0, 0, 4, 6), threshold=0.04).all()


def test_the_previous_frame_is_warped_first() -> None:
    previous = torch.rand(1, 3, 8, 12) * 2 - 1
    current = torch.zeros_like(previous)
    current[..., 2:] = previous[..., :-2]
    assert photometric_confidence(previous, current, constant(-2, 0, 8, 12))[..., 2:].all()
    # noise: hardly a pixel is like its neighbour
    assert photometric_confidence(previous, current, constant(2, 0, 8, 12))[..., :-2].mean() < 0.2
