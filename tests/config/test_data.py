"""Data: values that cannot work."""

from typing import Any

import pytest

from vid2vid.config.data import AugmentConfig, FolderConfig, LoaderConfig, StreetConfig, VideoConfig, VideoData
from vid2vid.config.settings import build, narrow
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("cls", "given", "message"),
    [
        (VideoConfig, {"path": ""}, r"data\.path is empty"),
        (VideoConfig, {"path": "a.mp4", "condition": "edge"}, r"data\.condition='edge' .* 'edges'"),
        (VideoConfig, {"path": "a.mp4", "holdout": 1.0}, r"data\.holdout must be above 0 and below 1, but is 1\.0"),
        (LoaderConfig, {"clip_frames": 1}, r"data\.clip_frames must be at least 2"),
        (LoaderConfig, {"batch_size": 0}, r"data\.batch_size must be at least 1"),
        (LoaderConfig, {"num_workers": -1}, r"data\.num_workers must be at least 0"),
        (LoaderConfig, {"repeats": 0}, r"data\.repeats must be at least 1"),
        (LoaderConfig, {"val_frames": 1}, r"data\.val_frames must be at least 2"),
        (LoaderConfig, {"frame_strides": []}, r"data\.frame_strides is empty"),
        (LoaderConfig, {"fit": "croop"}, r"data\.fit='croop' is unknown\. Did you mean 'crop'\?"),
        (VideoConfig, {"path": "a.mp4", "longest_gap": -1}, r"data\.longest_gap must be at least 0"),
        (VideoConfig, {"path": "a.mp4", "shard": "3/2"}, r"data\.shard must be i/n with i in 1\.\.n, but is '3/2'"),
        (VideoConfig, {"path": "a.mp4", "limb_maps": True}, r"data\.limb_maps is for conditions of the kind 'pose'"),
        (FolderConfig, {"path": ""}, r"data\.path is empty"),
        (FolderConfig, {"path": "a", "layout": "task"}, r"data\.layout='task' is unknown\. Did you mean 'tasks'\?"),
        (FolderConfig, {"path": "a", "condition": "depth"}, r"data\.condition='depth' is unknown"),
        (FolderConfig, {"path": "a", "on_broken": "ignore"}, r"data\.on_broken='ignore' is unknown"),
        (FolderConfig, {"path": "a", "label_names": ["road"]}, r"data\.label_names has 1 entries for 0"),
        (FolderConfig, {"path": "a", "holdout": 1.0}, r"data\.holdout must be above 0 and below 1"),
        (FolderConfig, {"path": "a", "fps": -1.0}, r"data\.fps must be at least 0"),
        (StreetConfig, {"height": 8}, r"data\.street\.height must be at least 16 and at most 4096, but is 8"),
        (StreetConfig, {"width": 33}, r"data\.street\.width=33: H\.264 needs even sizes"),
        (
            StreetConfig,
            {"train_sequences": 50_001},
            r"train_sequences must be at least 0 and at most 50000",
        ),
        (StreetConfig, {"train_sequences": 0, "val_sequences": 0}, r"nothing to render"),
        (StreetConfig, {"fps": 0}, r"data\.street\.fps must be above 0"),
        (StreetConfig, {"flow_strides": [1, 1]}, r"data\.street\.flow_strides must be different numbers"),
        (AugmentConfig, {"flip": 1.5}, r"data\.augment\.flip must be at least 0 and at most 1, but is 1\.5"),
        (AugmentConfig, {"zoom": 0.5}, r"data\.augment\.zoom must be at least 1"),
    ],
)
def test_values_that_cannot_work_are_refused(cls: type[Any], given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(cls, given, "part")


def test_data_is_checked_as_a_source_and_as_clips() -> None:
    with pytest.raises(ConfigError, match=r"data\.clip_frames must be at least 2"):
        VideoData(path="a.mp4", clip_frames=1)
    with pytest.raises(ConfigError, match=r"data\.limb_maps is for conditions of the kind 'pose'"):
        VideoData(path="a.mp4", limb_maps=True)
    whole = VideoData(path="a.mp4", condition="face", clip_frames=4)
    assert narrow(VideoConfig, whole) == VideoConfig("a.mp4", "face")
    assert narrow(LoaderConfig, whole) == LoaderConfig(clip_frames=4)


def test_what_changes_labels_is_told() -> None:
    assert not AugmentConfig().changes
    assert AugmentConfig(flip=0.5).changes
    assert not AugmentConfig(flip=0.5).labels
    assert AugmentConfig(move_borders=2).labels
