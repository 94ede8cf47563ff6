"""What the discriminators are shown of a chunk, and how they are asked."""

from dataclasses import dataclass

import torch
from torch import Tensor

from vid2vid.discriminator import (
    Discriminators,
    MultiScaleDiscriminator,
    Verdict,
    VideoDiscriminator,
    all_videos,
    draw_image,
    draw_video,
    phi_image,
    phi_video,
    sparse_videos,
)
from vid2vid.losses import Judged
from vid2vid.training.rollout import Chunk


@dataclass(frozen=True)
class Exhibit:
    """What one discriminator is shown of a chunk: the views of the real and of each kind of fake."""

    discriminator: MultiScaleDiscriminator
    real: Tensor
    fakes: list[Tensor]

    def judge_detached(self) -> Judged:
        """Let D judge everything, for D's own loss."""
        real, *fakes = self.discriminator.judge(self.real, *(fake.detach() for fake in self.fakes))
        return Judged(real, fakes)

    def judge_fakes(self, real: Verdict) -> Judged:
        """Let D judge the fakes, for F's loss, beside its features of the real that are known already."""
        return Judged(real, self.discriminator.judge(*self.fakes))


def exhibits(discriminators: Discriminators, chunk: Chunk, with_hallucinated: bool) -> dict[str, list[Exhibit]]:
    """Draw by φ_I and φ_V what the discriminators see of a chunk.

    Returns:
        Under ``L_I`` what D_I sees, under ``L_V`` what each D_V sees that has a window which ends in the chunk.
    """
    windows = {stride: _windows(discriminators, chunk, stride) for stride in discriminators.config.temporal_strides}
    videos = [_video_exhibit(discriminators, chunk, stride, ends) for stride, ends in windows.items() if ends]
    return {"L_I": [_image_exhibit(discriminators, chunk, with_hallucinated)], "L_V": videos}


def _image_exhibit(discriminators: Discriminators, chunk: Chunk, with_hallucinated: bool) -> Exhibit:
    frames = chunk.rollout.fake.shape[1]
    draws = discriminators.config.image_draws
    indices = [draw_image(frames) for _ in range(draws)] if draws else list(range(frames))
    source = chunk.scene.source[:, chunk.start : chunk.stop]

    def view(video: Tensor) -> Tensor:
        return torch.cat([discriminators.image.view(*phi_image(video, source, i)) for i in indices])

    return Exhibit(discriminators.image, view(chunk.real), [view(kind) for kind in chunk.kinds(with_hallucinated)])


def _video_exhibit(discriminators: Discriminators, chunk: Chunk, stride: int, ends: list[int]) -> Exhibit:
    discriminator = discriminators.video[str(stride)]
    if not isinstance(discriminator, VideoDiscriminator):
        raise TypeError(f"D_V of stride {stride} is a {type(discriminator).__name__}")
    flows, size = chunk.scene.flows[stride].vectors, discriminators.config.discriminator_frames

    def view(video: Tensor) -> Tensor:
        return torch.cat([discriminator.view(*phi_video(video, flows, last, size, stride)) for last in ends])

    return Exhibit(discriminator, view(chunk.scene.real), [view(chunk.fakes)])


def _windows(discriminators: Discriminators, chunk: Chunk, stride: int) -> list[int]:
    """Return the last frames of the windows that D_V of this stride is shown: those that end in the chunk."""
    config = discriminators.config
    size = config.discriminator_frames
    if config.video_windows == "sparse":
        return sparse_videos(chunk.stop, size, stride, newest=chunk.start)
    if config.video_windows == "all" or not config.video_draws:
        return all_videos(chunk.stop, size, stride, newest=chunk.start)
    draws = [draw_video(chunk.stop, size, stride, newest=chunk.start) for _ in range(config.video_draws)]
    return [last for last in draws if last is not None]
