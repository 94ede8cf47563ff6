"""F for one time step: Eq. 4 as identities, in float64 unless it is about precision."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.generator import FrameGenerator
from vid2vid.generator.scale import ScaleGenerator
from vid2vid.ops import warp
from vid2vid.types import Frame

CHANNELS = 3


def small(past_frames: int = 2, downsamples: int = 1, **settings: Any) -> FrameGenerator:  # noqa: ANN401 - any setting
    """Build a small F of one scale, whose flow is some pixels long and whose mask differs from place to place."""
    config = GeneratorConfig(past_frames=past_frames, base_channels=3, downsamples=downsamples, blocks=3, **settings)
    frame = FrameGenerator(config, CHANNELS).double()
    if config.use_flow:
        for part in (only_scale(frame).flow_head, only_scale(frame).mask_head):
            convolution(part).weight.data.mul_(10)
    return frame


def only_scale(frame: FrameGenerator) -> ScaleGenerator:
    """Return the network of F's only scale."""
    (scale,) = frame.scales
    assert isinstance(scale, ScaleGenerator)
    return scale


def convolution(part: nn.Module) -> nn.Conv2d:
    """Return the only convolution of a head."""
    (found,) = (layer for layer in part.modules() if isinstance(layer, nn.Conv2d))
    return found


def inputs(past_frames: int = 2, height: int = 16, width: int = 20) -> tuple[Tensor, Tensor]:
    """Draw conditions and a past."""
    source = torch.rand(2, past_frames + 1, CHANNELS, height, width, dtype=torch.float64)
    return source, torch.rand(2, past_frames, 3, height, width, dtype=torch.float64) * 2 - 1


def parts(frame: Frame) -> list[Tensor]:
    """Return all tensors of a frame."""
    return [frame.fake, frame.hallucinated, frame.warped, frame.flow, frame.mask]


def test_mask_zero_gives_the_warped_past() -> None:
    frame, (source, past) = small(), inputs()
    convolution(only_scale(frame).mask_head).weight.data.zero_()
    convolution(only_scale(frame).mask_head).bias.data.fill_(-1e4)  # type: ignore[union-attr]
    out = frame(source, [past])
    assert out.flow.abs().max() > 0.5, "a flow of nothing would prove nothing"
    assert not out.mask.any()
    torch.testing.assert_close(out.fake, warp(past[:, -1], out.flow), rtol=0, atol=1e-12)


def test_mask_one_gives_the_hallucinated() -> None:
    frame, (source, past) = small(), inputs()
    convolution(only_scale(frame).mask_head).weight.data.zero_()
    convolution(only_scale(frame).mask_head).bias.data.fill_(1e4)  # type: ignore[union-attr]
    out = frame(source, [past])
    assert (out.hallucinated - out.warped).abs().max() > 0.1, "equal parts would prove nothing"
    torch.testing.assert_close(out.fake, out.hallucinated, rtol=0, atol=1e-12)


def test_between_the_two_it_is_equation_4() -> None:
    frame, (source, past) = small(), inputs()
    out = frame(source, [past])
    assert out.mask.std() > 0.01, "a plain mask would prove less"
    expected = (1 - out.mask) * warp(past[:, -1], out.flow) + out.mask * out.hallucinated
    torch.testing.assert_close(out.fake, expected, rtol=0, atol=1e-12)


def test_the_parts_lie_in_their_ranges() -> None:
    source, past = inputs()
    out = small()(source, [past])
    assert out.hallucinated.abs().max() <= 1
    assert out.mask.min() >= 0
    assert out.mask.max() <= 1


def test_hallucinate_leaves_the_past_out_of_the_blend() -> None:
    frame, (source, past) = small(), inputs()
    out = frame(source, [past], hallucinate=True)
    assert torch.equal(out.fake, out.hallucinated)
    assert torch.equal(out.mask, torch.ones_like(out.mask))


def test_flow_scale_is_the_unit_of_the_flow_head() -> None:
    once, twice, (source, past) = small(), small(flow_scale=40.0), inputs()
    twice.load_state_dict(once.state_dict())
    torch.testing.assert_close(twice(source, [past]).flow, 2 * once(source, [past]).flow, rtol=1e-12, atol=0)


@pytest.mark.parametrize("past_frames", [1, 2, 3])
def test_every_frame_and_condition_of_the_window_counts(past_frames: int) -> None:
    frame, (source, past) = small(past_frames), inputs(past_frames)
    expected = frame(source, [past]).hallucinated
    for t in range(past_frames):
        changed = past.clone()
        changed[:, t, :, 4:8, 4:8] *= -1
        assert not torch.allclose(frame(source, [changed]).hallucinated, expected), f"past frame {t} has no effect"
    for t in range(past_frames + 1):
        changed = source.clone()
        changed[:, t, :, 4:8, 4:8] += 1
        assert not torch.allclose(frame(changed, [past]).hallucinated, expected), f"condition {t} has no effect"


# 37 x 53 cannot be halved even once, 40 x 53 in one direction only
@pytest.mark.parametrize(("height", "width"), [(37, 53), (40, 53), (16, 12)])
@pytest.mark.parametrize("downsamples", [0, 1, 2, 3])
def test_any_size_comes_back_as_it_was(height: int, width: int, downsamples: int) -> None:
    source, past = inputs(height=height, width=width)
    out = small(downsamples=downsamples)(source, [past])
    assert [tuple(part.shape) for part in parts(out)] == [(2, c, height, width) for c in (3, 3, 3, 2, 1)]
    assert all(part.isfinite().all() for part in parts(out))


def test_without_flow_every_frame_is_hallucinated() -> None:
    frame, (source, past) = small(use_flow=False), inputs()
    assert not [name for name, _ in frame.named_parameters() if "flow" in name or "mask" in name]
    out = frame(source, [past])
    assert torch.equal(out.fake, out.hallucinated)
    assert not out.flow.any()
    assert torch.equal(out.mask, torch.ones(2, 1, 16, 20, dtype=torch.float64))
    assert torch.equal(out.warped, past[:, -1])


@pytest.mark.parametrize("norm", ["instance", "batch", "current_batch"])
@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
@pytest.mark.parametrize("use_flow", [True, False])
def test_every_parameter_learns_something(norm: str, upsampling: str, use_flow: bool) -> None:
    frame, (source, past) = small(norm=norm, upsampling=upsampling, use_flow=use_flow), inputs()
    target = torch.rand_like(past[:, 0])
    (frame(source, [past]).fake - target).square().mean().backward()
    # biases before a norm have no effect; every kernel has one
    dead = [name for name, p in frame.named_parameters() if p.ndim == 4 and (p.grad is None or not p.grad.any())]
    assert not dead


def test_the_elements_of_a_batch_do_not_mix_with_instance_norm() -> None:
    frame, (source, past) = small(), inputs()
    together = frame(source, [past])
    alone = frame(source[1:], [past[1:]])
    for whole, one in zip(parts(together), parts(alone), strict=True):
        torch.testing.assert_close(whole[1:], one, rtol=0, atol=1e-12)


def test_autocast_gives_float32_and_keeps_flow_and_mask_exact() -> None:
    frame, (source, past) = small().float(), (part.float() for part in inputs())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        # otherwise there would be nothing to keep
        assert only_scale(frame).condition_stem(source.flatten(1, 2)).dtype == torch.bfloat16
        out = frame(source, [past])
    assert {part.dtype for part in parts(out)} == {torch.float32}
    # the heads of W and M themselves ran in float32: their values are no bfloat16 numbers in disguise
    for part in (out.flow, out.mask):
        assert not torch.equal(part, part.bfloat16().float())
