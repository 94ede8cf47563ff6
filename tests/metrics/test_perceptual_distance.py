"""Paired distances of features: their definition, and that they order damage as people do."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from vid2vid.errors import ConfigError
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.energy import SpatialEnergy
from vid2vid.metrics.frechet import ImageFrechetDistance
from vid2vid.metrics.perceptual_distance import (
    PerceptualChange,
    PerceptualDistance,
    perceptual_change,
    perceptual_distance,
)


class Two(nn.Module):
    """Two maps: the image itself, and its mean."""

    def forward(self, images: Tensor) -> list[Tensor]:
        return [images, images.mean((2, 3), keepdim=True)]


def flat(*colours: tuple[float, float, float]) -> Tensor:
    """Return a video ``(1, T, 3, 4, 4)`` of uniform frames."""
    return torch.tensor(colours)[None, :, :, None, None].expand(-1, -1, -1, 4, 4)


def test_of_uniform_frames_it_is_that_of_their_divided_colours() -> None:
    fake, real = flat((1, 0, 0), (0, 0, 0)), flat((0, 1, 0), (0, 0, 0.5))
    # (1, 0, 0) becomes (1, 0, 0) / sqrt(2), and so on; both maps hold the same
    expected = [2 * (0.5 + 0.5), 2 * 0.25 / 1.25]
    assert perceptual_distance(fake, real, Two())[0].tolist() == pytest.approx(expected)
    with pytest.raises(ValueError, match="one shape"):
        perceptual_distance(fake, real[:, :1], Two())


def test_the_change_is_the_difference_of_the_changes() -> None:
    fake, real = flat((1, 0, 0), (0, 1, 0), (0, 1, 0)), flat((0, 0, 0), (0, 0, 0.5), (0, 0, 0.5))
    assert perceptual_change(fake, real, Two())[0].tolist() == pytest.approx([2 * (1 - 0.2), 0])


def test_a_vector_is_a_map_of_one_point() -> None:
    fake, real = flat((1, 0, 0)), flat((0, 1, 0))
    assert perceptual_distance(fake, real, lambda images: images.mean((2, 3))).item() == pytest.approx(1)


@pytest.mark.parametrize(("kind", "degrees"), [("blur", (0.6, 1, 2)), ("noise", (0.03, 0.1, 0.3))])
def test_the_more_a_frame_is_spoilt_the_farther_it_is(
    kind: str, degrees: tuple[Any, ...], streets: Tensor, damages: Mapping[str, Any]
) -> None:
    real, network = streets[:3, :3], SpatialEnergy()
    scores = [perceptual_distance(damages[kind](real, degree), real, network).mean().item() for degree in degrees]
    assert scores == sorted(scores)
    assert scores[-1] > 3 * scores[0] > 0


def test_a_shift_of_one_pixel_is_less_than_a_blur_that_differs_less(
    streets: Tensor, damages: Mapping[str, Any]
) -> None:
    real = streets[:4, :2]
    blurred, shifted = damages["blur"](real, 1.5), torch.roll(real, 1, -1)
    assert (shifted - real).square().mean() > (blurred - real).square().mean()
    of_shift, of_blur = (perceptual_distance(fake, real, SpatialEnergy()).mean() for fake in (shifted, blurred))
    assert of_shift < of_blur


RISING: dict[str, tuple[Any, ...]] = {
    "noise": (0.03, 0.1, 0.3),
    "shuffle": (2, 4, 12),
    "halt": (3, 6, 11),
    "jitter": (1, 2, 4),
    "flicker": (0.03, 0.1, 0.3),
}


@pytest.mark.parametrize("kind", RISING)
def test_the_more_the_changes_are_spoilt_the_more_they_differ(
    kind: str, streets: Tensor, damages: Mapping[str, Any]
) -> None:
    real, network = streets[:4], SpatialEnergy()
    scores = [perceptual_change(damages[kind](real, degree), real, network).mean().item() for degree in RISING[kind]]
    assert scores == sorted(scores)
    assert scores[-1] > 1.5 * scores[0] > 0


def test_jumps_after_a_stand_count_as_well_as_the_stand(streets: Tensor, damages: Mapping[str, Any]) -> None:
    real, network = streets[:4], SpatialEnergy()
    jumping, standing = (perceptual_change(damages["freeze"](real, n), real, network).mean() for n in (4, 12))
    assert jumping > standing > 0


@pytest.mark.parametrize("metric", [PerceptualDistance, PerceptualChange])
def test_the_classes_average_the_functions(metric: type[PerceptualDistance | PerceptualChange]) -> None:
    function = perceptual_distance if metric is PerceptualDistance else perceptual_change
    fake, real = torch.rand(2, 3, 4, 3, 32, 32)
    mean = metric()
    for part in ([0], [1, 2]):
        mean.update(fake[part], ReferenceClip(real[part]))
    assert mean.compute().item() == pytest.approx(function(fake, real, SpatialEnergy()).mean().item(), rel=1e-6)
    with pytest.raises(ConfigError, match="no such file"):
        metric("alexnet.pt")


def test_a_given_frame_is_no_frame_but_the_past_of_the_next() -> None:
    fake, real = torch.rand(2, 1, 5, 3, 32, 32)
    for metric, function, first in (
        (PerceptualDistance(), perceptual_distance, 2),
        (PerceptualChange(), perceptual_change, 1),
    ):
        metric.update(fake, ReferenceClip(real, given=2))
        assert metric.compute().item() == pytest.approx(function(fake, real, SpatialEnergy())[:, first:].mean().item())


def test_metrics_of_one_network_share_its_features() -> None:
    class Counting(Two):
        frames = 0

        def forward(self, images: Tensor) -> list[Tensor]:
            Counting.frames += len(images)
            return super().forward(images)

    network = Counting()
    metrics = [PerceptualDistance(network), PerceptualChange(network), ImageFrechetDistance(network)]
    fake, reference = torch.rand(1, 4, 3, 8, 8), ReferenceClip(torch.rand(1, 4, 3, 8, 8))
    for metric in metrics:
        metric.update(fake, reference)
    assert Counting.frames == 4 + 4
