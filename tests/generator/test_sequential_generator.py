"""The recursion of Eq. 3: a roll-out is its single steps, in any division, and the gradient runs as far as told."""

import pytest
import torch
from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.generator import Generator, conditions_with_context
from vid2vid.types import Rollout

CHANNELS = 2


def small(past_frames: int = 2, use_flow: bool = True) -> Generator:
    """Build a small F in float64 whose weights are large enough for the past to matter."""
    config = GeneratorConfig(past_frames=past_frames, base_channels=2, downsamples=1, blocks=2, use_flow=use_flow)
    generator = Generator(config, CHANNELS).double()
    for layer in generator.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            layer.weight.data.mul_(5)
    return generator


def conditions(frames: int) -> Tensor:
    """Draw conditions of some frames."""
    return torch.rand(1, frames, CHANNELS, 12, 16, dtype=torch.float64)


def history(past_frames: int) -> Tensor:
    """Draw the frames before."""
    return torch.rand(1, past_frames, 3, 12, 16, dtype=torch.float64) * 2 - 1


def assert_same(rollout: Rollout, expected: Rollout) -> None:
    """Compare all parts of two roll-outs; in float64 the same arithmetic agrees to 1e-12."""
    for name in ("fake", "hallucinated", "warped", "flow", "mask"):
        torch.testing.assert_close(getattr(rollout, name), getattr(expected, name), rtol=0, atol=1e-12)


@pytest.mark.parametrize("past_frames", [1, 2, 3])
def test_a_rollout_is_its_single_steps(past_frames: int) -> None:
    generator, source, past = small(past_frames), conditions(past_frames + 5), history(past_frames)
    rollout = generator(source, past)
    assert rollout.fake.shape == (1, 5, 3, 12, 16)
    frames, before = [], past
    for t in range(5):
        frames.append(generator.step(source[:, t : t + past_frames + 1], before))
        before = torch.cat([before, frames[-1].fake[:, None]], dim=1)[:, 1:]
    assert_same(rollout, Rollout.stack(frames))


def test_the_frames_differ() -> None:
    # else the tests here would pass for an F that ignores its input
    fake = small()(conditions(6), history(2)).fake
    assert all((fake[:, t] - fake[:, t - 1]).abs().max() > 1e-3 for t in range(1, 4))


@pytest.mark.parametrize("first", [2, 3])
def test_a_rollout_in_two_chunks_is_one(first: int) -> None:
    generator, source, past = small(), conditions(2 + 6), history(2)
    whole = generator(source, past)
    one = generator(source[:, : 2 + first], past)
    two = generator(source[:, first:], one.fake[:, -2:])
    assert_same(Rollout.of(torch.cat(parts, 1) for parts in zip(one.tensors, two.tensors, strict=True)), whole)


def test_a_frame_depends_on_nothing_that_comes_later() -> None:
    generator, source, past = small(), conditions(2 + 4), history(2)
    changed = source.clone()
    # the first frame that sees the condition 4 is frame 2
    changed[:, 2 + 2 :] = torch.rand_like(changed[:, 2 + 2 :])
    before, after = generator(source, past).fake, generator(changed, past).fake
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.allclose(before[:, 2], after[:, 2])


def test_an_empty_past_gives_the_hallucinated_first_and_is_a_past_then() -> None:
    generator, source = small(), conditions(2 + 3)
    rollout = generator(source, None)
    assert torch.equal(rollout.fake[:, 0], rollout.hallucinated[:, 0])
    assert torch.equal(rollout.mask[:, 0], torch.ones_like(rollout.mask[:, 0]))
    # from then on the past is (black, x̃_1), (x̃_1, x̃_2), ...
    black = torch.zeros(1, 1, 3, 12, 16, dtype=torch.float64)
    rest = generator(source[:, 1:], torch.cat([black, rollout.fake[:, :1]], dim=1))
    assert rest.mask.max() < 1
    assert_same(rollout[1:], rest)


