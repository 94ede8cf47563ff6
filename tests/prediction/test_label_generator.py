"""The predictor: probabilities in, probabilities out, each map from the ones before it."""

import pytest
import torch
from torch import Tensor

from vid2vid.config import PredictorConfig
from vid2vid.errors import ConfigError
from vid2vid.ops import blend, one_hot, warp
from vid2vid.prediction.label_generator import LabelGenerator

SMALL = PredictorConfig(past_frames=2, base_channels=4, downsamples=1, blocks=2)
CLASSES = 3


@pytest.fixture
def past() -> Tensor:
    """Two maps of three classes, of a size that cannot be halved."""
    return one_hot(torch.randint(CLASSES, (2, 2, 1, 9, 15)), CLASSES)


def test_a_map_is_blended_of_a_warped_and_a_hallucinated_one_and_holds_probabilities(past: Tensor) -> None:
    frame = LabelGenerator(SMALL, CLASSES).step(past)
    assert frame.fake.shape == (2, CLASSES, 9, 15)
    torch.testing.assert_close(frame.fake, blend(frame.warped, frame.hallucinated, frame.mask))
    for maps in (frame.fake, frame.hallucinated, frame.warped):
        assert maps.min() >= 0
        torch.testing.assert_close(maps.sum(dim=1), torch.ones(2, 9, 15))


def test_what_is_warped_is_the_last_map(past: Tensor) -> None:
    # of a size that needs no padding
    past = past[..., :8, :14]
    frame = LabelGenerator(SMALL, CLASSES).step(past)
    torch.testing.assert_close(frame.warped, warp(past[:, -1], frame.flow))


def test_it_begins_as_the_baseline_that_repeats_the_last_map(past: Tensor) -> None:
    rollout = LabelGenerator(SMALL, CLASSES)(past, 3)
    assert torch.equal(rollout.fake.argmax(2), past[:, -1:].argmax(2).expand(-1, 3, -1, -1))


def test_a_roll_out_is_step_after_step_on_its_own_maps(past: Tensor) -> None:
    network = LabelGenerator(SMALL, CLASSES).double()
    past = past.double()
    rollout = network(past, 3, recompute=True)
    for t in range(3):
        frame = network.step(past)
        torch.testing.assert_close(rollout.fake[:, t], frame.fake)
        torch.testing.assert_close(rollout.flow[:, t], frame.flow)
        past = torch.cat([past[:, 1:], frame.fake[:, None]], dim=1)


@pytest.mark.parametrize(("bptt_frames", "reached"), [(1, False), (2, True)])
def test_the_gradient_runs_through_as_many_frames_as_it_may(past: Tensor, bptt_frames: int, reached: bool) -> None:
    network = LabelGenerator(SMALL, CLASSES)
    past.requires_grad_()
    network(past, 2, bptt_frames).fake[:, 1, 0].sum().backward()
    # the second map sees the given ones also directly: the older of the two only through the first map
    assert past.grad is not None
    assert bool(past.grad[:, 0].any()) is reached


def test_shapes_that_do_not_fit_are_refused(past: Tensor) -> None:
    network = LabelGenerator(SMALL, CLASSES)
    with pytest.raises(ValueError, match=r"past must be \(B, 2, 3, H, W\), but is \(2, 1, 3, 9, 15\)"):
        network(past[:, :1], 1)
    with pytest.raises(ValueError, match="frames of 3 x 15 are too small for the predictor: at least 4"):
        network(past[..., :3, :], 1)
    with pytest.raises(ConfigError, match=r"predictor\.blocks must be at least 2 and at most 1000, but is 1"):
        PredictorConfig(blocks=1)
