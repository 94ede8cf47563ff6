"""The reference flow: what a clip brings, and the rest from a flow estimator."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from vid2vid import Clip, Vid2VidDataModule, Vid2VidModule
from vid2vid.errors import ConfigError
from vid2vid.flow.dis import DIS

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]


def first_clip(data: Vid2VidDataModule) -> Clip:
    data.setup("fit")
    clip: Clip = next(iter(data.train_dataloader()))
    return clip


def test_the_teacher_fills_in_where_a_clip_brings_no_flow(small_module: Modules, street_data: DataModules) -> None:
    clip = first_clip(street_data(flow_strides=[1]))
    scene = small_module(discriminators={"temporal_strides": [1, 2]}).clip_tensors(clip)
    assert scene.flows[1] is clip.flows[1]
    taught = scene.flows[2]
    assert taught.vectors.shape == (2, 4, 2, 32, 64)
    for b in range(2):
        for t in range(4):
            wanted = DIS()(scene.real[b, t : t + 1], scene.real[b, t + 2 : t + 3])
            torch.testing.assert_close(taught.vectors[b, t], wanted.vectors[0])
            torch.testing.assert_close(taught.confidence[b, t], wanted.confidence[0])


def test_motion_vectors_take_the_place_of_the_estimator(small_module: Modules, street_data: DataModules) -> None:
    """A clip of rendered streets whose flows are left out has them again, of each stride, from its plane of motion."""
    data = street_data(flow_strides=[1], planes=["motion"])
    clip = first_clip(data)
    exact, clip.flows = clip.flows[1], {}
    module = small_module(data.condition, discriminators={"temporal_strides": [1, 2]}, generator={"motion_prior": True})
    scene = module.clip_tensors(clip)
    torch.testing.assert_close(scene.flows[1].vectors, exact.vectors, rtol=0, atol=0.02)
    assert scene.flows[2].vectors.shape == (2, 4, 2, 32, 64)
    assert module.reference._flow_estimator is None
    assert data._flow_store(replace(data.train_set.sequences[0], flow=None)) is None


def test_clips_that_leave_frames_out_have_no_motion_vectors(street_data: DataModules) -> None:
    with pytest.raises(ConfigError, match=r"data\.frame_strides=\[1, 2\]: motion vectors point to the frame before"):
        street_data(planes=["motion"], frame_strides=[1, 2]).setup("fit")
