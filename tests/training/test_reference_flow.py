"""The reference flow: what a clip brings, and the rest from a flow estimator."""

from collections.abc import Callable

import torch

from vid2vid import Clip, Vid2VidDataModule, Vid2VidModule
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