def influence(frame: int, bptt_frames: int) -> float:
    """Return how strongly a frame's gradient reaches the condition that only frame 0 sees, through the past."""
    generator, source = small(), conditions(2 + 5).requires_grad_()
    # frame t sees the conditions t .. t + 2: with frame 1 on, the condition 0 acts through the past alone
    rollout = generator(source, history(2), bptt_frames)
    (gradient,) = torch.autograd.grad(rollout.fake[:, frame].sum(), source)
    return gradient[:, 0].abs().max().item()


@pytest.mark.parametrize("frame", [1, 2])
def test_with_gradient_frames_1_the_past_is_given(frame: int) -> None:
    assert influence(0, bptt_frames=1) > 0
    assert influence(frame, bptt_frames=1) == 0


def test_with_gradient_frames_2_it_runs_through_one_step() -> None:
    assert influence(1, bptt_frames=2) > 0
    assert influence(2, bptt_frames=2) == 0


def test_with_more_it_runs_further() -> None:
    assert influence(4, bptt_frames=5) > 0


def test_how_far_the_gradient_runs_changes_no_value() -> None:
    generator, source, past = small(), conditions(2 + 4), history(2)
    assert_same(generator(source, past, bptt_frames=4), generator(source, past, bptt_frames=1))


@pytest.mark.parametrize("bptt_frames", [1, 3])
def test_recomputing_changes_neither_values_nor_gradients(bptt_frames: int) -> None:
    generator, source, past = small(), conditions(2 + 4), history(2)
    made = [generator(source, past, bptt_frames, recompute=recompute) for recompute in (False, True)]
    assert_same(made[0], made[1])
    weights = list(generator.parameters())
    plain, again = (torch.autograd.grad(rollout.fake.square().sum(), weights) for rollout in made)
    for one, other in zip(plain, again, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_recomputing_keeps_fewer_activations() -> None:
    generator, source, past = small(), conditions(2 + 4), history(2)

    def kept(recompute: bool) -> int:
        sizes: list[int] = []

        def pack(tensor: Tensor) -> Tensor:
            sizes.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            generator(source, past, bptt_frames=4, recompute=recompute)
        return sum(sizes)

    assert kept(recompute=True) < kept(recompute=False) / 10


def test_without_flow_it_rolls_out_too() -> None:
    rollout = small(use_flow=False)(conditions(2 + 3), None)
    assert torch.equal(rollout.fake, rollout.hallucinated)
    assert not rollout.flow.any()


@pytest.mark.parametrize("shape", [(1, 2, CHANNELS, 8, 8), (1, 5, CHANNELS + 1, 8, 8), (5, CHANNELS, 8, 8)])
def test_conditions_of_a_wrong_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"source must be \(B, T > 2, 2, H, W\) .*but is"):
        small()(torch.zeros(shape, dtype=torch.float64), None)


@pytest.mark.parametrize("shape", [(1, 1, 3, 12, 16), (1, 2, 3, 16, 12), (2, 2, 3, 12, 16), (1, 2, 1, 12, 16)])
def test_a_past_of_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"past must be \(1, 2, 3, 12, 16\), but is"):
        small()(conditions(4), torch.zeros(shape, dtype=torch.float64))


def test_the_context_repeats_the_first_condition() -> None:
    source = conditions(3)
    extended = conditions_with_context(source, past_frames=2)
    assert torch.equal(extended, source[:, [0, 0, 0, 1, 2]])


@pytest.mark.parametrize("scales", [1, 2])
def test_a_tensor_can_say_that_there_is_no_past(scales: int) -> None:
    config = GeneratorConfig(past_frames=2, scales=scales, base_channels=2, downsamples=1, blocks=2)
    generator = Generator(config, CHANNELS).double()
    source = conditions(3)
    black = generator.past(source, None)
    without, with_black = generator.step(source, None), generator.step(source, black)
    for flag, expected in ((True, without), (False, with_black)):
        told = generator.step(source, black, no_past=torch.tensor([flag]))
        assert all(torch.equal(a, b) for a, b in zip(told.tensors, expected.tensors, strict=True))
    assert not torch.equal(without.fake, with_black.fake)
