"""Motion: warping errors of videos that are made by warping, and differences of flows."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from vid2vid.metrics import FlowDifference, flow_difference, warping_error
from vid2vid.ops import warp
from vid2vid.street import Street


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


def test_points_without_confidence_do_not_count_whatever_their_flow() -> None:
    real = torch.zeros(1, 2, 2, 4, 4)
    fake, confidence = real.clone(), torch.ones(1, 2, 1, 4, 4)
    fake[:, 0, 0] = 2
    fake[:, 1, 0] = 1
    fake[:, 1, :, 2:], confidence[:, 1, :, 2:] = float("nan"), 0
    metric = FlowDifference()
    metric.update(fake, real, confidence)
    assert metric.compute().item() == pytest.approx((16 * 2 + 8 * 1) / 24)
    metric.update(fake[:, :1], real[:, :1])
    assert metric.compute().item() == pytest.approx((16 * 2 + 8 * 1 + 16 * 2) / 40)


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_without_points_there_is_no_mean() -> None:
    with pytest.raises(ValueError, match="FlowDifference: nothing was added that counts"):
        FlowDifference().compute()
