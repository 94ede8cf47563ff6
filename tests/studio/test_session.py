"""Sessions are bounded, and end; videos are read, and know how things move."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vid2vid.condition import Condition
from vid2vid.config import SynthesisConfig
from vid2vid.config.studio import StudioConfig
from vid2vid.errors import ConfigError, DataError
from vid2vid.studio.session import Session, Sessions, SessionVideo
from vid2vid.studio.timeline import StudioModel
from vid2vid.synthesis.inputs import InputSource
from vid2vid.video import write_labels


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


def test_a_video_of_maps_is_read_and_its_outlines_tell_the_flow(tmp_path: Path) -> None:
    maps = np.zeros((9, 32, 64), np.uint8)
    for t, one in enumerate(maps):
        one[10:24, 20 + 2 * t : 36 + 2 * t] = 1
    path = tmp_path / "maps.mkv"
    write_labels(path, list(maps), 10)
    settings = SynthesisConfig(checkpoint=path, source=path, output="")
    video = SessionVideo(InputSource(settings, Condition(label_ids=[0, 1])), 6)
    assert (video.length, video.size, video.fps) == (6, (32, 64), 10)
    np.testing.assert_array_equal(video[5].source[0, 0].numpy(), maps[5])
    with pytest.raises(DataError, match="there is no frame 6"):
        video[6]
    vectors, seen = video.flow(3, 2)
    assert seen.all()
    assert np.median(vectors[0, 12:22, 28:40]) == pytest.approx(-2, abs=0.3)
    assert np.median(vectors[1, 12:22, 28:40]) == pytest.approx(0, abs=0.3)


def test_a_street_knows_its_flow(session: Session) -> None:
    video = session.opened
    vectors, seen = video.flow(5, 4)
    back, _ = video.flow(4, 5)
    assert vectors.shape == (2, *video.size)
    # forward and backward flow of the road are opposite
    road = seen & (video[5].source[0, 0].numpy() == 0) & (video[4].source[0, 0].numpy() == 0)
    assert np.median((vectors + back)[:, road]) == pytest.approx(0, abs=0.2)
    assert np.abs(vectors[:, road]).mean() > 0.5


def test_brushes_are_labels_or_grey(session: Session) -> None:
    assert [brush["name"] for brush in session.brushes][:2] == ["road", "sidewalk"]
    assert session.brushes[8] == {"value": 8, "name": "car", "colour": [0, 0, 142]}
