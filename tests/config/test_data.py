"""Data: values that cannot work."""

from typing import Any

import pytest

from vid2vid.config.data import LoaderConfig, VideoConfig
from vid2vid.config.settings import build
from vid2vid.errors import ConfigError


@pytest.mark.parametrize(
    ("cls", "given", "message"),
    [
        (VideoConfig, {"path": ""}, r"data\.path is empty"),
        (VideoConfig, {"path": "a.mp4", "condition": "edge"}, r"data\.condition='edge' .* 'edges'"),
        (VideoConfig, {"path": "a.mp4", "holdout": 1.0}, r"data\.holdout must lie between 0 and 1"),
        (LoaderConfig, {"clip_frames": 1}, r"data\.clip_frames must be at least 2"),
        (LoaderConfig, {"batch_size": 0}, r"data\.batch_size must be at least 1"),
        (LoaderConfig, {"num_workers": -1}, r"data\.num_workers must be at least 0"),
        (LoaderConfig, {"repeats": 0}, r"data\.repeats must be at least 1"),
        (LoaderConfig, {"val_frames": 1}, r"data\.val_frames must be at least 2"),
    ],
)
def test_values_that_cannot_work_are_refused(cls: type[Any], given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(cls, given, "part")
