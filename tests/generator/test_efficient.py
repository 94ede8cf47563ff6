"""The efficient form of F: Eq. 4 and 9 as identities, what each part sees, and what flows from scale to scale."""

from typing import Any

import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.config import GeneratorConfig
from vid2vid.errors import ConfigError
from vid2vid.generator import Generator
from vid2vid.generator.efficient import LEAK, EfficientScaleGenerator, FinishingLayers
from vid2vid.generator.motion_prior import MotionPrior
from vid2vid.ops import MOTION_UNIT, warp

CHANNELS = 3


def lively(**settings: Any) -> Generator:  # noqa: ANN401 - any setting
    """Build a small F in float64 whose last layers are large enough for every part to matter."""
    small = {"base_channels": 8, "downsamples": 3, "blocks": 2, "finer_blocks": 1, "fine_channels": 4}
    generator = Generator(GeneratorConfig(**{"form": "efficient", **small, **settings}), CHANNELS).double()
    for name, parameter in generator.named_parameters():
        if "head" in name and parameter.ndim == 4:
            parameter.data.mul_(10)
        elif "finish.last" in name:
            nn.init.normal_(parameter, std=0.1)
    return generator


def scale_of(generator: Generator, scale: int = 0) -> EfficientScaleGenerator:
    """Return the network of one spatial scale."""
    found = generator.frame.scales[scale]
    assert isinstance(found, EfficientScaleGenerator)
    return found


def inputs(height: int = 16, width: int = 24, frames: int = 1) -> tuple[Tensor, Tensor]:
    """Draw conditions and a past of two frames."""
    source = torch.rand(2, 2 + frames, CHANNELS, height, width, dtype=torch.float64)
    return source, torch.rand(2, 2, 3, height, width, dtype=torch.float64) * 2 - 1


def foreground_of(source: Tensor) -> Tensor:
    """Return a soft foreground of the size of the conditions."""
    return torch.linspace(0, 1, source.shape[-1], dtype=source.dtype).expand(2, 1, *source.shape[-2:])


@pytest.mark.parametrize("interpolation", ["bilinear", "cubic", "fine"])
def test_a_frame_is_equation_4(interpolation: str) -> None:
    generator, (source, past) = lively(interpolation=interpolation), inputs()
    out = generator.step(source, past)
    assert out.flow.abs().max() > 0.5, "a flow of nothing would prove nothing"
    assert out.mask.std() > 1e-4
    warped = warp(past[:, -1], out.flow, interpolation).clamp(-1, 1)
    torch.testing.assert_close(out.warped, warped, rtol=0, atol=1e-12)
    torch.testing.assert_close(out.fake, (1 - out.mask) * warped + out.mask * out.hallucinated, rtol=0, atol=1e-12)


def test_foreground_and_background_are_equation_9() -> None:
    source, past = inputs()
    seen = foreground_of(source)
    prior, overwrite = lively(foreground="prior"), lively(foreground="overwrite")
    overwrite.load_state_dict(prior.state_dict())
    soft, hard = prior.step(source, past, seen), overwrite.step(source, past, seen)
    nothing, all_of_it = (prior.step(source, past, torch.full_like(seen, value)) for value in (0.0, 1.0))
    expected = (1 - seen) * nothing.hallucinated + seen * all_of_it.hallucinated
    torch.testing.assert_close(soft.hallucinated, expected, rtol=0, atol=1e-12)
    expected = (1 - seen) * nothing.fake + seen * all_of_it.hallucinated
    torch.testing.assert_close(hard.fake, expected, rtol=0, atol=1e-12)
    # the foreground is drawn from the conditions alone
    again = prior.step(source, -past, torch.ones_like(seen))
    torch.testing.assert_close(again.hallucinated, all_of_it.hallucinated, rtol=0, atol=1e-12)


def test_untrained_it_shows_a_paler_past() -> None:
    generator, (source, past) = Generator(GeneratorConfig(form="efficient", base_channels=8), CHANNELS), inputs(32, 48)
    out = generator.step(source.float(), past.float())
    assert out.flow.abs().mean() < 1
    assert (out.hallucinated - LEAK * out.warped).abs().mean() < 0.2
    assert out.mask.mean() < 0.5


