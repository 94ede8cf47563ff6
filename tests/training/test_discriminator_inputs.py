"""The inputs of the discriminators: frames of a chunk, and windows that end in it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.config import RolloutConfig
from vid2vid.training.chunks import Chunk, ClipTensors, rollout_chunks
from vid2vid.training.discriminator_inputs import DiscriminatorInput, discriminator_inputs
from vid2vid.types import Flow, Rollout

Modules = Callable[..., Vid2VidModule]

DataModules = Callable[..., Vid2VidDataModule]
FRAMES = 7


@pytest.fixture
def module(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    return small_module().eval()


@pytest.fixture
def clip() -> ClipTensors:
    source = torch.rand(2, FRAMES, 9, 16, 24)
    real = torch.rand(2, FRAMES, 3, 16, 24) * 2 - 1
    flows = {k: Flow(torch.zeros(2, FRAMES - k, 2, 16, 24), torch.ones(2, FRAMES - k, 1, 16, 24)) for k in (1, 2)}
    return ClipTensors(source, real, flows)


def test_d_is_shown_frames_of_the_chunk_and_windows_that_end_in_it(module: Vid2VidModule, clip: ClipTensors) -> None:
    _, second = rollout_chunks(module.generator, clip, RolloutConfig(3))
    own = list(second.rollout.fake.detach().flatten(0, 1))
    for _ in range(10):
        shown = discriminator_inputs(module.discriminators, second, [second.rollout.fake, second.rollout.hallucinated])
        (image,) = shown["D_I"]
        assert len(image.fakes) == 2
        assert all(any(torch.equal(view[9:], frame) for frame in own) for view in image.fakes[0])
        for stride, view in enumerate(shown["D_V"], start=1):
            assert view.real.shape == (2, 3 * 3 + 2 * 2, 16, 24)
            newest = view.fakes[0][:, 6:9]
            last = next(t for t in range(FRAMES) if torch.equal(newest, second.fakes[:, t]))
            assert last >= second.start
            oldest = (view.real[:, :3], view.fakes[0][:, :3])
            assert torch.equal(oldest[0], clip.real[:, last - 2 * stride])
            assert torch.equal(oldest[1], second.fakes[:, last - 2 * stride])


def window_inputs(module: Vid2VidModule, chunk: Chunk[Rollout]) -> list[DiscriminatorInput]:
    """Return what the D_V see of a chunk."""
    return discriminator_inputs(module.discriminators, chunk, [chunk.rollout.fake])["D_V"]


def test_d_is_not_asked_before_a_window_is_full(module: Vid2VidModule, clip: ClipTensors) -> None:
    chunks = rollout_chunks(module.generator, clip, RolloutConfig(1))
    windows = [len(window_inputs(module, chunk)) for chunk in chunks]
    # three frames at the strides 1 and 2 need 3 and 5 frames; the chunks end after 3, 4, 5, 6 and 7
    assert windows == [1, 1, 2, 2, 2]


def test_the_windows_of_a_chunk_are_those_of_the_setting(small_module: Modules, street_data: DataModules) -> None:
    def shown(**discriminators: Any) -> list[list[Tensor]]:  # noqa: ANN401 - settings
        torch.manual_seed(0)
        module = small_module(discriminators=discriminators, rollout={"chunk_frames": 2})
        data = street_data(clip_frames=12)
        data.setup("fit")
        (first, *_) = data.train_dataloader()
        chunks = rollout_chunks(module.generator, module.clip_tensors(first), module.rollout_config)
        return [
            [view.real for view in discriminator_inputs(module.discriminators, chunk, [chunk.rollout.fake])["D_V"]]
            for chunk in chunks
        ]

    # as it was written before there was video_windows
    every, named = shown(video_draws=0), shown(video_windows="all")
    assert [[len(view) for view in views] for views in every] == [[2], [2, 2], [2, 2], [2, 2], [2, 2]]
    for one, other in zip(every, named, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    assert [len(views) for views in shown(video_windows="sparse")] == [1, 2, 0, 1, 2]
    assert [[len(view) for view in views] for views in shown(video_draws=3)][1] == [6, 6]
