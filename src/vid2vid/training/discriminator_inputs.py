"""The inputs of the discriminators: the samples that φ_I and φ_V draw from a chunk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

import torch
from torch import Tensor

from vid2vid.discriminator.augmentation import augment
from vid2vid.discriminator.discriminators import Discriminators, ImageDiscriminator, VideoDiscriminator
from vid2vid.discriminator.patch import PatchFeatures
from vid2vid.discriminator.sampling import all_videos, draw_image, draw_video, phi_image, phi_video, sparse_videos
from vid2vid.losses.gan import r1_penalty
from vid2vid.losses.objective import RealAndFake
from vid2vid.training.chunks import Chunk


@dataclass(frozen=True)
class DiscriminatorInput:
    """The input of one discriminator from a chunk.

    Attributes:
        discriminator: The discriminator.
        real: ``(B, C, H, W)``, real frames with their conditions or flows.
        fakes: The same for each kind of fake frames.
    """

    discriminator: ImageDiscriminator | VideoDiscriminator
    real: Tensor
    fakes: list[Tensor]

    @classmethod
    def augmented(
        cls, discriminator: ImageDiscriminator | VideoDiscriminator, real: Tensor, fakes: Sequence[Tensor]
    ) -> Self:
        """Make the input of a discriminator from views, augmented alike by its ``augment``."""
        real, *changed = augment([real, *fakes], discriminator.frame_channels, discriminator.config.augment)
        # they were augmented together, but no gradient flows from the real views to F
        return cls(discriminator, real.detach(), changed)

    def detached_features(self) -> RealAndFake:
        """Return D's features of real and fakes for the loss of D: no gradient flows to the generator."""
        real, *fakes = self.discriminator.features(self.real, *(fake.detach() for fake in self.fakes))
        return RealAndFake(real, fakes)

    def features(self, real: PatchFeatures) -> RealAndFake:
        """Return D's features of the fakes for the loss of the generator, with those of the real, computed before."""
        return RealAndFake(real, self.discriminator.features(*self.fakes))

    def r1_penalty(self) -> Tensor:
        """Return D's R1 penalty on the real frames; conditions and flows are constants."""
        return r1_penalty(self.discriminator, self.real, self.discriminator.frame_channels)


def discriminator_inputs(
    discriminators: Discriminators, chunk: Chunk[Any], kinds: list[Tensor]
) -> dict[str, list[DiscriminatorInput]]:
    """Draw the inputs of the discriminators from a chunk, by φ_I and φ_V.

    Args:
        discriminators: D_I and D_V.
        chunk: The chunk.
        kinds: The kinds of fake frames that D_I sees, each ``(B, n, 3, H, W)``: x̃, and h̃ where it is supervised.

    Returns:
        Under ``D_I`` its input, under ``D_V`` the input of each D_V that has a window ending in the chunk.
    """
    config, image = discriminators.config, discriminators.image
    size, clip = config.discriminator_frames, chunk.clip
    ends = {stride: window_ends(discriminators, chunk, stride) for stride in config.temporal_strides}

    def videos(video: Tensor, stride: int) -> Tensor:
        flows = clip.flows[stride].vectors
        windows = (phi_video(video, flows, last, size, stride) for last in ends[stride])
        return torch.cat([VideoDiscriminator.view(*window) for window in windows])

    of_videos = [
        DiscriminatorInput.augmented(
            cast("VideoDiscriminator", discriminators.video[str(stride)]),
            videos(clip.real, stride),
            [videos(chunk.fakes, stride)],
        )
        for stride in config.temporal_strides
        if ends[stride]
    ]
    frames, source = chunk.stop - chunk.start, clip.source[:, chunk.start : chunk.stop]
    draws = config.image_draws
    indices = [draw_image(frames) for _ in range(draws)] if draws else list(range(frames))

    def images(video: Tensor) -> Tensor:
        return torch.cat([image.view(*phi_image(video, source, i)) for i in indices])

    of_images = DiscriminatorInput.augmented(image, images(chunk.real), [images(kind) for kind in kinds])
    return {"D_I": [of_images], "D_V": of_videos}


def window_ends(discriminators: Discriminators, chunk: Chunk[Any], stride: int) -> list[int]:
    """Return the last frames of the windows of D_V with this stride, of which each ends in the chunk."""
    config = discriminators.config
    size = config.discriminator_frames
    if config.video_windows == "sparse":
        return sparse_videos(chunk.stop, size, stride, newest=chunk.start)
    if config.video_windows == "all" or not config.video_draws:
        return all_videos(chunk.stop, size, stride, newest=chunk.start)
    draws = [draw_video(chunk.stop, size, stride, newest=chunk.start) for _ in range(config.video_draws)]
    return [last for last in draws if last is not None]
