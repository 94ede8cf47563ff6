"""Feature matching and the masked distance, against closed forms."""

import pytest
import torch

from vid2vid.config import PatchDiscriminatorConfig
from vid2vid.discriminator import MultiScaleDiscriminator, Verdict
from vid2vid.losses import feature_matching, masked_l1


def verdict(*scales: list[float]) -> Verdict:
    """Return a verdict with plain features of the given values, sized differently in each layer."""
    return [[torch.full((2, 3 + i, 4 + i, 5), value) for i, value in enumerate(scale)] for scale in scales]


def test_equal_features_have_no_distance() -> None:
    discriminator = MultiScaleDiscriminator(3, PatchDiscriminatorConfig(base_channels=2, layers=2, scales=2))
    image = torch.rand(1, 3, 24, 24)
    assert feature_matching(discriminator(image), discriminator(image)) == 0


def test_layers_weigh_four_over_their_number_and_scales_are_averaged() -> None:
    # 3 stride-2 layers: 5 stages of which 4 count, each weighted 4 / 4
    real = verdict([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])
    assert feature_matching(real, verdict([1, 1, 1, 1, 0], [1, 1, 1, 1, 0])).item() == pytest.approx(4)
    assert feature_matching(real, verdict([0, 3, 0, 0, 0], [0, 0, 0, 0, 0])).item() == pytest.approx(3 / 2)
    # 2 stride-2 layers: 4 stages of which 3 count, each weighted 4 / 3
    assert feature_matching(verdict([0, 0, 0, 0]), verdict([0, -1, 0, 0])).item() == pytest.approx(4 / 3)


def test_the_logits_do_not_count() -> None:
    assert feature_matching(verdict([1, 2, 5]), verdict([1, 2, -5])) == 0


def test_the_gradient_runs_to_the_fake_alone() -> None:
    (real,), (fake,) = verdict([1.0, 2.0, 3.0]), verdict([3.0, 1.0, 3.0])
    leaves = [feature.requires_grad_() for feature in (*real, *fake)]
    gradients = torch.autograd.grad(feature_matching([real], [fake]), leaves, allow_unused=True)
    # of each the last are the logits
    assert [gradient is not None for gradient in gradients] == [False, False, False, True, True, False]


def test_verdicts_of_different_scales_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        feature_matching(verdict([0, 0], [0, 0]), verdict([0, 0]))


def test_masked_l1_is_the_mean_with_masked_points_counting_as_equal() -> None:
    a, b = torch.zeros(1, 2, 1, 4), torch.tensor([1.0, -2.0, 3.0, 100.0]).expand(1, 2, 1, 4)
    assert masked_l1(a, b).item() == pytest.approx(106 / 4)
    mask = torch.tensor([1.0, 1.0, 0.5, 0.0]).view(1, 1, 1, 4)
    assert masked_l1(a, b, mask).item() == pytest.approx((1 + 2 + 1.5 + 0) / 4)
