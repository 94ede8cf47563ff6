"""The GAN losses against closed forms."""

import math

import pytest
import torch
from torch import Tensor

from vid2vid.config.optimization import ADVERSARIAL_LOSSES
from vid2vid.discriminator import Verdict
from vid2vid.losses import ADVERSARIAL, Adversarial


def logits(*scales: float) -> Verdict:
    """Return a verdict of one plain logit map a scale; its features must not count."""
    return [[torch.full((2, 5, 4, 4), 99.0), torch.full((2, 1, 3, 3), value)] for value in scales]


def log_sigmoid(value: float) -> float:
    """Return log(sigmoid(value)), as written."""
    return math.log(1 / (1 + math.exp(-value)))


def test_every_form_of_the_settings_exists() -> None:
    assert set(ADVERSARIAL) == set(ADVERSARIAL_LOSSES)


# D says a of the real and b of the fake; each entry: loss on the real, on the fake, and of F
@pytest.mark.parametrize(
    ("name", "real", "fake", "fool"),
    [
        ("least_squares", (0.3 - 1) ** 2, 2.0**2, (2.0 - 1) ** 2),
        # Eq. 6: D maximises log D(x) + log(1 - D(x̃)) with D = sigmoid(logit); F maximises log D(x̃)
        ("log", -log_sigmoid(0.3), -math.log(1 - 1 / (1 + math.exp(-2.0))), -log_sigmoid(2.0)),
        ("hinge", 1 - 0.3, 1 + 2.0, -2.0),
    ],
)
def test_each_form_has_its_value(name: str, real: float, fake: float, fool: float) -> None:
    loss = ADVERSARIAL[name]
    assert loss.real(torch.full((4,), 0.3)).item() == pytest.approx(real, rel=1e-6)
    assert loss.fake(torch.full((4,), 2.0)).item() == pytest.approx(fake, rel=1e-6)
    assert loss.fool(torch.full((4,), 2.0)).item() == pytest.approx(fool, rel=1e-6)


def test_hinge_leaves_those_alone_that_are_right_by_a_margin() -> None:
    assert ADVERSARIAL["hinge"].real(torch.tensor([1.5, 3.0])) == 0
    assert ADVERSARIAL["hinge"].fake(torch.tensor([-1.5, -3.0])) == 0


@pytest.mark.parametrize(("name", "sure"), [("least_squares", 0.6), ("log", 0.1), ("hinge", 0.1)])
def test_accuracy_counts_the_patches_that_d_tells_right(name: str, sure: float) -> None:
    loss, unsure = ADVERSARIAL[name], sure - 0.2
    assert loss.accuracy(logits(sure), logits(unsure)) == 1
    assert loss.accuracy(logits(unsure), logits(sure)) == 0
    # both scales of the real right, one of the two of the fake
    assert loss.accuracy(logits(sure, sure), logits(unsure, sure)) == pytest.approx(0.75)


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_losses_are_means_over_the_patches(name: str) -> None:
    loss, values = ADVERSARIAL[name], torch.randn(2, 1, 5, 7)
    for part in (loss.real, loss.fake, loss.fool):
        each = torch.stack([part(value) for value in values.flatten()])
        torch.testing.assert_close(part(values), each.mean())


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_the_critic_gets_half_the_sum_over_scales_and_f_the_sum(name: str) -> None:
    loss = ADVERSARIAL[name]
    real, fake = logits(0.5, -1.0, 2.0), logits(0.1, 0.7, -0.3)

    def summed(part: str, verdict: Verdict) -> Tensor:
        return torch.stack([getattr(loss, part)(scale[-1]) for scale in verdict]).sum()

    torch.testing.assert_close(loss.discriminator(real, fake), (summed("real", real) + summed("fake", fake)) / 2)
    torch.testing.assert_close(loss.generator(fake), summed("fool", fake))


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_the_players_pull_in_opposite_directions(name: str) -> None:
    loss: Adversarial = ADVERSARIAL[name]
    signs = {}
    for part in ("real", "fake", "fool"):
        logit = torch.zeros((), requires_grad=True)
        (gradient,) = torch.autograd.grad(getattr(loss, part)(logit), logit)
        signs[part] = math.copysign(1, gradient)
    # D wants high logits for the real and low ones for the fake, F high ones for the fake
    assert signs == {"real": -1, "fake": 1, "fool": -1}


def test_the_log_loss_stays_finite_for_a_sure_discriminator() -> None:
    for part in (ADVERSARIAL["log"].real, ADVERSARIAL["log"].fake, ADVERSARIAL["log"].fool):
        extreme = torch.tensor([-1e3, 1e3], requires_grad=True)
        (gradient,) = torch.autograd.grad(part(extreme), extreme)
        assert gradient.isfinite().all()
        assert gradient.any()


def test_half_precision_logits_are_summed_in_float32() -> None:
    # 0.1 in bfloat16 is 0.1001; squared there, the loss would be off by 4e-3
    value = torch.tensor(0.1).bfloat16()
    verdict = [[torch.full((1, 1, 100, 100), value.item(), dtype=torch.bfloat16)]]
    loss = ADVERSARIAL["least_squares"].generator(verdict)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx((value.item() - 1) ** 2, rel=1e-6)
