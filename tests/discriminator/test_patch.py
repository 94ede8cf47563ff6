"""PatchGANs on a pyramid: the features that they return, in one pass or several."""

import pytest
import torch
from torch import Tensor, nn

from vid2vid.config import PatchDiscriminatorConfig
from vid2vid.discriminator.patch import MultiScaleDiscriminator, PatchFeatures


def small(norm: str = "instance", layers: int = 2, scales: int = 2) -> MultiScaleDiscriminator:
    """Build a small discriminator of 3 channels, in float64."""
    config = PatchDiscriminatorConfig(base_channels=4, layers=layers, scales=scales, norm=norm)
    return MultiScaleDiscriminator(3, config).double()


def images(batch: int) -> Tensor:
    """Draw images."""
    return torch.rand(batch, 3, 32, 40, dtype=torch.float64) * 2 - 1


def assert_same(features: PatchFeatures, expected: PatchFeatures) -> None:
    """Compare all features; the same arithmetic in float64."""
    for scale, expected_scale in zip(features, expected, strict=True):
        for feature, expected_feature in zip(scale, expected_scale, strict=True):
            torch.testing.assert_close(feature, expected_feature, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("layers", "scales"), [(1, 1), (2, 3), (3, 2)])
def test_features_of_every_layer_and_scale_come_back(layers: int, scales: int) -> None:
    features = small(layers=layers, scales=scales)(images(2))
    assert len(features) == scales
    # `layers` of stride 2, one of stride 1, the logits
    assert [len(scale) for scale in features] == [layers + 2] * scales
    for i, scale in enumerate(features):
        assert scale[-1].shape[:2] == (2, 1)
        # padding 2 of a 4 x 4 kernel at stride 2 rounds up: n -> n // 2 + 1
        assert scale[0].shape[-2:] == (32 // 2**i // 2 + 1, 40 // 2**i // 2 + 1)
        assert scale[0].shape[1] == 4 * 2**i
        assert scale[1].shape[1] == 2 * scale[0].shape[1]


def test_coarser_scales_are_wider_up_to_64() -> None:
    discriminator = MultiScaleDiscriminator(3, PatchDiscriminatorConfig(base_channels=24, layers=1, scales=3))
    widths = [scale[0].shape[1] for scale in discriminator(images(1).float())]
    assert widths == [24, 48, 64]


def test_the_widest_layer_has_512_channels() -> None:
    discriminator = MultiScaleDiscriminator(1, PatchDiscriminatorConfig(base_channels=64, layers=4, scales=1))
    kernels = [p.shape[0] for name, p in discriminator.named_parameters() if p.ndim == 4]
    assert kernels == [64, 128, 256, 512, 512, 1]


@pytest.mark.parametrize("training", [False, True])
def test_with_spectral_norm_no_weight_enlarges_what_it_is_given(training: bool) -> None:
    discriminator = small("spectral").train(training)
    convolutions = [module for module in discriminator.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 2 * 4
    for _ in range(30):
        # large steps: power iteration must keep up
        loss = torch.stack([scale[-1].mean() for scale in discriminator(images(2))]).sum()
        weights = list(discriminator.parameters())
        for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            weight.data -= 0.1 * gradient * training
    norms = [torch.linalg.matrix_norm(one.weight.detach().flatten(1), 2).item() for one in convolutions]
    assert max(norms) == pytest.approx(1, abs=0.05)
    assert min(norms) == pytest.approx(1, abs=0.05)


def test_spectral_norm_begins_with_the_same_weights_as_the_others() -> None:
    torch.manual_seed(0)
    discriminator = MultiScaleDiscriminator(64, PatchDiscriminatorConfig(norm="spectral"))
    kernels = [p for name, p in discriminator.named_parameters() if name.endswith("weight.original")]
    assert len(kernels) == 2 * 5
    assert float(kernels[1].std()) == pytest.approx(0.02, rel=0.02)


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_judging_in_one_go_equals_separate_passes(norm: str) -> None:
    discriminator, batches = small(norm), (images(2), images(1), images(3))
    together = discriminator.features(*batches)
    assert len(together) == 3
    for features, batch in zip(together, batches, strict=True):
        assert_same(features, discriminator(batch))


def test_with_batch_norm_one_pass_would_be_another() -> None:
    # why `features` looks at the norm
    discriminator, real, fake = small("batch"), images(2), images(2) * 0.1
    both = discriminator(torch.cat([real, fake]))
    assert not torch.allclose(both[0][-1][:2], discriminator(real)[0][-1], atol=1e-3)


def test_gradients_reach_the_picture_from_every_scale() -> None:
    discriminator = small(scales=3)
    for i in range(3):
        picture = images(1).requires_grad_()
        (gradient,) = torch.autograd.grad(discriminator(picture)[i][-1].square().sum(), picture)
        assert gradient.abs().max() > 0
