"""Colours of objects that drift."""

import pytest
import torch
from skimage.color import rgb2lab
from torch import Tensor

from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.colour_drift import ColourDrift, colour_drifts, object_colours


def drifts_of(video: Tensor, ids: Tensor, first_id: int = 1, **least: int) -> Tensor:
    return colour_drifts(object_colours(video[0], ids[0], first_id), **least)


def two_objects(frames: int = 4) -> tuple[Tensor, Tensor]:
    """Return a video ``(1, T, 3, 8, 16)`` and ids: object 3 left, 1000 right, nothing (0) in the lower half."""
    video = torch.full((1, frames, 3, 8, 16), 0.2)
    ids = torch.zeros(1, frames, 1, 8, 16, dtype=torch.int32)
    ids[..., :4, :8], ids[..., :4, 8:] = 3, 1000
    return video, ids


def test_an_object_that_keeps_its_colour_does_not_drift_however_it_moves() -> None:
    video, ids = two_objects()
    video[..., :4, 8:] = torch.rand(1, 1, 3, 4, 8)
    drifting = drifts_of(video, ids)
    assert drifting.tolist() == pytest.approx([0, 0], abs=1e-6)
    assert drifts_of(video.roll(3, -1), ids.roll(3, -1)).tolist() == pytest.approx([0, 0], abs=1e-6)


def test_the_drift_is_the_deviation_of_the_mean_colour_in_lab() -> None:
    video, ids = two_objects()
    colours = torch.rand(4, 3, dtype=torch.float64)
    video = video.double()
    video[0, :, :, :4, 8:] = colours[:, :, None, None] * 2 - 1
    lab = torch.from_numpy(rgb2lab(colours.numpy()))
    expected = (lab - lab.mean(0)).square().sum(1).mean().sqrt().item()
    # the two libraries round the matrix of sRGB and the white point differently
    assert drifts_of(video, ids).tolist() == pytest.approx([0, expected], rel=1e-2)
    assert drifts_of(video, ids, first_id=1000).tolist() == pytest.approx([expected], rel=1e-2)


def test_the_more_a_colour_drifts_the_larger_it_is() -> None:
    video, ids = two_objects()
    drifts = []
    for strength in (0.0, 0.1, 0.2, 0.4):
        spoilt = video.clone()
        spoilt[:, :, 0, :4, 8:] += strength * torch.linspace(0, 1, 4)[None, :, None, None]
        drifts.append(drifts_of(spoilt, ids)[1].item())
    assert drifts == sorted(drifts)
    assert drifts[1] > 1


def test_objects_that_are_small_or_short_to_be_seen_do_not_count() -> None:
    video, ids = two_objects()
    video = video + torch.randn(1, 4, 3, 1, 1) * 0.1
    assert len(drifts_of(video, ids, least_pixels=32)) == 2
    assert len(drifts_of(video, ids, least_pixels=33)) == 0
    ids[:, 2:, :, :4, 8:] = 0
    assert len(drifts_of(video, ids)) == 1
    assert len(drifts_of(video, ids, least_frames=2)) == 2


def test_a_frame_in_which_an_object_is_hidden_does_not_change_its_drift() -> None:
    video, ids = two_objects()
    video[:, :, 0, :4, 8:] += torch.tensor([0.0, 0.1, 0.7, 0.2])[None, :, None, None]
    ids[:, 2, :, :4, 8:] = 0
    shown = torch.tensor([0, 1, 3])
    expected = drifts_of(video[:, shown], ids[:, shown])[1].item()
    assert drifts_of(video, ids)[1].item() == pytest.approx(expected)


def test_equal_ids_in_two_clips_are_two_objects_of_equal_weight() -> None:
    video, ids = two_objects()
    drifting = video.clone()
    drifting[:, :, 0, :4, 8:] += torch.linspace(0, 0.5, 4)[None, :, None, None]
    drift = drifts_of(drifting, ids)[1].item()
    metric = ColourDrift()
    real = torch.cat([video, drifting])
    metric.update(real, ReferenceClip(real, instance=ids.expand(2, -1, -1, -1, -1)))
    assert metric.compute().item() == pytest.approx(drift / 4)
    with pytest.raises(ValueError, match="instances must be"):
        object_colours(video[0], ids[0, :2])
