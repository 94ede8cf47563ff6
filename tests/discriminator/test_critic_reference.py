"""D_I and D_V against recordings of the reference implementation: features, losses and the gradient to the fake.

The features are equal to the rounding of single layers, 1e-5; the losses are means of numbers up to about 10; the
gradient has passed through all the layers twice. 1e-4 for all of them leaves room for other processors.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from vid2vid.discriminator import MultiScaleDiscriminator
from vid2vid.losses import ADVERSARIAL, feature_matching
from vid2vid.settings import DiscriminatorConfig

if TYPE_CHECKING:
    from tests.conftest import Recording

BOUND = 1e-4
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


@pytest.fixture(params=["a_D_image", "a_D_video"])
def recorded(request: pytest.FixtureRequest, recording: "Callable[[str], Recording]") -> "Recording":
    """D_I with batch norm, and D_V with instance norm."""
    return recording(str(request.param))


@pytest.fixture
def discriminator(recorded: "Recording") -> MultiScaleDiscriminator:
    """The discriminator with the recorded settings and weights."""
    config = recorded.config
    size = DiscriminatorConfig(config["ndf"], config["n_layers_D"], config["num_D"], config["norm"])
    discriminator = MultiScaleDiscriminator(config["input_nc"], size)
    weights = recorded.group("netD")
    if config["norm"] == "instance":
        # the reference's instance norm keeps statistics that it does not use
        weights = {key: value for key, value in weights.items() if not key.endswith(STATISTICS)}
    discriminator.load_state_dict({_renamed(key, config["num_D"]): value for key, value in weights.items()})
    return discriminator


def _renamed(key: str, scales: int) -> str:
    """Translate a name; the reference counts its networks from the coarsest scale, its features from the finest."""
    found = re.fullmatch(r"scale(\d+)_layer(\d+)\.(.*)", key)
    assert found, key
    return f"scales.{scales - 1 - int(found[1])}.stages.{found[2]}.{found[3]}"


def distance(a: Tensor, b: Tensor) -> float:
    """Return the largest difference."""
    assert a.shape == b.shape
    return (a - b).abs().max().item()


def test_the_features_equal_the_reference(recorded: "Recording", discriminator: MultiScaleDiscriminator) -> None:
    verdict = discriminator(recorded.tensors["input/real"])
    expected = {key: value for key, value in recorded.group("output").items() if key.startswith("real_scale")}
    assert len(expected) == sum(len(scale) for scale in verdict)
    for i, scale in enumerate(verdict):
        for j, feature in enumerate(scale):
            assert distance(feature, expected[f"real_scale{i}_layer{j}"]) <= BOUND, f"scale {i}, layer {j}"


def test_the_losses_and_the_gradient_equal_the_reference(
    recorded: "Recording", discriminator: MultiScaleDiscriminator
) -> None:
    given, expected = recorded.group("input"), recorded.group("output")
    fake_input = given["fake"].requires_grad_()
    real, fake = discriminator.judge(given["real"], fake_input)
    least_squares = ADVERSARIAL["least_squares"]
    gan = least_squares.generator(fake)
    matching = recorded.config["lambda_feat"] * feature_matching(real, fake)
    on_real = torch.stack([least_squares.real(scale[-1]) for scale in real]).sum()
    on_fake = torch.stack([least_squares.fake(scale[-1]) for scale in fake]).sum()
    assert distance(gan.detach(), expected["g_gan"]) <= BOUND
    assert distance(matching.detach(), expected["g_feature_matching"]) <= BOUND
    assert distance(on_real.detach(), expected["d_real"]) <= BOUND
    assert distance(on_fake.detach(), expected["d_fake"]) <= BOUND
    # the reference halves the sum outside of what was recorded
    assert distance(least_squares.critic(real, fake), (on_real + on_fake) / 2) <= BOUND
    (gradient,) = torch.autograd.grad(gan + matching, fake_input)
    recorded_gradient = expected["grad_fake_from_g"]
    # the gradient's own size is far below 1: compare with it
    assert distance(gradient, recorded_gradient) <= BOUND * recorded_gradient.abs().max()
