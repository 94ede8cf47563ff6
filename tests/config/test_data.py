"""Data: values that cannot work."""

from typing import Any

import pytest

from vid2vid.config.data import AugmentConfig, LoaderConfig, StreetConfig, VideoConfig
from vid2vid.config.settings import build
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("cls", "given", "message"),
    [
        (VideoConfig, {"path": ""}, r"data\.path is empty"),
        (VideoConfig, {"path": "a.mp4", "condition": "edge"}, r"data\.condition='edge' .* 'edges'"),
        (VideoConfig, {"path": "a.mp4", "holdout": 1.0}, r"data\.holdout must be above 0 and below 1"),
        (LoaderConfig, {"clip_frames": 1}, r"data\.clip_frames must be at least 2"),
        (LoaderConfig, {"batch_size": 0}, r"data\.batch_size must be at least 1"),
        (LoaderConfig, {"num_workers": -1}, r"data\.num_workers must be at least 0"),
        (LoaderConfig, {"repeats": 0}, r"data\.repeats must be at least 1"),
        (LoaderConfig, {"val_frames": 1}, r"data\.val_frames must be at least 2"),
        (LoaderConfig, {"frame_strides": []}, r"data\.frame_strides is empty"),
        (LoaderConfig, {"fit": "squeeze"}, r"data\.fit='squeeze' .*stretch, crop, pad"),
        (AugmentConfig, {"flip": 1.5}, r"data\.augment\.flip must be at least 0 and at most 1, but is 1\.5"),
        (AugmentConfig, {"zoom": 0.5}, r"data\.augment\.zoom must be at least 1"),
        (StreetConfig, {"height": 31}, r"data\.street\.height=31, data\.street\.width=256: H\.264 needs even sizes"),
        (StreetConfig, {"width": 8}, r"data\.street\.width must be at least 16"),
        (StreetConfig, {"train_sequences": 0, "val_sequences": 0}, r"are both 0: nothing to render"),
        (
            StreetConfig,
            {"train_sequences": 50_001},
            r"train_sequences must be at least 0 and at most 50000",
        ),
        (StreetConfig, {"flow_strides": [1, 1]}, r"data\.street\.flow_strides=\[1, 1\]: give each stride once"),
    ],
)
def test_values_that_cannot_work_are_refused(cls: type[Any], given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(cls, given, "part")
