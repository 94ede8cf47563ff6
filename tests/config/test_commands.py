"""The settings of the verbs."""

import pytest

from vid2vid.config import StageConfig
from vid2vid.config.commands import COMMANDS, Train
from vid2vid.config.data import ManifestData, VideoData
from vid2vid.errors import ConfigError


def test_data_may_be_a_mapping() -> None:
    train = Train(data={"kind": "video", "path": "a.mp4", "clip_frames": 4}, run_dir="run")
    assert train.data == VideoData(path="a.mp4", clip_frames=4)
    with pytest.raises(ConfigError, match=r"data\.kind='vidoe' is unknown\. Did you mean 'video'\?"):
        Train(data={"kind": "vidoe"}, run_dir="run")
    with pytest.raises(ConfigError, match=r"data\.clip_frame is not a setting\. Did you mean data\.clip_frames\?"):
        Train(data={"kind": "manifest", "path": "a", "clip_frame": 4}, run_dir="run")


def test_a_stage_that_cannot_work_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^stages\.1: give both height and width"):
        Train(data=ManifestData(path="a"), run_dir="run", stages=[StageConfig(), StageConfig(height=8)])


def test_each_verb_says_in_a_line_what_it_does() -> None:
    for verb, command in COMMANDS.items():
        title = (command.__doc__ or "").splitlines()[0]
        assert title.endswith("."), verb
        assert 10 < len(title) < 100, verb