def test_h_sees_the_warped_past() -> None:
    generator, (source, past) = lively(), inputs()
    scale = scale_of(generator)
    # neither the stem nor the flow sees it any more
    scale.past_stem.weight.data.zero_()
    once, again = generator.step(source, past), generator.step(source, -past)
    assert torch.equal(once.flow, again.flow)
    one, other = (torch.atanh(out.hallucinated) - torch.atanh(LEAK * out.warped) for out in (once, again))
    assert not torch.allclose(one, other)


def test_from_an_empty_past_everything_is_hallucinated() -> None:
    generator, (source, _) = lively(), inputs()
    out = generator.step(source, None)
    assert torch.equal(out.fake, out.hallucinated)
    assert torch.equal(out.mask, torch.ones_like(out.mask))


def test_without_flow_every_frame_is_hallucinated() -> None:
    generator, (source, past) = lively(use_flow=False), inputs()
    assert not [name for name, _ in generator.named_parameters() if "flow" in name or "mask" in name]
    out = generator.step(source, past)
    assert torch.equal(out.fake, out.hallucinated)
    assert torch.equal(out.warped, past[:, -1])


def test_every_frame_and_condition_of_the_window_counts() -> None:
    generator, (source, past) = lively(), inputs()
    expected = generator.step(source, past)
    for t in range(2):
        changed = past.clone()
        changed[:, t, :, 4:8, 4:8] *= -1
        assert not torch.allclose(generator.step(source, changed).hallucinated, expected.hallucinated)
    for t in range(3):
        changed = source.clone()
        changed[:, t, :, 4:8, 4:8] += 1
        assert not torch.allclose(generator.step(changed, past).flow, expected.flow)


@pytest.mark.parametrize("settings", [{}, {"scales": 3}, {"downsamples": 2}, {"downsamples": 4, "scales": 2}])
@pytest.mark.parametrize("size", [(37, 53), (40, 56)])
def test_any_size_comes_back_as_it_was(settings: dict[str, int], size: tuple[int, int]) -> None:
    generator = lively(**settings)
    source, past = inputs(*size, frames=2)
    rollout = generator(source, past)
    assert [tuple(part.shape) for part in rollout.tensors[:5]] == [(2, 2, c, *size) for c in (3, 3, 3, 2, 1)]
    assert all(part.isfinite().all() for part in rollout.tensors)


@pytest.mark.parametrize(
    "settings",
    [
        {"scales": 2},
        {"foreground": "prior"},
        {"use_flow": False},
        {"downsamples": 2},
        {"downsamples": 4},
        {"fine_channels": 0},
    ],
)
def test_every_parameter_learns_something(settings: dict[str, Any]) -> None:
    generator, (source, past) = lively(**settings), inputs(64, 64)
    seen = foreground_of(source) if settings.get("foreground") else None
    out = generator.step(source, past, seen)
    # from the finest scale's frame alone: the coarser ones learn through it
    (out.fake - torch.rand_like(out.fake)).square().mean().backward()  # type: ignore[no-untyped-call]
    dead = [name for name, p in generator.named_parameters() if p.ndim == 4 and (p.grad is None or not p.grad.any())]
    assert not dead


def test_a_new_scale_begins_with_what_the_coarser_one_draws() -> None:
    generator, (source, past) = lively(scales=2), inputs(32, 48)
    scale = scale_of(generator, 1)
    assert scale.flow_scale == 2 * scale_of(generator).flow_scale
    for name, parameter in scale.named_parameters():
        if "head" in name or "finish.last" in name:
            parameter.data.zero_()
    out = generator.step(source, past)
    one = lively()
    one.frame.scales[0].load_state_dict(scale_of(generator).state_dict())
    coarse = one.step(generator.frame.pyramid(source)[0], generator.frame.pyramid(past)[0])
    torch.testing.assert_close(out.coarser[0], coarse.fake, rtol=0, atol=1e-12)
    # the same motion is twice as many pixels
    large = nnf.interpolate(2 * coarse.flow, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(out.flow, large, rtol=0, atol=1e-9)


def test_autocast_gives_float32_and_keeps_the_flow_exact() -> None:
    generator, (source, past) = lively().float(), (part.float() for part in inputs())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = generator.step(source, past)
    assert {part.dtype for part in out.tensors} == {torch.float32}
    assert not torch.equal(out.flow, out.flow.bfloat16().float())


def test_what_has_no_effect_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"generator\.norm=batch has no effect with generator\.form=efficient"):
        GeneratorConfig(form="efficient", norm="batch")
    with pytest.raises(ConfigError, match=r"generator\.downsamples must be at least 2"):
        GeneratorConfig(form="efficient", downsamples=1)
    with pytest.raises(
        ConfigError, match=r"generator\.fine_channels=4 has no effect with generator\.form=paper: set it"
    ):
        GeneratorConfig(fine_channels=4)


