"""Sessions are bounded, and end."""

import time
from dataclasses import replace

import pytest

from vid2vid.config.studio import StudioConfig
from vid2vid.errors import ConfigError
from vid2vid.studio.session import Session, Sessions
from vid2vid.studio.timeline import StudioModel


def test_there_are_so_many_sessions_until_they_are_idle(street: StudioModel, config: StudioConfig) -> None:
    sessions = Sessions([street], replace(config, visitors=2, minutes=1))
    one, two = sessions.begin(), sessions.begin()
    assert one.id != two.id
    assert min(len(one.id), len(two.id)) >= 32
    with pytest.raises(ConfigError, match="the studio is full: 2 visitors are in it"):
        sessions.begin()
    assert one.folder.is_dir()
    one.used = time.monotonic() - 61
    three = sessions.begin()
    assert not one.folder.exists()
    assert sessions.find(one.id) is None
    assert sessions.find(three.id) is three
    sessions.end(two.id)
    assert len(sessions) == 1
    sessions.close()
    assert not three.folder.exists()


def test_a_session_without_a_video_says_so(street: StudioModel, config: StudioConfig) -> None:
    session = Session([street], config)
    with pytest.raises(ConfigError, match="there is no video yet"):
        session.condition(0)
    session.close()


def test_brushes_are_labels_or_grey(session: Session) -> None:
    assert [brush["name"] for brush in session.brushes][:2] == ["road", "sidewalk"]
    assert session.brushes[8] == {"value": 8, "name": "car", "colour": [0, 0, 142]}
