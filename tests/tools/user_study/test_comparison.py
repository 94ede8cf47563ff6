"""The folder of a comparison: playable, blinded, whole or not there."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.tools.user_study import Key, compare, gather
from vid2vid.video import stream_frames

Film = Callable[..., None]


def test_the_key_tells_whose_each_video_is(comparison: Path, colours: dict[str, tuple[int, int, int]]) -> None:
    key = Key.load(comparison / "key.json")
    assert key.models == ["ours", "theirs"]
    assert {match.scene for match in key.matches.values()} == {"scene0", "scene1", "scene2"}
    assert list(key.matches) == ["1", "2", "3"]
    for match in key.matches.values():
        for file, model in match.models.items():
            colour = next(stream_frames(comparison / "page" / "videos" / file))[-1, -1]
            # scenes are a little lighter, one after the other
            assert colour.astype(int) - colours[model] == pytest.approx([5 * int(match.scene[-1])] * 3, abs=6)


def test_browsers_play_the_videos(comparison: Path) -> None:
    videos = list((comparison / "page" / "videos").iterdir())
    assert len(videos) == 9
    for video in videos:
        with av.open(str(video)) as container:
            stream = container.streams.video[0]
            assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
            assert stream.average_rate == 16
            assert stream.frames == 8


def test_nothing_that_viewers_get_tells_whose_a_video_is(comparison: Path) -> None:
    page = comparison / "page"
    assert not (page / "key.json").exists()
    files = [path for path in page.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".html", ".mp4"}
    for path in files:
        content = path.read_bytes().lower()
        for word in (b"ours", b"theirs", b"scene0", b"key.json"):
            # a word with letters around it is another one: yours
            assert not re.search(rb"(?<![a-z])" + word + rb"(?![a-z])", content), path
        assert re.fullmatch(r"index\.html|[0-9a-f]{10}\.mp4", path.name)
    assert len({path.stat().st_mtime for path in files if path.suffix == ".mp4"}) == 1


def test_the_page_asks_nothing_of_the_network(comparison: Path) -> None:
    page = (comparison / "page" / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|//\w+\.|@import|\bfetch\(|XMLHttpRequest", page)


def test_the_same_again_has_the_same_names_and_other_videos_others(two: dict[str, Path], tmp_path: Path) -> None:
    first, again, other = (compare(gather(two, {}), tmp_path / name, seed=int(name == "c")) for name in "abc")
    assert first == again
    names = [{file for match in key.matches.values() for file in match.models} for key in (first, other)]
    assert not names[0] & names[1]


def test_all_pairs_of_three_models(folders: dict[str, Path], tmp_path: Path) -> None:
    key = compare(gather(folders, {}), tmp_path / "out", question="<b>Which</b> & why?")
    assert len(key.matches) == 9
    assert "&lt;b&gt;Which&lt;/b&gt; &amp; why?" in (tmp_path / "out" / "page" / "index.html").read_text()


def test_videos_are_as_long_as_the_shortest(film: Film, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    film(tmp_path / "a.mp4", frames=8)
    film(tmp_path / "b.mp4", frames=5)
    with caplog.at_level(logging.WARNING):
        compare(gather({"a": tmp_path / "a.mp4", "b": tmp_path / "b.mp4"}, {}), tmp_path / "out")
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
    compare(gather(half, {}), tmp_path / "out")
    assert "b is 32x16 and is enlarged to 64x32" in caplog.text
    assert '"width": 64, "height": 32' in (tmp_path / "out" / "page" / "index.html").read_text()
    with pytest.raises(DataError, match="bring all to one shape"):
        compare(gather(square, {}), tmp_path / "never")
    # what is only shown beside may have any
    compare(gather(half, {"Real": tmp_path / "square.mp4"}), tmp_path / "beside")


def test_nothing_is_left_of_a_comparison_that_fails(two: dict[str, Path], tmp_path: Path) -> None:
    whole = (two["theirs"] / "scene0.mp4").read_bytes()
    (tmp_path / "broken.mp4").write_bytes(whole[: len(whole) * 3 // 4])
    scenes = gather({"ours": two["ours"] / "scene0.mp4", "theirs": tmp_path / "broken.mp4"}, {}, fps=16)
    with pytest.raises(VideoError, match=r"broken\.mp4"):
        compare(scenes, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["broken.mp4"]


def test_a_comparison_is_never_written_over(two: dict[str, Path], comparison: Path, tmp_path: Path) -> None:
    before = (comparison / "key.json").read_bytes()
    with pytest.raises(ConfigError, match="votes on it need its key"):
        compare(gather(two, {}), comparison)
    assert (comparison / "key.json").read_bytes() == before
    (tmp_path / "empty").mkdir()
    compare(gather(two, {}), tmp_path / "empty")
    with pytest.raises(ConfigError, match="seed must be at least 0"):
        compare(gather(two, {}), tmp_path / "other", seed=-1)
