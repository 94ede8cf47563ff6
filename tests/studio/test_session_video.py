"""Videos are read, and know how things move."""

from pathlib import Path

import numpy as np
import pytest

from vid2vid.condition import Condition
from vid2vid.config import SynthesisConfig
from vid2vid.errors import DataError
from vid2vid.studio import session_video
from vid2vid.studio.session import Session
from vid2vid.studio.session_video import SessionVideo
from vid2vid.synthesis.inputs import InputSource
from vid2vid.video import write_labels


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


def test_large_frames_are_few_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "maps.mkv"
    write_labels(path, [np.zeros((32, 64), np.uint8)] * 5, 10)
    settings, condition = SynthesisConfig(checkpoint=path, source=path, output=""), Condition(label_ids=[0])
    monkeypatch.setattr(session_video, "MOST_BYTES", 3 * 5 * 32 * 64)
    assert SessionVideo(InputSource(settings, condition), 120).length == 3
    monkeypatch.setattr(session_video, "LARGEST_FRAME", 32 * 63)
    with pytest.raises(DataError, match="frames of 32 x 64 are too large for the studio"):
        SessionVideo(InputSource(settings, condition), 120)
