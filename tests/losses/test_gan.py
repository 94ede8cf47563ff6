"""The GAN losses, the R1 penalty and feature matching against closed forms."""

import math

import pytest
import torch
import torch.nn.functional as nnf
from torch import Tensor

from vid2vid.config import PatchDiscriminatorConfig
from vid2vid.config.optimization import ADVERSARIAL_LOSSES
from vid2vid.discriminator.patch import MultiScaleDiscriminator, PatchFeatures
from vid2vid.losses.gan import GAN_LOSSES, GanLoss, feature_matching, r1_penalty


def logits(*scales: float) -> PatchFeatures:
    """Return a features of one plain logit map a scale; its features must not count."""
    return [[torch.full((2, 5, 4, 4), 99.0), torch.full((2, 1, 3, 3), value)] for value in scales]


def log_sigmoid(value: float) -> float:
    """Return log(sigmoid(value)), as written."""
    return math.log(1 / (1 + math.exp(-value)))


def test_every_form_of_the_settings_exists() -> None:
    assert set(GAN_LOSSES) == set(ADVERSARIAL_LOSSES)


# D says a of the real and b of the fake; each entry: loss on the real, on the fake, and of F
@pytest.mark.parametrize(
    ("name", "real", "fake", "generated"),
    [
        ("least_squares", (0.3 - 1) ** 2, 2.0**2, (2.0 - 1) ** 2),
        # Eq. 6: D maximises log D(x) + log(1 - D(x̃)) with D = sigmoid(logit); F maximises log D(x̃)
        ("log", -log_sigmoid(0.3), -math.log(1 - 1 / (1 + math.exp(-2.0))), -log_sigmoid(2.0)),
        ("hinge", 1 - 0.3, 1 + 2.0, -2.0),
    ],
)
def test_each_form_has_its_value(name: str, real: float, fake: float, generated: float) -> None:
    loss = GAN_LOSSES[name]
    assert loss.real(torch.full((4,), 0.3)).item() == pytest.approx(real, rel=1e-6)
    assert loss.fake(torch.full((4,), 2.0)).item() == pytest.approx(fake, rel=1e-6)
    assert loss.generated(torch.full((4,), 2.0)).item() == pytest.approx(generated, rel=1e-6)


def test_hinge_leaves_those_alone_that_are_right_by_a_margin() -> None:
    assert GAN_LOSSES["hinge"].real(torch.tensor([1.5, 3.0])) == 0
    assert GAN_LOSSES["hinge"].fake(torch.tensor([-1.5, -3.0])) == 0


@pytest.mark.parametrize(("name", "sure"), [("least_squares", 0.6), ("log", 0.1), ("hinge", 0.1)])
def test_accuracy_counts_the_patches_that_d_tells_right(name: str, sure: float) -> None:
    loss, unsure = GAN_LOSSES[name], sure - 0.2
    assert loss.accuracy(logits(sure), logits(unsure)) == 1
    assert loss.accuracy(logits(unsure), logits(sure)) == 0
    # both scales of the real right, one of the two of the fake
    assert loss.accuracy(logits(sure, sure), logits(unsure, sure)) == pytest.approx(0.75)


@pytest.mark.parametrize("name", GAN_LOSSES)
def test_losses_are_means_over_the_patches(name: str) -> None:
    loss, values = GAN_LOSSES[name], torch.randn(2, 1, 5, 7)
    for part in (loss.real, loss.fake, loss.generated):
        each = torch.stack([part(value) for value in values.flatten()])
        torch.testing.assert_close(part(values), each.mean())


@pytest.mark.parametrize("name", GAN_LOSSES)
def test_d_gets_half_the_sum_over_scales_and_f_the_sum(name: str) -> None:
    loss = GAN_LOSSES[name]
    real, fake = logits(0.5, -1.0, 2.0), logits(0.1, 0.7, -0.3)

    def summed(part: str, features: PatchFeatures) -> Tensor:
        return torch.stack([getattr(loss, part)(scale[-1]) for scale in features]).sum()

    torch.testing.assert_close(loss.discriminator(real, fake), (summed("real", real) + summed("fake", fake)) / 2)
    torch.testing.assert_close(loss.generator(fake), summed("generated", fake))


@pytest.mark.parametrize("name", GAN_LOSSES)
def test_the_players_pull_in_opposite_directions(name: str) -> None:
    loss: GanLoss = GAN_LOSSES[name]
    signs = {}
    for part in ("real", "fake", "generated"):
        logit = torch.zeros((), requires_grad=True)
        (gradient,) = torch.autograd.grad(getattr(loss, part)(logit), logit)
        signs[part] = math.copysign(1, gradient)
    # D wants high logits for the real and low ones for the fake, F high ones for the fake
    assert signs == {"real": -1, "fake": 1, "generated": -1}