@pytest.mark.parametrize("scales", [1, 2])
def test_w_begins_from_the_motion_of_objects(scales: int) -> None:
    """A flow that is drawn as nothing leaves the motion of the newest condition, in pixels of each scale."""
    config = GeneratorConfig(form="efficient", base_channels=8, downsamples=3, scales=scales)
    generator, (source, past) = Generator(config, CHANNELS, motion_prior=MotionPrior(1)).double(), inputs(32, 48)
    for name, parameter in generator.named_parameters():
        if "flow_head" in name:
            parameter.data.zero_()
    out = generator.step(source, past)
    torch.testing.assert_close(out.flow, MOTION_UNIT * source[:, -1, 1:3], rtol=0, atol=1e-12)
    without = Generator(config, CHANNELS).double()
    without.load_state_dict(generator.state_dict())
    assert not without.step(source, past).flow.any()
    if scales == 2:
        coarse = generator.frame.scales[0](source[..., ::2, ::2], past[..., ::2, ::2])
        torch.testing.assert_close(coarse.frame.flow, MOTION_UNIT / 2 * source[:, -1, 1:3, ::2, ::2])


def test_it_begins_without_a_checkerboard() -> None:
    """At first the four pixels that a pixel shuffle draws from one place are equal."""
    generator, (source, _) = Generator(GeneratorConfig(form="efficient", base_channels=8), CHANNELS), inputs(32, 48)
    drawn = generator.step(source.float(), None).hallucinated.view(2, 3, 16, 2, 24, 2)
    assert drawn.std() > 1e-4
    torch.testing.assert_close(drawn, drawn[:, :, :, :1, :, :1].expand_as(drawn))


def test_what_is_equal_everywhere_is_drawn_without_a_lattice() -> None:
    """Far from the borders equal conditions are drawn equally, but for the last layer's phases."""
    config = GeneratorConfig(form="efficient", base_channels=8, downsamples=3, blocks=2, upsampling="resize")
    generator = Generator(config, CHANNELS).double()
    source = torch.rand(1, 3, CHANNELS, 1, 1, dtype=torch.float64).expand(-1, -1, -1, 256, 256)
    drawn = generator.step(source, None).hallucinated[..., 112:144, 112:144]
    assert drawn.abs().max() > 1e-3
    torch.testing.assert_close(drawn, drawn[..., :2, :2].repeat(1, 1, 16, 16), rtol=0, atol=1e-9)


def test_the_finish_begins_without_effect() -> None:
    config: dict[str, Any] = {"form": "efficient", "base_channels": 8, "downsamples": 3, "blocks": 2}
    finished, (source, past) = Generator(GeneratorConfig(**config, fine_channels=4), CHANNELS).double(), inputs()
    plain = Generator(GeneratorConfig(**config), CHANNELS).double()
    left = finished.load_state_dict(plain.state_dict(), strict=False).missing_keys
    assert left
    assert all(".finish." in name for name in left)
    torch.testing.assert_close(finished.step(source, past).fake, plain.step(source, past).fake, rtol=0, atol=0)


def test_the_finish_is_the_same_at_every_pixel() -> None:
    """What it adds moves with the images by a single pixel, which the pixels drawn from one place do not."""
    layers = FinishingLayers(5, 4).double()
    nn.init.normal_(layers.last.weight)
    features, images = torch.zeros(1, 5, 8, 8, dtype=torch.float64), torch.rand(2, 1, 3, 16, 16, dtype=torch.float64)
    shifted = images.roll((1, 1), (3, 4))
    added, moved = (layers(features, *each) - each[0] for each in (images, shifted))
    assert added.std() > 0.1
    torch.testing.assert_close(moved[..., 4:-2, 4:-2], added[..., 3:-3, 3:-3])
