"""What the discriminators are shown of a chunk, and how they are asked."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from vid2vid.discriminator import (
    Critics,
    MultiScaleDiscriminator,
    Verdict,
    VideoDiscriminator,
    draw_image,
    draw_video,
    phi_image,
    phi_video,
)
from vid2vid.losses import Judged
from vid2vid.training.rollout import Chunk


@dataclass(frozen=True)
class Exhibit:
    """What one discriminator is shown of a chunk: the views of the real and of each kind of fake."""

    critic: MultiScaleDiscriminator
    real: Tensor
    fakes: list[Tensor]

    def judge_detached(self) -> Judged:
        """Let D judge everything, for D's own loss."""
        real, *fakes = self.critic.judge(self.real, *(fake.detach() for fake in self.fakes))
        return Judged(real, fakes)

    def judge_fakes(self, real: Verdict) -> Judged:
        """Let D judge the fakes, for F's loss, beside its features of the real that are known already."""
        return Judged(real, self.critic.judge(*self.fakes))


def exhibits(critics: Critics, chunk: Chunk, with_hallucinated: bool) -> dict[str, list[Exhibit]]:
    """Draw by φ_I and φ_V what the discriminators see of a chunk.

    Returns:
        Under ``L_I`` what D_I sees, under ``L_V`` what each D_V sees whose window fits.
    """
    return {"L_I": [_image_exhibit(critics, chunk, with_hallucinated)], "L_V": list(_video_exhibits(critics, chunk))}


def _image_exhibit(critics: Critics, chunk: Chunk, with_hallucinated: bool) -> Exhibit:
    frames = chunk.rollout.fake.shape[1]
    draws = critics.config.image_draws
    indices = [draw_image(frames) for _ in range(draws)] if draws else list(range(frames))
    source = chunk.scene.source[:, chunk.start : chunk.stop]

    def view(video: Tensor) -> Tensor:
        return torch.cat([critics.image.view(*phi_image(video, source, i)) for i in indices])

    kinds = [chunk.rollout.fake] + ([chunk.rollout.hallucinated] if with_hallucinated else [])
    return Exhibit(critics.image, view(chunk.real), [view(kind) for kind in kinds])


def _video_exhibits(critics: Critics, chunk: Chunk) -> Iterator[Exhibit]:
    size = critics.config.critic_frames
    for stride in critics.config.temporal_strides:
        last = draw_video(chunk.stop, size, stride, newest=chunk.start)
        if last is None:
            continue
        critic = critics.video[str(stride)]
        if not isinstance(critic, VideoDiscriminator):
            raise TypeError(f"D_V of stride {stride} is a {type(critic).__name__}")
        flows = chunk.scene.flows[stride].vectors
        real = critic.view(*phi_video(chunk.scene.real, flows, last, size, stride))
        fake = critic.view(*phi_video(chunk.fakes, flows, last, size, stride))
        yield Exhibit(critic, real, [fake])
