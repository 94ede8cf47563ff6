"""D_I, D_V and their trunk: what they see, what they return, and judging in one pass or several."""

import pytest
import torch
from torch import Tensor

from vid2vid.config import DiscriminatorsConfig, PatchDiscriminatorConfig
from vid2vid.discriminator import (
    Discriminators,
    ImageDiscriminator,
    MultiScaleDiscriminator,
    Verdict,
    VideoDiscriminator,
)


def small(norm: str = "instance", layers: int = 2, scales: int = 2) -> MultiScaleDiscriminator:
    """Build a small discriminator of 3 channels, in float64."""
    config = PatchDiscriminatorConfig(base_channels=4, layers=layers, scales=scales, norm=norm)
    return MultiScaleDiscriminator(3, config).double()


def images(batch: int) -> Tensor:
    """Draw images."""
    return torch.rand(batch, 3, 32, 40, dtype=torch.float64) * 2 - 1


def assert_same(verdict: Verdict, expected: Verdict) -> None:
    """Compare all features; the same arithmetic in float64."""
    for scale, expected_scale in zip(verdict, expected, strict=True):
        for feature, expected_feature in zip(scale, expected_scale, strict=True):
            torch.testing.assert_close(feature, expected_feature, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("layers", "scales"), [(1, 1), (2, 3), (3, 2)])
def test_features_of_every_layer_and_scale_come_back(layers: int, scales: int) -> None:
    verdict = small(layers=layers, scales=scales)(images(2))
    assert len(verdict) == scales
    # `layers` of stride 2, one of stride 1, the logits
    assert [len(scale) for scale in verdict] == [layers + 2] * scales
    for i, scale in enumerate(verdict):
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


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_judging_in_one_go_equals_separate_passes(norm: str) -> None:
    discriminator, batches = small(norm), (images(2), images(1), images(3))
    together = discriminator.judge(*batches)
    assert len(together) == 3
    for verdict, batch in zip(together, batches, strict=True):
        assert_same(verdict, discriminator(batch))


def test_with_batch_norm_one_pass_would_be_another() -> None:
    # why `judge` looks at the norm
    discriminator, real, fake = small("batch"), images(2), images(2) * 0.1
    both = discriminator(torch.cat([real, fake]))
    assert not torch.allclose(both[0][-1][:2], discriminator(real)[0][-1], atol=1e-3)


def test_gradients_reach_the_picture_from_every_scale() -> None:
    discriminator = small(scales=3)
    for i in range(3):
        picture = images(1).requires_grad_()
        (gradient,) = torch.autograd.grad(discriminator(picture)[i][-1].square().sum(), picture)
        assert gradient.abs().max() > 0


def test_the_image_critic_sees_the_condition_then_the_frame() -> None:
    frame, condition = torch.full((1, 3, 2, 2), 7.0), torch.arange(5.0).view(1, 5, 1, 1).expand(1, 5, 2, 2)
    seen = ImageDiscriminator.view(frame, condition)
    assert seen[0, :, 0, 0].tolist() == [0, 1, 2, 3, 4, 7, 7, 7]


def test_the_video_critic_sees_the_frames_oldest_first_then_the_flows_in_its_unit() -> None:
    frames = torch.arange(9.0).view(1, 3, 3, 1, 1).expand(1, 3, 3, 2, 2)
    flows = torch.tensor([20.0, -40.0, 10.0, 0.0]).view(1, 2, 2, 1, 1).expand(1, 2, 2, 2, 2)
    seen = VideoDiscriminator.view(frames, flows)
    assert seen.shape == (1, 13, 2, 2)
    assert seen[0, :, 1, 1].tolist() == [*range(9), 1, -2, 0.5, 0]


@pytest.mark.parametrize("discriminator_frames", [2, 3, 5])
def test_the_critics_take_what_their_views_give(discriminator_frames: int) -> None:
    size = PatchDiscriminatorConfig(base_channels=2, layers=1, scales=1)
    config = DiscriminatorsConfig(size, size, discriminator_frames, temporal_strides=[1, 3])
    discriminators = Discriminators(config, condition_channels=6)
    frames, flows = torch.rand(1, discriminator_frames, 3, 8, 8), torch.rand(1, discriminator_frames - 1, 2, 8, 8)
    assert len(discriminators.image(ImageDiscriminator.view(frames[:, 0], torch.rand(1, 6, 8, 8)))) == 1
    for discriminator in discriminators.video.values():
        assert len(discriminator(VideoDiscriminator.view(frames, flows))) == 1


def test_each_temporal_scale_has_a_critic_of_its_own() -> None:
    size = PatchDiscriminatorConfig(base_channels=2, layers=1, scales=1)
    discriminators = Discriminators(DiscriminatorsConfig(size, size, temporal_strides=[1, 3, 9]), condition_channels=2)
    assert list(discriminators.video) == ["1", "3", "9"]
    parameters = [id(p) for discriminator in discriminators.video.values() for p in discriminator.parameters()]
    assert len(set(parameters)) == len(parameters) == 3 * len(list(discriminators.video["1"].parameters()))
