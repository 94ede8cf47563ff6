"""F on several spatial scales: what flows from the coarse to the fine, and that each has a past of its own."""

import pytest
import torch
from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.generator import Generator
from vid2vid.generator.scale import ScaleGenerator
from vid2vid.ops import halve
from vid2vid.types import Rollout

CHANNELS = 2


def lively(scales: int, foreground: str = "none") -> Generator:
    """Build a small F in float64 whose weights are large enough for every part to matter."""
    config = GeneratorConfig(
        scales=scales, base_channels=4, downsamples=1, blocks=2, finer_blocks=1, foreground=foreground
    )
    generator = Generator(config, CHANNELS).double()
    for layer in generator.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            layer.weight.data.mul_(5)
    return generator


def clip(frames: int, height: int = 16, width: int = 24) -> tuple[Tensor, Tensor]:
    """Draw conditions of some frames after two others, and those two frames."""
    source = torch.rand(2, 2 + frames, CHANNELS, height, width, dtype=torch.float64)
    return source, torch.rand(2, 2, 3, height, width, dtype=torch.float64) * 2 - 1


def assert_same(made: Rollout, expected: Rollout) -> None:
    """Compare all parts; in float64 the same arithmetic agrees to 1e-12."""
    for ours, theirs in zip(made.tensors, expected.tensors, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_each_finer_scale_is_twice_as_large_and_half_as_wide() -> None:
    config = GeneratorConfig(scales=3, foreground="prior")
    with torch.device("meta"):
        scales = [ScaleGenerator(config, CHANNELS, scale) for scale in range(3)]
    assert [scale.past_stem[1].out_channels for scale in scales] == [128, 64, 32]
    assert [scale.foreground_branch.stem[1].out_channels for scale in scales] == [64, 32, 16]
    strides = [[layer.stride for layer in scale.past_stem if isinstance(layer, nn.Conv2d)] for scale in scales]
    assert [stride.count((2, 2)) for stride in strides] == [3, 1, 1]
    assert [scale.flow_scale for scale in scales] == [20, 40, 80]
    source, past = clip(3)
    rollout = lively(3)(source, past)
    assert [tuple(frames.shape) for frames in rollout.scales] == [(2, 3, 3, 4, 6), (2, 3, 3, 8, 12), (2, 3, 3, 16, 24)]
    assert rollout.flow.shape == (2, 3, 2, 16, 24)


def test_the_coarsest_scale_of_two_is_an_f_of_one_on_halved_input() -> None:
    two, one = lively(2), lively(1)
    one.frame.scales[0].load_state_dict(two.frame.scales[0].state_dict())
    source, past = clip(4)
    assert torch.equal(two(source, past).coarser[0], one(halve(source), halve(past)).fake)


@pytest.mark.parametrize("size", [(16, 24), (13, 18)])
@pytest.mark.parametrize("first", [1, 3])
def test_a_rollout_goes_on_from_the_past_of_each_scale(first: int, size: tuple[int, int]) -> None:
    generator, (source, past) = lively(3), clip(5, *size)
    whole = generator(source, past)
    one = generator(source[:, : 2 + first], past)
    history = generator.append(generator.past(source, past), one.scales)
    two = generator(source[:, first:], history)
    assert_same(Rollout.of(torch.cat(parts, 1) for parts in zip(one.tensors, two.tensors, strict=True)), whole)
    # with the finest frames alone the coarser scales would not know their own past
    again = generator(source[:, first:], generator.past(source, past) if first == 0 else history[-1])
    assert not torch.allclose(again.fake, two.fake)


@pytest.mark.parametrize("size", [(37, 53), (40, 52), (16, 12)])
def test_any_size_comes_back_as_it_was(size: tuple[int, int]) -> None:
    source, past = clip(2, *size)
    rollout = lively(3)(source, past)
    assert rollout.fake.shape[-2:] == rollout.flow.shape[-2:] == size


def test_every_scale_learns_from_the_finest_frame() -> None:
    generator, (source, past) = lively(3, "prior"), clip(2)
    mask = torch.rand(2, 2, 1, 16, 24, dtype=torch.float64)
    generator(source, past, foreground=mask).fake.square().mean().backward()
    idle = {name for name, p in generator.named_parameters() if p.ndim == 4 and (p.grad is None or not p.grad.any())}
    # the heads of the coarser scales make those scales' own frames, nothing finer; and so does the past of the next
    assert {name.split(".")[-3] for name in idle} == {"hallucination_head", "flow_head", "mask_head", "foreground_head"}
    assert {name.split(".")[2] for name in idle} == {"0", "1"}


@pytest.mark.parametrize("part", ["image_up", "flow_up", "foreground_branch.up"])
def test_the_finer_scale_takes_features_of_the_coarser_one(part: str) -> None:
    generator, (source, past) = lively(2, "prior"), clip(1)
    mask = torch.rand(2, 1, 1, 16, 24, dtype=torch.float64)
    before = generator(source, past, foreground=mask).fake
    with torch.no_grad():
        generator.get_parameter(f"frame.scales.0.{part}.0.weight").add_(0.1)
    assert not torch.allclose(generator(source, past, foreground=mask).fake, before)


def test_frames_that_are_too_small_are_refused() -> None:
    source, past = clip(2, 8, 20)
    with pytest.raises(ValueError, match="8 x 20 are too small for F: at least 9"):
        lively(3)(source, past)


def test_residual_heads_begin_with_what_the_coarser_scale_drew() -> None:
    config = GeneratorConfig(
        scales=2, base_channels=4, downsamples=1, blocks=2, finer_blocks=1, foreground="prior", finer_heads="residual"
    )
    generator, (source, past) = Generator(config, CHANNELS).double(), clip(1)
    for layer in generator.frame.scales[0].modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            layer.weight.data.mul_(5)
    mask = torch.rand(2, 1, 1, 16, 24, dtype=torch.float64)
    made = generator(source, past, foreground=mask)
    coarse_source, coarse_past, coarse_mask = generator.frame.pyramid(source)[0], halve(past), halve(mask[:, 0])
    coarse = generator.frame.scales[0](coarse_source, coarse_past, foreground=coarse_mask).frame
    assert coarse.flow.abs().max() > 0.5
    # what lies on every second point is the coarser scale's own; a flow is twice as long in finer pixels
    every_second = (..., slice(None, None, 2), slice(None, None, 2))
    torch.testing.assert_close(made.flow[:, 0][every_second], 2 * coarse.flow)
    torch.testing.assert_close(made.mask[:, 0][every_second], coarse.mask)
    made.hallucinated.sum().backward()
    for scale in (0, 1):
        weight = generator.get_parameter(f"frame.scales.{scale}.hallucination_head.1.weight")
        assert weight.grad is not None
        assert weight.grad.abs().max() > 0
