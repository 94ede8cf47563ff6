"""D_I and D_V: what they see, and that each temporal scale has its own."""

import pytest
import torch

from vid2vid.config import DiscriminatorsConfig, PatchDiscriminatorConfig
from vid2vid.discriminator.discriminators import Discriminators, ImageDiscriminator, VideoDiscriminator


def test_the_image_discriminator_sees_the_condition_then_the_frame() -> None:
    frame, condition = torch.full((1, 3, 2, 2), 7.0), torch.arange(5.0).view(1, 5, 1, 1).expand(1, 5, 2, 2)
    seen = ImageDiscriminator.view(frame, condition)
    assert seen[0, :, 0, 0].tolist() == [0, 1, 2, 3, 4, 7, 7, 7]


def test_the_video_discriminator_sees_the_frames_oldest_first_then_the_flows_in_its_unit() -> None:
    frames = torch.arange(9.0).view(1, 3, 3, 1, 1).expand(1, 3, 3, 2, 2)
    flows = torch.tensor([20.0, -40.0, 10.0, 0.0]).view(1, 2, 2, 1, 1).expand(1, 2, 2, 2, 2)
    seen = VideoDiscriminator.view(frames, flows)
    assert seen.shape == (1, 13, 2, 2)
    assert seen[0, :, 1, 1].tolist() == [*range(9), 1, -2, 0.5, 0]


@pytest.mark.parametrize("discriminator_frames", [2, 3, 5])
def test_the_discriminators_take_what_their_views_give(discriminator_frames: int) -> None:
    size = PatchDiscriminatorConfig(base_channels=2, layers=1, scales=1)
    config = DiscriminatorsConfig(size, size, discriminator_frames, temporal_strides=[1, 3])
    discriminators = Discriminators(config, condition_channels=6)
    frames, flows = torch.rand(1, discriminator_frames, 3, 8, 8), torch.rand(1, discriminator_frames - 1, 2, 8, 8)
    assert len(discriminators.image(ImageDiscriminator.view(frames[:, 0], torch.rand(1, 6, 8, 8)))) == 1
    for discriminator in discriminators.video.values():
        assert len(discriminator(VideoDiscriminator.view(frames, flows))) == 1


def test_each_temporal_scale_has_a_discriminator_of_its_own() -> None:
    size = PatchDiscriminatorConfig(base_channels=2, layers=1, scales=1)
    discriminators = Discriminators(DiscriminatorsConfig(size, size, temporal_strides=[1, 3, 9]), condition_channels=2)
    assert list(discriminators.video) == ["1", "3", "9"]
    parameters = [id(p) for discriminator in discriminators.video.values() for p in discriminator.parameters()]
    assert len(set(parameters)) == len(parameters) == 3 * len(list(discriminators.video["1"].parameters()))
