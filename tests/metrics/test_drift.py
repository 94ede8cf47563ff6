"""Curves over time, and colours of objects that drift."""

import pytest
import torch
from skimage.color import rgb2lab
from torch import Tensor

from vid2vid.metrics import (
    Curve,
    InstanceColourDrift,
    instance_colour_drifts,
    per_frame,
    psnr,
    ssim,
    warping_error,
    warping_errors,
)


def test_each_frame_is_judged_alone() -> None:
    fake, real = torch.rand(2, 2, 3, 3, 16, 20) * 2 - 1
    values = per_frame(psnr, fake, real)
    assert values.shape == (2, 3)
    assert values[1, 2].item() == pytest.approx(psnr(fake[1:, 2:], real[1:, 2:]).item())
    assert per_frame(ssim, fake, real).mean().item() == pytest.approx(ssim(fake, real).item(), rel=1e-6)


def test_each_pair_of_frames_has_a_warping_error() -> None:
    video, flow = torch.rand(2, 4, 3, 8, 8), torch.randn(2, 3, 2, 8, 8)
    visible = torch.ones(2, 3, 1, 8, 8)
    errors = warping_errors(video, flow, visible)
    assert errors.shape == (2, 3)
    alone = warping_error(video[1:, 2:], flow[1:, 2:], visible[1:, 2:])
    assert errors[1, 2].item() == pytest.approx(alone.item())
    assert errors.mean().item() == pytest.approx(warping_error(video, flow, visible).item(), rel=1e-6)


def test_a_curve_is_the_mean_of_the_clips_that_are_long_enough() -> None:
    curve = Curve(4)
    curve.update(torch.tensor([[1.0, 2, 3], [3, 4, 5]]))
    curve.update(torch.tensor([[5.0]]))
    assert curve.compute()[:3].tolist() == [3, 3, 4]
    assert curve.compute()[3].isnan()
    with pytest.raises(ValueError, match="has 4 frames, but a clip has 5"):
        curve.update(torch.zeros(1, 5))


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_an_empty_curve_is_refused() -> None:
    with pytest.raises(ValueError, match="no clip was added"):
        Curve(3).compute()


def test_a_video_that_loses_its_colours_has_a_falling_curve() -> None:
    real = torch.rand(2, 6, 3, 16, 16) * 2 - 1
    fake = real * torch.linspace(0.95, 0.5, 6)[:, None, None, None]
    curve = Curve(6)
    curve.update(per_frame(psnr, fake, real))
    assert (curve.compute().diff() < 0).all()


def two_objects(frames: int = 4) -> tuple[Tensor, Tensor]:
    """Return a video ``(1, T, 3, 8, 16)`` and ids: object 3 left, 1000 right, nothing (0) in the lower half."""
    video = torch.full((1, frames, 3, 8, 16), 0.2)
    ids = torch.zeros(1, frames, 1, 8, 16, dtype=torch.int32)
    ids[..., :4, :8], ids[..., :4, 8:] = 3, 1000
    return video, ids


def test_an_object_that_keeps_its_colour_does_not_drift_however_it_moves() -> None:
    video, ids = two_objects()
    video[..., :4, 8:] = torch.rand(1, 1, 3, 4, 8)
    drifting = instance_colour_drifts(video, ids)
    assert drifting.tolist() == pytest.approx([0, 0], abs=1e-6)
    assert instance_colour_drifts(video.roll(3, -1), ids.roll(3, -1)).tolist() == pytest.approx([0, 0], abs=1e-6)


def test_the_drift_is_the_deviation_of_the_mean_colour_in_lab() -> None:
    video, ids = two_objects()
    colours = torch.rand(4, 3, dtype=torch.float64)
    video = video.double()
    video[0, :, :, :4, 8:] = colours[:, :, None, None] * 2 - 1
    lab = torch.from_numpy(rgb2lab(colours.numpy()))
    expected = (lab - lab.mean(0)).square().sum(1).mean().sqrt().item()
    # the two libraries round the matrix of sRGB and the white point differently
    assert instance_colour_drifts(video, ids).tolist() == pytest.approx([0, expected], rel=1e-2)
    assert instance_colour_drifts(video, ids, first_id=1000).tolist() == pytest.approx([expected], rel=1e-2)


def test_the_more_a_colour_drifts_the_larger_it_is() -> None:
    video, ids = two_objects()
    drifts = []
    for strength in (0.0, 0.1, 0.2, 0.4):
        spoilt = video.clone()
        spoilt[:, :, 0, :4, 8:] += strength * torch.linspace(0, 1, 4)[None, :, None, None]
        drifts.append(instance_colour_drifts(spoilt, ids)[1].item())
    assert drifts == sorted(drifts)
    assert drifts[1] > 1


def test_objects_that_are_small_or_short_to_be_seen_do_not_count() -> None:
    video, ids = two_objects()
    video = video + torch.randn(1, 4, 3, 1, 1) * 0.1
    assert len(instance_colour_drifts(video, ids, least_pixels=32)) == 2
    assert len(instance_colour_drifts(video, ids, least_pixels=33)) == 0
    ids[:, 2:, :, :4, 8:] = 0
    assert len(instance_colour_drifts(video, ids)) == 1
    assert len(instance_colour_drifts(video, ids, least_frames=2)) == 2


def test_a_frame_in_which_an_object_is_hidden_does_not_change_its_drift() -> None:
    video, ids = two_objects()
    video[:, :, 0, :4, 8:] += torch.tensor([0.0, 0.1, 0.7, 0.2])[None, :, None, None]
    ids[:, 2, :, :4, 8:] = 0
    shown = torch.tensor([0, 1, 3])
    expected = instance_colour_drifts(video[:, shown], ids[:, shown])[1].item()
    assert instance_colour_drifts(video, ids)[1].item() == pytest.approx(expected)


def test_equal_ids_in_two_clips_are_two_objects_of_equal_weight() -> None:
    video, ids = two_objects()
    drifting = video.clone()
    drifting[:, :, 0, :4, 8:] += torch.linspace(0, 0.5, 4)[None, :, None, None]
    drift = instance_colour_drifts(drifting, ids)[1].item()
    metric = InstanceColourDrift()
    metric.update(torch.cat([video, drifting]), ids.expand(2, -1, -1, -1, -1))
    assert metric.compute().item() == pytest.approx(drift / 4)
    with pytest.raises(ValueError, match="instances must be"):
        metric.update(video, ids[:, :2])
