"""Sessions are bounded, and end."""

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from vid2vid import Condition, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.config.studio import StudioConfig
from vid2vid.errors import ConfigError
from vid2vid.studio.downloads import command
from vid2vid.studio.session import Session, Sessions
from vid2vid.studio.timeline import StudioModel
from vid2vid.video import stream_frames, write_video


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


def test_keypoints_are_extracted_from_the_recording_of_a_face(
    small_module: Callable[..., Vid2VidModule], config: StudioConfig, samples: Path, tmp_path: Path
) -> None:
    frames = next(iter(sorted((samples / "face" / "images").iterdir())))
    write_video(tmp_path / "face.mp4", islice(stream_frames(frames), 3), 25)
    session = Session([StudioModel("face", small_module(Condition("face")).eval())], config)
    session.open(SynthesisConfig(checkpoint=config.checkpoint, output="", source=tmp_path / "face.mp4", frames=3))
    assert session.opened.length == 3
    # lines of a face, and nothing left outside of the session's folder
    assert all(0.001 < (session.condition(t)[0] > 0).mean() < 0.2 for t in range(3))
    assert session.opened.inputs.source.is_relative_to(session.folder)  # type: ignore[union-attr]
    # a sketch is drawn from the face: it is not painted, and comes from the visitor's file
    assert not session.brushes
    assert "labels.mkv" not in command(session)
    session.close()
