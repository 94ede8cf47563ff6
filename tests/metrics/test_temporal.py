"""Warping errors of videos that move as their flow says, and differences of flows."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.temporal import FlowDifference, WarpingError, flow_difference, warping_error, warping_errors
from vid2vid.ops import warp
from vid2vid.street import Street
from vid2vid.types import Flow


@pytest.mark.parametrize("frames", [2, 6])
def test_a_video_made_by_warping_has_no_warping_error(frames: int) -> None:
    flow = 3 * torch.randn(2, frames - 1, 2, 16, 24)
    video = [torch.rand(2, 3, 16, 24) * 2 - 1]
    for t in range(frames - 1):
        video.append(warp(video[-1], flow[:, t]))
    assert warping_error(torch.stack(video, dim=1), flow, torch.ones(2, frames - 1, 1, 16, 24)) < 1e-6


@pytest.fixture(scope="module")
def drive() -> tuple[Tensor, Tensor, Tensor]:
    """Two drives ``(2, 6, 3, 40, 80)`` with their exact flow and visibility."""
    videos, flows, visibilities = [], [], []
    for street in (Street(seed, 40, 80) for seed in (1, 2)):
        videos.append(torch.stack([torch.from_numpy(street.render(t).rgb) for t in range(6)]))
        motion = [street.flow(t) for t in range(1, 6)]
        flows.append(torch.stack([torch.from_numpy(vectors) for vectors, _ in motion]))
        visibilities.append(torch.stack([torch.from_numpy(seen)[None] for _, seen in motion]))
    return torch.stack(videos).movedim(-1, 2) / 127.5 - 1, torch.stack(flows), torch.stack(visibilities).float()


@pytest.mark.parametrize(
    ("kind", "degrees"), [("noise", (0.03, 0.1, 0.3)), ("jitter", (1, 2, 4)), ("flicker", (0.03, 0.1, 0.3))]
)
def test_the_less_coherent_a_video_is_the_larger_is_its_warping_error(
    kind: str, degrees: tuple[Any, ...], drive: tuple[Tensor, Tensor, Tensor], damages: Mapping[str, Any]
) -> None:
    video, flow, visible = drive
    errors = [
        warping_error(each, flow, visible).item() for each in (video, *(damages[kind](video, d) for d in degrees))
    ]
    assert errors == sorted(errors)
    assert errors[-1] > 1.5 * errors[0]


def test_flows_differ_by_the_distance_of_their_ends() -> None:
    real = torch.randn(2, 3, 2, 4, 5)
    fake = real + torch.tensor([3.0, -4.0])[:, None, None]
    assert flow_difference(fake, real) == pytest.approx(torch.full((2, 3, 1, 4, 5), 5.0), rel=1e-6)
    with pytest.raises(ValueError, match="one shape"):
        flow_difference(fake, real[:1])


def sliding_video(frames: int = 4, step: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    """Return a video that is shifted ``step`` pixels to the right a frame, its flow, and where it was visible."""
    wide = torch.rand(2, 3, 16, 40) * 2 - 1
    video = torch.stack([wide[..., 20 - step * t : 36 - step * t] for t in range(frames)], dim=1)
    flow = torch.zeros(2, frames - 1, 2, 16, 16)
    flow[:, :, 0] = -step
    visible = torch.ones(2, frames - 1, 1, 16, 16)
    visible[..., :step] = 0
    return video, flow, visible


def test_a_video_that_moves_as_its_flow_says_has_no_warping_error() -> None:
    video, flow, visible = sliding_video()
    # bilinear at whole pixels, in float32: rounding of the positions
    assert warping_error(video, flow, visible) < 1e-5
    assert warping_error(video, torch.zeros_like(flow), visible) > 0.1


def test_the_warping_error_is_the_mean_change_over_visible_points_in_units_of_0_to_1() -> None:
    video, flow, visible = sliding_video(frames=3)
    video[:, 2] += 0.2
    visible[:, :, :, :8] = 0
    # one of two transitions is off by 0.2 of 2
    assert warping_error(video, flow, visible).item() == pytest.approx(0.05, abs=1e-5)


def test_with_nothing_visible_there_is_no_error() -> None:
    video, flow, visible = sliding_video()
    assert warping_error(video, flow, torch.zeros_like(visible)) == 0


def test_each_pair_of_frames_has_a_warping_error() -> None:
    video, flow = torch.rand(2, 4, 3, 8, 8), torch.randn(2, 3, 2, 8, 8)
    visible = torch.ones(2, 3, 1, 8, 8)
    errors = warping_errors(video, flow, visible)
    assert errors.shape == (2, 3)
    alone = warping_error(video[1:, 2:], flow[1:, 2:], visible[1:, 2:])
    assert errors[1, 2].item() == pytest.approx(alone.item())
    assert errors.mean().item() == pytest.approx(warping_error(video, flow, visible).item(), rel=1e-6)


def clips(seed: int) -> tuple[Tensor, ReferenceClip]:
    """Return two synthesised clips and the real ones."""
    torch.manual_seed(seed)
    real, flow, visible = sliding_video(frames=5)
    return (real + 0.2 * torch.randn(real.shape)).clamp(-1, 1), ReferenceClip(real, Flow(flow, visible))


@pytest.mark.parametrize("given", [0, 1, 2])
def test_the_class_averages_the_warping_error_over_clips(given: int) -> None:
    metric, expected = WarpingError(), []
    for seed in (1, 2):
        fake, reference = clips(seed)
        metric.update(fake, ReferenceClip(reference.real, reference.flow, given))
        assert reference.flow is not None
        # the last given frame is the past of the first that counts
        past = max(given - 1, 0)
        parts = (fake, reference.flow.vectors, reference.flow.confidence)
        for clip in zip(*(part[:, past:].split(1) for part in parts), strict=True):  # type: ignore[no-untyped-call]
            expected.append(warping_error(*clip).item())
    assert metric.compute().item() == pytest.approx(sum(expected) / 4, rel=1e-6)


def test_a_given_frame_that_is_wrong_counts_only_as_the_past() -> None:
    fake, reference = clips(3)
    reference = ReferenceClip(reference.real, reference.flow, given=2)
    changed = fake.clone()
    changed[:, 0] *= -1
    one, other = WarpingError(), WarpingError()
    one.update(fake, reference)
    other.update(changed, reference)
    assert one.compute() == other.compute()


def test_without_a_flow_there_is_no_warping_error() -> None:
    with pytest.raises(ValueError, match=r"needs the flow of the real video: ReferenceClip\(real, flow\)"):
        WarpingError().update(torch.zeros(1, 2, 3, 8, 8), ReferenceClip(torch.zeros(1, 2, 3, 8, 8)))


class Table:
    """Estimates flows by looking them up: the brightness of a frame's corner is its place in the table."""

    name = "table"

    def __init__(self, vectors: Tensor, confidence: Tensor) -> None:
        self.vectors, self.confidence = vectors, confidence

    def __call__(self, previous: Tensor, current: Tensor) -> Flow:
        places = current[:, 0, 0, 0].long()
        return Flow(self.vectors[places], self.confidence[places])


