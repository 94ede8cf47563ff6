"""Settings of data sets in known formats."""

import pytest

from vid2vid.config import FolderConfig
from vid2vid.errors import ConfigError


def test_settings_that_cannot_work() -> None:
    for config, message in (
        ({"path": ""}, "data.path is empty"),
        ({"condition": "depth"}, "data.condition='depth' is unknown"),
        ({"on_broken": "ignore"}, "data.on_broken='ignore' is unknown"),
        ({"label_names": ["road"]}, "data.label_names has 1 entries for 0"),
        ({"holdout": 1.0}, "data.holdout must be above 0 and below 1"),
        ({"fps": -1.0}, "data.fps must be at least 0"),
    ):
        with pytest.raises(ConfigError, match=message):
            FolderConfig(**{"path": "somewhere", **config})  # type: ignore[arg-type]
