"""Blinded videos: playable, of one length and size, named by their content."""

import logging
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from vid2vid.errors import DataError
from vid2vid.tools.user_study import gather_scenes, make_user_study
from vid2vid.video import stream_frames

Film = Callable[..., None]


def test_browsers_play_the_videos(comparison: Path) -> None:
    videos = list((comparison / "page" / "videos").iterdir())
    assert len(videos) == 9
    for video in videos:
        with av.open(str(video)) as container:
            stream = container.streams.video[0]
            assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
            assert stream.average_rate == 16
            assert stream.frames == 8


def test_the_same_again_has_the_same_names_and_other_videos_others(two: dict[str, Path], tmp_path: Path) -> None:
    first, again, other = (
        make_user_study(gather_scenes(two, {}), tmp_path / name, seed=int(name == "c")) for name in "abc"
    )
    assert first == again
    names = [{file for match in key.matches.values() for file in match.models} for key in (first, other)]
    assert not names[0] & names[1]


def test_videos_are_as_long_as_the_shortest(film: Film, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    film(tmp_path / "a.mp4", frames=8)
    film(tmp_path / "b.mp4", frames=5)
    with caplog.at_level(logging.WARNING):
        make_user_study(gather_scenes({"a": tmp_path / "a.mp4", "b": tmp_path / "b.mp4"}, {}), tmp_path / "out")
    assert f"{tmp_path / 'b.mp4'} ends after 5 frames" in caplog.text
    for video in (tmp_path / "out" / "page" / "videos").iterdir():
        assert len(list(stream_frames(video))) == 5


def test_smaller_videos_are_enlarged_and_other_shapes_refused(
    film: Film, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    film(tmp_path / "a.mp4")
    film(tmp_path / "half.mp4", height=16, width=32)
    film(tmp_path / "square.mp4", height=64, width=64)
    half, square = ({"a": tmp_path / "a.mp4", "b": tmp_path / f"{name}.mp4"} for name in ("half", "square"))
    make_user_study(gather_scenes(half, {}), tmp_path / "out")
    assert "b is 32x16 and is enlarged to 64x32" in caplog.text
    assert '"width": 64, "height": 32' in (tmp_path / "out" / "page" / "index.html").read_text()
    with pytest.raises(DataError, match="bring all to one shape"):
        make_user_study(gather_scenes(square, {}), tmp_path / "never")
    # what is only shown beside may have any
    make_user_study(gather_scenes(half, {"Real": tmp_path / "square.mp4"}), tmp_path / "beside")