def test_points_without_confidence_do_not_count_whatever_their_flow() -> None:
    size = 16
    vectors, confidence = torch.zeros(4, 2, size, size), torch.ones(4, 1, size, size)
    vectors[2, 0], vectors[3, 0] = 2, 1
    # the confidence is that of the real video's flow
    vectors[3, :, 8:], confidence[1, :, 8:] = 1e9, 0
    frames = torch.arange(4.0)[:, None, None, None].expand(-1, 3, size, size)
    # two pairs: real flows 0 and 1 of the table, those of the synthesised video 2 and 3
    real, fake = frames[[0, 0, 1]][None], frames[[0, 2, 3]][None]
    metric = FlowDifference(Table(vectors, confidence))
    metric.update(fake, ReferenceClip(real))
    assert metric.compute().item() == pytest.approx((2 * 2 + 1 * 1) / 3)
    # a clip of one pair more
    metric.update(fake[:, :2], ReferenceClip(real[:, :2]))
    assert metric.compute().item() == pytest.approx((5 / 3 + 2) / 2)


def test_frames_that_dis_would_have_to_pad_are_left_out_with_a_note() -> None:
    metric = FlowDifference()
    metric.update(torch.zeros(1, 2, 3, 15, 40), ReferenceClip(torch.zeros(1, 2, 3, 15, 40)))
    assert metric.figure("flow_difference") is None
    assert metric.notes == ["tOF: left out of clips whose frames have a side of less than 16 pixels."]


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_without_points_there_is_no_mean() -> None:
    with pytest.raises(ValueError, match="FlowDifference: nothing was added that counts"):
        FlowDifference().compute()