def test_the_log_loss_stays_finite_for_a_sure_discriminator() -> None:
    for part in (GAN_LOSSES["log"].real, GAN_LOSSES["log"].fake, GAN_LOSSES["log"].generated):
        extreme = torch.tensor([-1e3, 1e3], requires_grad=True)
        (gradient,) = torch.autograd.grad(part(extreme), extreme)
        assert gradient.isfinite().all()
        assert gradient.any()


def test_half_precision_logits_are_summed_in_float32() -> None:
    # 0.1 in bfloat16 is 0.1001; squared there, the loss would be off by 4e-3
    value = torch.tensor(0.1).bfloat16()
    features = [[torch.full((1, 1, 100, 100), value.item(), dtype=torch.bfloat16)]]
    loss = GAN_LOSSES["least_squares"].generator(features)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx((value.item() - 1) ** 2, rel=1e-6)


# ---- R1 -------------------------------------------------------------------------------------------------------------


def test_the_r1_penalty_of_a_linear_discriminator_and_its_gradient_have_a_closed_form() -> None:
    # one scale sees each pixel by itself, another one averages 2 x 2 pixels, which share their gradient
    weight = torch.tensor([[1.0, -2.0, 3.0, 10.0]], dtype=torch.float64)[..., None, None].requires_grad_()
    real = torch.rand(3, 4, 6, 8, dtype=torch.float64)

    def linear(images: Tensor) -> PatchFeatures:
        return [[nnf.conv2d(images, weight)], [nnf.conv2d(nnf.avg_pool2d(images, 2), weight)]]

    penalty = r1_penalty(linear, real, slice(0, 3))
    # gradients of a pixel: w / √48, and w / 4 / √12, which is half as much; the fourth channel is no frame
    (gradient,) = torch.autograd.grad(penalty, weight)
    assert penalty.item() == pytest.approx(0.5 * 14 * 1.5**2)
    assert gradient.flatten().tolist() == pytest.approx([1.5**2, -2 * 1.5**2, 3 * 1.5**2, 0])


@pytest.mark.parametrize("norm", ["instance", "batch", "spectral"])
def test_the_r1_penalty_goes_down_by_its_gradient(norm: str) -> None:
    torch.manual_seed(0)
    config = PatchDiscriminatorConfig(base_channels=4, layers=2, scales=2, norm=norm)
    discriminator, real = MultiScaleDiscriminator(3, config).double(), torch.rand(2, 3, 24, 24, dtype=torch.float64)
    # in training spectral norm would go on estimating
    discriminator.train(norm == "batch")
    weights = [p for p in discriminator.parameters() if p.ndim == 4]
    before = r1_penalty(discriminator, real, slice(0, 3))
    gradients = torch.autograd.grad(before, weights)
    length = sum(float(gradient.square().sum()) for gradient in gradients)
    # so short that hardly any unit gets over the kink of its LeakyReLU
    step = 1e-5 * before.item() / length
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.data -= step * gradient
    fall = before - r1_penalty(discriminator, real, slice(0, 3))
    assert fall.item() == pytest.approx(step * length, rel=0.05)


# ---- feature matching -----------------------------------------------------------------------------------------------


def features(*scales: list[float]) -> PatchFeatures:
    """Return features of the given values, sized differently in each layer."""
    return [[torch.full((2, 3 + i, 4 + i, 5), value) for i, value in enumerate(scale)] for scale in scales]


def test_equal_features_have_no_distance() -> None:
    discriminator = MultiScaleDiscriminator(3, PatchDiscriminatorConfig(base_channels=2, layers=2, scales=2))
    image = torch.rand(1, 3, 24, 24)
    assert feature_matching(discriminator(image), discriminator(image)) == 0


def test_layers_weigh_four_over_their_number_and_scales_are_averaged() -> None:
    # 3 stride-2 layers: 5 stages of which 4 count, each weighted 4 / 4
    real = features([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])
    assert feature_matching(real, features([1, 1, 1, 1, 0], [1, 1, 1, 1, 0])).item() == pytest.approx(4)
    assert feature_matching(real, features([0, 3, 0, 0, 0], [0, 0, 0, 0, 0])).item() == pytest.approx(3 / 2)
    # 2 stride-2 layers: 4 stages of which 3 count, each weighted 4 / 3
    assert feature_matching(features([0, 0, 0, 0]), features([0, -1, 0, 0])).item() == pytest.approx(4 / 3)


def test_the_logits_do_not_count() -> None:
    assert feature_matching(features([1, 2, 5]), features([1, 2, -5])) == 0


def test_the_gradient_runs_to_the_fake_alone() -> None:
    (real,), (fake,) = features([1.0, 2.0, 3.0]), features([3.0, 1.0, 3.0])
    leaves = [feature.requires_grad_() for feature in (*real, *fake)]
    gradients = torch.autograd.grad(feature_matching([real], [fake]), leaves, allow_unused=True)
    # of each the last are the logits
    assert [gradient is not None for gradient in gradients] == [False, False, False, True, True, False]


def test_features_of_different_scales_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        feature_matching(features([0, 0], [0, 0]), features([0, 0]))
