"""Differentiable augmentation: real and fake alike, all channels move, colours of the frames alone change."""

import pytest
import torch
from torch import Tensor

from vid2vid.config.networks import AUGMENTATIONS as NAMES
from vid2vid.discriminator.augmentation import AUGMENTATIONS, augment

FRAMES = slice(2, 8)
"""Two frames behind a condition of two channels."""


def views(*, batch: int = 64) -> Tensor:
    """Return views ``(B, 10, 16, 24)`` in which nothing is 0: a condition, two frames, a flow."""
    return torch.rand(batch, 10, 16, 24) * 0.9 + 0.1


def test_the_settings_name_all_of_them() -> None:
    assert tuple(AUGMENTATIONS) == NAMES


def test_none_changes_and_draws_nothing() -> None:
    real, state = views(), torch.get_rng_state()
    assert augment([real], FRAMES, []) == [real]
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_real_and_fake_are_changed_alike_and_each_clip_otherwise(dtype: torch.dtype) -> None:
    one, other = (real := views()[:1].expand(64, -1, -1, -1).to(dtype)), real.clone()
    changed, alike = augment([one, other], FRAMES, NAMES)
    assert changed.dtype == dtype
    assert torch.equal(changed, alike)
    assert len({tuple(clip.flatten().tolist()) for clip in changed}) == 64
    assert not torch.equal(augment([one], FRAMES, NAMES)[0], changed)


def test_colours_change_in_the_frames_alone_and_alike_in_all_of_them() -> None:
    real = views()
    real[:, 5:8] = real[:, 2:5]
    (changed,) = augment([real], FRAMES, ["colour"])
    outside = [0, 1, 8, 9]
    assert torch.equal(changed[:, outside], real[:, outside])
    assert torch.equal(changed[:, 5:8], changed[:, 2:5])
    # brightness moves the mean, by up to a half, and nothing else does
    means = (changed - real)[:, FRAMES].mean((1, 2, 3))
    assert 0.3 < means.abs().max() <= 0.5 + 1e-6
    spread = changed[:, FRAMES].std((1, 2, 3)) / real[:, FRAMES].std((1, 2, 3))
    assert spread.min() < 0.8
    assert spread.max() > 1.2


def test_all_channels_are_shifted_together_and_zeros_come_in() -> None:
    real, shifts = views(), set()
    (changed,) = augment([real], FRAMES, ["translation"])
    for before, after in zip(real, changed, strict=True):
        inside = after[0] != 0
        assert torch.equal(inside.expand_as(after), after != 0)
        rows, columns = inside.any(1).nonzero().flatten(), inside.any(0).nonzero().flatten()
        height, width = len(rows), len(columns)
        top, left = int(rows[0]), int(columns[0])
        from_top, from_left = (16 - height if top == 0 else 0), (24 - width if left == 0 else 0)
        assert torch.equal(
            after[:, top : top + height, left : left + width],
            before[:, from_top : from_top + height, from_left : from_left + width],
        )
        shifts.add((top - from_top, left - from_left))
    assert {y for y, _ in shifts} == {*range(-2, 3)}
    assert {x for _, x in shifts} == {*range(-3, 4)}


def test_a_box_of_half_the_size_is_cut_out_of_all_channels() -> None:
    real = views()
    (changed,) = augment([real], FRAMES, ["cutout"])
    gone = changed == 0
    assert torch.equal(gone, gone[:, :1].expand_as(gone))
    assert torch.equal(changed, real * ~gone)
    areas = gone[:, 0].sum((1, 2))
    # a quarter of it is inside where its middle is in a corner
    assert 8 * 12 / 4 * 0.8 < areas.min() < areas.max() == 8 * 12


def test_the_gradient_runs_through_to_what_is_still_seen() -> None:
    fake = views().requires_grad_()
    (changed,) = augment([fake], FRAMES, ["translation", "cutout"])
    (gradient,) = torch.autograd.grad(changed.sum(), fake)
    assert set(gradient.flatten().tolist()) == {0, 1}
    assert gradient.sum() == (changed != 0).sum()


def test_each_clip_is_shifted_to_every_place_of_a_stride_of_eight() -> None:
    real = torch.zeros(800, 10, 16, 24)
    real[:, :, 8, 12] = 1
    real.requires_grad_(True)
    changed, alike = augment([real, real], FRAMES, ["shift"])
    assert torch.equal(changed, alike)
    places = {tuple((clip > 0).nonzero()[0, 1:].tolist()) for clip in changed}
    assert places == {(8 + y, 12 + x) for y in range(-4, 4) for x in range(-4, 4)}
    assert changed.sum() == real.sum()
    (gradient,) = torch.autograd.grad(changed.sum(), real)
    assert gradient[:, :, 8, 12].eq(1).all()
