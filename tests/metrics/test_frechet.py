"""The Fréchet distance against scipy and closed forms, and of features that order damage as people do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import Tensor, nn

from vid2vid.errors import ConfigError
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.frechet import FeatureDistance, ImageFrechetDistance, VideoFrechetDistance, frechet_distance


def covariance(size: int, rank: int) -> Tensor:
    factor = torch.randn(size, rank, dtype=torch.float64)
    return factor @ factor.mT / rank


def by_scipy(one: Tensor, c: Tensor, other: Tensor, d: Tensor) -> float:
    shared = np.real(sqrtm((c @ d).numpy()))
    return float((one - other).square().sum() + c.trace() + d.trace() - 2 * np.trace(shared))


@pytest.mark.parametrize("rank", [12, 40])
def test_it_is_that_of_scipy(rank: int) -> None:
    one, other = torch.randn(2, 12, dtype=torch.float64)
    c, d = covariance(12, rank), covariance(12, 40)
    assert frechet_distance(one, c, other, d).item() == pytest.approx(by_scipy(one, c, other, d), rel=1e-9)


def test_of_gaussians_with_common_axes_it_is_the_difference_of_means_and_deviations() -> None:
    axes = torch.linalg.qr(torch.randn(6, 6, dtype=torch.float64)).Q
    one, other, s, t = torch.rand(4, 6, dtype=torch.float64)
    s[:2], t[1:3] = 0, 0  # singular, along different axes
    c, d = ((axes * deviation.square()) @ axes.mT for deviation in (s, t))
    expected = (one - other).square().sum() + (s - t).square().sum()
    assert frechet_distance(one, c, other, d).item() == pytest.approx(expected.item(), rel=1e-12)


def test_one_dimension() -> None:
    values = [torch.tensor([2.0]), torch.tensor([[9.0]]), torch.tensor([-1.0]), torch.tensor([[4.0]])]
    assert frechet_distance(*values).item() == pytest.approx(3**2 + (3 - 2) ** 2)


def test_of_singular_covariances_it_is_exact() -> None:
    mean, c = torch.zeros(60), covariance(60, 5)
    assert frechet_distance(mean, c, mean, c).item() < 1e-12 * c.trace().item()
    # scaled by 4 the deviations double: the distance is that of the deviations, the trace of C
    assert frechet_distance(mean, c, mean, 4 * c).item() == pytest.approx(c.trace().item(), rel=1e-10)
    assert frechet_distance(mean, c, mean, torch.zeros(60, 60)).item() == pytest.approx(c.trace().item(), rel=1e-10)


def test_the_class_is_the_function_of_the_samples_means_and_covariances() -> None:
    fake, real = torch.randn(30, 5, dtype=torch.float64) + 3, torch.randn(50, 5, dtype=torch.float64) * 2
    metric = FeatureDistance(5)
    for part in range(5):
        metric.update(fake[part::5], real[part::5])
    expected = frechet_distance(fake.mean(0), fake.T.cov(), real.mean(0), real.T.cov())
    assert metric.compute().item() == pytest.approx(expected.item(), rel=1e-10)
    assert metric.products.shape == (2, 5, 5)


def test_features_far_from_zero_lose_nothing() -> None:
    fake, real = torch.randn(2, 400, 3, dtype=torch.float64)
    near, far = FeatureDistance(3), FeatureDistance(3)
    near.update(fake, real)
    far.update(fake + 1e3, real + 1e3)
    # in float32 sums nothing of it would be left
    assert far.compute().item() == pytest.approx(near.compute().item(), rel=1e-6)


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_one_sample_is_too_few() -> None:
    metric = FeatureDistance(3)
    metric.update(torch.randn(1, 3), torch.randn(7, 3))
    with pytest.raises(ValueError, match="1 fake, 7 real"):
        metric.compute()


Score = Callable[[Tensor], float]


def scored(metric: type[VideoFrechetDistance | ImageFrechetDistance], real: Tensor) -> Score:
    reference = ReferenceClip(real)

    def score(fake: Tensor) -> float:
        distance = metric()
        distance.update(fake, reference)
        return float(distance.compute())

    return score


RISING: dict[str, tuple[Any, ...]] = {
    "blur": (0.6, 1.0, 2.0),
    "noise": (0.03, 0.1, 0.3),
    "shuffle": (2, 4, 12),
    "freeze": (2, 4, 12),
    "halt": (3, 6, 11),
    "jitter": (1, 2, 4),
    "flicker": (0.03, 0.1, 0.3),
}


@pytest.mark.parametrize("kind", RISING)
def test_the_more_a_video_is_spoilt_the_farther_it_is(kind: str, streets: Tensor, damages: Mapping[str, Any]) -> None:
    score = scored(VideoFrechetDistance, streets)
    scores = [score(damages[kind](streets, degree)) for degree in RISING[kind]]
    assert scores == sorted(scores)
    assert scores[0] > 0.02
    assert scores[-1] > 3 * scores[0]


@pytest.mark.parametrize("kind", ["blur", "noise", "flicker"])
def test_the_more_an_image_is_spoilt_the_farther_it_is(kind: str, streets: Tensor, damages: Mapping[str, Any]) -> None:
    score = scored(ImageFrechetDistance, streets)
    scores = [score(damages[kind](streets, degree)) for degree in RISING[kind]]
    assert scores == sorted(scores)
    assert scores[-1] > 10 * scores[0] > 0


def test_the_order_of_frames_matters_to_videos_and_not_to_images(streets: Tensor, damages: Mapping[str, Any]) -> None:
    shuffled = damages["shuffle"](streets, 12)
    assert scored(ImageFrechetDistance, streets)(shuffled) < 1e-9
    assert scored(VideoFrechetDistance, streets)(shuffled) > 0.5
    assert scored(VideoFrechetDistance, streets)(streets) < 1e-9


def test_every_window_is_a_sample() -> None:
    metric = VideoFrechetDistance(window=6, stride=3)
    metric.update(torch.rand(2, 12, 3, 16, 16), ReferenceClip(torch.rand(2, 12, 3, 16, 16)))
    assert metric.counts.tolist() == [2 * 3] * 2
    # too short for a window
    metric.update(torch.rand(1, 5, 3, 16, 16), ReferenceClip(torch.rand(1, 5, 3, 16, 16)))
    assert metric.counts.tolist() == [2 * 3] * 2
    with pytest.raises(ConfigError, match="window=4: motion_energy needs at least 5"):
        VideoFrechetDistance(window=4)
    with pytest.raises(ConfigError, match="stride=0: motion_energy needs at least 1"):
        VideoFrechetDistance(stride=0)


@pytest.mark.parametrize("stride", [1, 3, 9])
def test_windows_go_on_in_the_next_part_of_a_clip(stride: int) -> None:
    fake, real = torch.rand(2, 1, 20, 3, 16, 16)
    whole, parts = (VideoFrechetDistance(Means(), window=5, stride=stride) for _ in range(2))
    for clip in (fake, fake * 0.5):
        reference = ReferenceClip(real, given=1)
        whole.update(clip, reference)
        for times, part in reference.parts(4):
            parts.update(clip[:, times], part)
    assert whole.counts.tolist() == parts.counts.tolist() == [2 * len(range(0, 19 - 5 + 1, stride))] * 2
    assert parts.compute().item() == pytest.approx(whole.compute().item())


class Means(nn.Module):
    """Means of each channel over all else: features that are easy to foretell."""

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(2).mean(2)


Save = Callable[[nn.Module, Tensor, Path], Path]


def test_a_network_of_the_users_is_asked(tmp_path: Path, save_network: Save) -> None:
    path = save_network(Means(), torch.zeros(1, 3, 4, 8, 8), tmp_path / "means.pt")
    fake, real = torch.rand(7, 4, 3, 8, 8), torch.rand(7, 4, 3, 8, 8) * 2 - 1
    metric = VideoFrechetDistance(path, window=4)
    metric.update(fake, ReferenceClip(real))
    one, other = (video.double().mean((1, 3, 4)) for video in (fake, real))
    expected = frechet_distance(one.mean(0), one.T.cov(), other.mean(0), other.T.cov())
    assert metric.compute().item() == pytest.approx(expected.item(), rel=1e-4)
    module = VideoFrechetDistance(Means(), window=4)
    module.update(fake, ReferenceClip(real))
    assert module.compute() == metric.compute()


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_networks_that_do_not_say_how_long_their_vectors_are_need_samples_first() -> None:
    metric = VideoFrechetDistance(Means(), window=4)
    with pytest.raises(ValueError, match="0 fake, 0 real"):
        metric.compute()
    assert metric.figure("video_frechet_distance") is None


def test_one_window_is_too_few_and_a_note_says_so() -> None:
    metric = VideoFrechetDistance(Means(), window=4)
    metric.update(torch.rand(1, 4, 3, 8, 8), ReferenceClip(torch.rand(1, 4, 3, 8, 8)))
    assert metric.figure("video_frechet_distance") is None
    assert metric.notes == ["video Fréchet distance: left out, since the clips hold only one window."]


def test_a_network_of_images_cannot_take_videos(tmp_path: Path, save_network: Save) -> None:
    path = save_network(nn.Conv2d(3, 4, 3), torch.zeros(1, 3, 8, 8), tmp_path / "conv.pt")
    with pytest.raises(ConfigError, match=r"conv\.pt: cannot take inputs of the shape \(1, 3, 8, 32, 32\)"):
        VideoFrechetDistance(path).update(torch.zeros(1, 8, 3, 32, 32), ReferenceClip(torch.zeros(1, 8, 3, 32, 32)))


@pytest.mark.parametrize("dimensions", [3, None])
def test_refused_samples_leave_nothing(dimensions: int | None) -> None:
    fake, real = torch.randn(2, 30, 3, dtype=torch.float64)
    metric = FeatureDistance(dimensions)
    for one, other in ((fake, real[:, :2]), (fake[0], real)):
        with pytest.raises(ValueError, match=r"vectors must be \(N, 3\)"):
            metric.add(one, other)
    metric.add(fake, real)
    alone = FeatureDistance(3)
    alone.update(fake, real)
    assert metric.compute() == alone.compute()


def test_a_refused_part_of_a_clip_can_be_given_again() -> None:
    fake, real = torch.rand(2, 1, 20, 3, 16, 16)
    whole, parts = (VideoFrechetDistance(Means(), window=5, stride=3) for _ in range(2))
    reference = ReferenceClip(real)
    whole.update(fake, reference)
    for times, part in reference.parts(10):
        with pytest.raises(ValueError, match="zip"):
            parts.update(fake[:, times][:, :1], part)
        parts.update(fake[:, times], replace(part))
    assert parts.counts.tolist() == whole.counts.tolist()
    assert parts.compute().item() == pytest.approx(whole.compute().item())
