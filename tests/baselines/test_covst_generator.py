"""COVST's generator: what it carries on, how the flow moves it, and that frame by frame it is what it is at once."""

from typing import Any

import pytest
import torch
from torch import Tensor

from vid2vid.baselines import CovstGenerator, ImageGenerator
from vid2vid.config import CovstConfig, ImageGeneratorConfig
from vid2vid.errors import ConfigError
from vid2vid.ops import warp

CHANNELS = 3


def assert_same(found: Any, wanted: Any) -> None:  # noqa: ANN401 - a tensor or a list of some
    """Up to rounding in float64."""
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-10)


def small(**settings: Any) -> CovstGenerator:  # noqa: ANN401 - any setting
    """Build a small generator in float64."""
    given = {"base_channels": 4, "downsamples": 2, "blocks": 2, "finer_blocks": 1, **settings}
    return CovstGenerator(ImageGeneratorConfig(**given), CovstConfig(4), CHANNELS).double()


def fixed(generator: CovstGenerator, value: float) -> CovstGenerator:
    """Let the mask be 0 or 1 everywhere, whatever the features."""
    last = generator.mask[-2]
    assert isinstance(last, torch.nn.Conv2d)
    assert last.bias is not None
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.constant_(last.bias, 1e3 if value else -1e3)
    return generator


def video(frames: int, height: int = 16, width: int = 24) -> tuple[Tensor, Tensor]:
    """Draw two videos of conditions, and the flow between their frames."""
    source = torch.rand(2, frames, CHANNELS, height, width, dtype=torch.float64)
    return source, torch.randn(2, frames - 1, 2, height, width, dtype=torch.float64) * 3


@pytest.mark.parametrize("scales", [1, 3])
@pytest.mark.parametrize("size", [(32, 48), (33, 47)])
def test_with_nothing_carried_on_it_is_pix2pixhd_on_each_frame(scales: int, size: tuple[int, int]) -> None:
    generator = fixed(small(scales=scales), 1)
    alone = ImageGenerator(generator.config, CHANNELS).double()
    found = alone.load_state_dict(generator.state_dict(), strict=False)
    # every layer of pix2pixHD has its own name, and only the mask's network is more
    assert not found.missing_keys
    assert {name.split(".")[0] for name in found.unexpected_keys} == {"mask"}
    source, flow = video(3, *size)
    frames = generator(source, flow)
    assert frames.mask.shape == (2, 3, 1, *size)
    # 1 = made anew
    assert frames.mask.min() == 1
    assert_same(frames.fake, alone(source))


@pytest.mark.parametrize("scales", [1, 2])
def test_with_all_carried_on_the_first_features_follow_the_flow(scales: int) -> None:
    generator = fixed(small(scales=scales), 0)
    source, _ = video(3, 32, 48)
    step = 2**generator.halvings
    # each frame lies a pixel of the features further to the left and up than the one before
    flow = torch.full((2, 2, 2, 32, 48), float(step), dtype=torch.float64)
    frames = generator(source, flow)
    first = generator.encode(source[:, 0])
    assert_same(frames.features[..., :-2, :-2], first[..., 2:, 2:])
    assert not frames.mask[:, 1:].any()
    assert frames.mask[:, 0].min() == 1
    assert_same(frames.fake[:, 2], generator.decode(frames.features, 32, 48))
    # the conditions of the later frames are not looked at
    assert torch.equal(generator(torch.cat([source[:, :1], source[:, :2]], dim=1), flow).fake, frames.fake)


def test_the_flow_is_scaled_with_the_features_and_lies_where_they_lie() -> None:
    generator = small()
    _, flow = video(2, 32, 48)
    rows, columns = torch.meshgrid(torch.arange(32.0), torch.arange(48.0), indexing="ij")
    # an expansion round a corner: at each point as long as the point is far away
    flow = torch.stack([columns, rows]).double().expand_as(flow)
    small_rows, small_columns = torch.meshgrid(torch.arange(8.0), torch.arange(12.0), indexing="ij")
    wanted = torch.stack([small_columns, small_rows]).double().expand(2, 1, 2, 8, 12)
    inside = (..., slice(1, -1), slice(1, -1))
    assert_same(generator.shrink(flow)[inside], wanted[inside])


def test_what_is_carried_on_is_blended_by_the_mask() -> None:
    generator = small()
    source, flow = video(2)
    frames = generator(source, flow)
    own = generator.encode(source).view(2, 2, 16, 4, 6)
    warped = warp(own[:, 0], generator.shrink(flow)[:, 0])
    mask = frames.mask[:, 1, :, ::4, ::4]
    assert 0 < mask.min() < mask.max() < 1
    assert_same(frames.features, (1 - mask) * warped + mask * own[:, 1])


@pytest.mark.parametrize("scales", [1, 2])
def test_frame_by_frame_it_makes_what_it_makes_at_once(scales: int) -> None:
    generator = small(scales=scales)
    source, flow = video(5, 18, 25)
    whole = generator(source, flow)
    before: Tensor | None = None
    for t in range(5):
        frame = generator.step(source[:, t], flow[:, t - 1] if t else None, before)
        assert_same(frame.fake[:, 0], whole.fake[:, t])
        assert_same(frame.mask[:, 0], whole.mask[:, t])
        before = frame.features
    # and in chunks
    begun = generator(source[:, :2], flow[:, :1])
    later = generator(source[:, 2:], flow[:, 1:], begun.features)
    assert_same(torch.cat([begun.fake, later.fake], dim=1), whole.fake)


def test_the_gradient_reaches_every_kernel_and_the_mask() -> None:
    generator = small(scales=2)
    source, flow = video(3)
    generator(source, flow).fake[:, 1:].square().mean().backward()
    assert all(p.grad is not None and p.grad.any() for p in generator.parameters() if p.ndim == 4)


@pytest.mark.parametrize(("bptt_frames", "reached"), [(1, [3]), (2, [2, 3]), (4, [0, 1, 2, 3])])
def test_the_gradient_runs_through_so_many_frames(bptt_frames: int, reached: list[int]) -> None:
    source, flow = video(4)
    source.requires_grad_()
    small()(source, flow, bptt_frames=bptt_frames).fake[:, 3].sum().backward()
    assert source.grad is not None
    assert [t for t in range(4) if source.grad[:, t].any()] == reached


def test_recomputing_changes_neither_frames_nor_gradients() -> None:
    generator = small(scales=2)
    source, flow = video(3)
    gradients = []
    for recompute in (False, True):
        generator.zero_grad()
        generator(source, flow, recompute=recompute).fake.square().mean().backward()
        gradients.append([p.grad.clone() for p in generator.parameters() if p.grad is not None])
    assert_same(gradients[0], gradients[1])


def test_what_does_not_fit_is_named() -> None:
    generator = small()
    source, flow = video(3)
    features = generator(source, flow).features
    with pytest.raises(ValueError, match=r"flow must be \(2, 3, 2, 16, 24\), but is \(2, 2, 2, 16, 24\)"):
        generator(source, flow, features)
    with pytest.raises(ValueError, match=r"flow must be \(2, 0, 2, 16, 24\)"):
        generator.step(source[:, 0], flow[:, 0])
    with pytest.raises(ValueError, match=r"source must be \(B, T, 3, H, W\)"):
        generator(source[:, :, :2], flow)
    with pytest.raises(ConfigError, match=r"covst\.mask_channels must be at least 1"):
        CovstConfig(0)
