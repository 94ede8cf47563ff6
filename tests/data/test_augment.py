"""Random changes of clips: one draw for all frames and streams, which stay on top of each other."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vid2vid import Vid2VidDataModule
from vid2vid.condition import Condition
from vid2vid.config import AugmentConfig
from vid2vid.data.clips import ClipDataset, Window
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.errors import ConfigError
from vid2vid.flow.store import FlowStore
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.ops import to_images, warp
from vid2vid.video import write_frames

DataModules = Callable[..., Vid2VidDataModule]
SPATIAL = AugmentConfig(flip=0.5, zoom=1.5)


def clips(root: Path, augment: AugmentConfig, crop_resize: CropResize | None = None, seed: int = 0) -> ClipDataset:
    manifest = Manifest.load(root)
    sequences = manifest.split("train")
    flows = [None if s.flow is None else FlowStore(s.flow) for s in sequences]
    return ClipDataset(sequences, manifest.condition, crop_resize or CropResize(32, 64), flows, [1], augment, seed)


def window(epoch: int, place: int) -> Window:
    return Window(0, 2, 4, draw=(epoch, place))


def test_the_same_draw_is_the_same_clip(street_root: Path) -> None:
    augment = replace(SPATIAL, colour=0.5)
    first, again = (clips(street_root, augment)[window(1, 2)] for _ in range(2))
    assert torch.equal(first.real, again.real)
    assert torch.equal(first.source, again.source)
    others = [clips(street_root, augment)[window(1, 3)], clips(street_root, augment, seed=1)[window(1, 2)]]
    assert not any(torch.equal(first.real, other.real) for other in others)


def test_windows_that_do_not_ask_are_left_alone(street_root: Path) -> None:
    plain = clips(street_root, AugmentConfig())[Window(0, 2, 4)]
    assert torch.equal(clips(street_root, SPATIAL)[Window(0, 2, 4)].real, plain.real)
    assert torch.equal(clips(street_root, AugmentConfig())[window(0, 0)].real, plain.real)


@pytest.mark.parametrize("own_flow", [True, False])
def test_flow_labels_and_frames_stay_on_top_of_each_other(street_root: Path, own_flow: bool) -> None:
    data = clips(street_root, SPATIAL)
    if not own_flow:
        # as a flow estimator's: made on framed pictures, kept in a cache
        data.sequences = [replace(sequence, flow=None) for sequence in data.sequences]
    mirrored = set()
    for place in range(12):
        clip = data[window(0, place)]
        real, flow = to_images(clip.real[0]), clip.flows[1]
        assert clip.real.shape == (1, 4, 3, 32, 64)
        error = (warp(real[:-1], flow.vectors[0]) - real[1:]).abs() * flow.confidence[0]
        still = (real[:-1] - real[1:]).abs() * flow.confidence[0]
        assert float(error.mean()) < 0.75 * float(still.mean())
        moved = warp(clip.source[0, :-1].float(), flow.vectors[0]).round()
        same = (moved == clip.source[0, 1:]) | (flow.confidence[0] < 0.5)
        assert float(same.float().mean()) > 0.85
        view = data.view(window(0, place), 32, 64)
        mirrored.add(view.crop_resize.flip)
    assert mirrored == {False, True}


def test_colours_change_in_the_real_frames_only_and_all_alike(street_root: Path) -> None:
    plain = clips(street_root, AugmentConfig())[window(0, 0)]
    bright = clips(street_root, AugmentConfig(colour=0.8))[window(0, 0)]
    assert torch.equal(plain.source, bright.source)
    assert (plain.real.float() - bright.real.float()).abs().mean() > 5
    # a colour has become another one, the same in each frame
    for frame in range(4):
        change = bright.real[0, frame].float().mean(dim=(1, 2)) - plain.real[0, frame].float().mean(dim=(1, 2))
        if frame == 0:
            first = change
        assert torch.allclose(change, first, atol=4)


def test_left_and_right_change_places_in_a_mirror(tmp_path: Path) -> None:
    frames = np.zeros((6, 8, 12), np.uint8)
    frames[:, :, :3], frames[:, :, 9:] = 1, 2
    write_frames(tmp_path / "labels", list(frames))
    write_frames(tmp_path / "real", list(np.repeat(frames[..., None] * 100, 3, axis=-1)))
    sequence = VideoSequence("a", "train", tmp_path / "real", tmp_path / "labels", 6)
    condition = Condition(label_ids=[0, 1, 2], mirrored=[[1, 2]])
    data = ClipDataset([sequence], condition, CropResize(), [None], [1], AugmentConfig(flip=1.0))
    clip = data[Window(0, 0, 2, draw=(0, 0))]
    # the left hand is still labelled as the left one's label, and stands where the right one stood
    assert torch.equal(clip.source[0, :, 0], torch.from_numpy(frames[:2]))
    assert torch.equal(clip.real[0, :, 0], torch.from_numpy(frames[:2, :, ::-1].copy() * 100))


def test_limbs_are_dropped_in_a_whole_clip(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    points = np.ones((6, 1, 137, 3), np.float32)
    points[..., :2] = random.uniform(5, 58, (1, 1, 137, 2))
    Keypoints(points, (64, 64), 10).save(tmp_path / "pose.npz")
    write_frames(tmp_path / "real", [np.zeros((64, 64, 3), np.uint8)] * 6)
    sequence = VideoSequence("a", "train", tmp_path / "real", tmp_path / "pose.npz", 6)
    condition = Condition(kind="pose", limb_maps=True)
    data = ClipDataset([sequence], condition, CropResize(), [None], [1], AugmentConfig(drop_limbs=0.3))
    dropped = []
    for place in range(5):
        planes = data[Window(0, 0, 4, draw=(0, place))].source[0]
        drawn = planes.flatten(2).amax(dim=2) > 0
        assert torch.equal(drawn, drawn[:1].expand_as(drawn))
        dropped.append(int((~drawn[0]).sum()))
    assert 2 < np.mean(dropped) < 15
    assert not (data[Window(0, 0, 4)].source[0].flatten(2).amax(dim=2) == 0).any()


def test_training_is_changed_and_validation_is_not(street_data: DataModules) -> None:
    plain, changed = (street_data(height=32, width=64, **given) for given in ({}, {"augment": {"flip": 1.0}}))
    for data in (plain, changed):
        data.setup("fit")
    for (one, other), mirrored in (
        ((next(iter(plain.train_dataloader())), next(iter(changed.train_dataloader()))), True),
        ((next(iter(plain.val_dataloader())), next(iter(changed.val_dataloader()))), False),
    ):
        assert torch.equal(one.real.flip(-1) if mirrored else one.real, other.real)
        assert torch.equal(one.source.flip(-1) if mirrored else one.source, other.source)


@pytest.mark.parametrize("wrong", [{"flip": 1.5}, {"zoom": 0.5}, {"colour": -0.1}, {"drop_limbs": 2}])
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"data.augment.{next(iter(wrong))}"):
        AugmentConfig(**wrong)


def test_densepose_maps_are_not_mirrored(tmp_path: Path) -> None:
    condition = Condition(kind="pose", densepose=True)
    with pytest.raises(ConfigError, match=r"data\.augment\.flip=0\.5: .*DensePose"):
        ClipDataset([], condition, CropResize(), [], [1], AugmentConfig(flip=0.5))
