"""Videos put after each other without encoding them again, with the sound of another."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import has_sound, join_videos, open_frames, stream_frames, write_frames, write_video

FPS = 25
RATE = 48_000
Film = Callable[..., Path]


@pytest.fixture(scope="module")
def pictures() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(256, size=(20, 4, 6, 3)).repeat(8, 1).repeat(8, 2).astype(np.uint8)


@pytest.fixture
def parts(pictures: NDArray[np.uint8], tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "parts" / f"{i}.mp4" for i in range(3)]
    for path, own in zip(paths, (pictures[:8], pictures[8:16], pictures[16:]), strict=True):
        write_video(path, own, FPS)
    return paths


def sound_packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.audio[0]) if packet.size]


def seconds_of_sound(path: Path) -> float:
    with av.open(str(path)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(container.streams.audio[0]))


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov"])
def test_every_frame_is_kept(ending: str, pictures: NDArray[np.uint8], parts: list[Path], tmp_path: Path) -> None:
    output = tmp_path / f"joined{ending}"
    join_videos(parts, output)
    wanted = [frame for part in parts for frame in stream_frames(part)]
    np.testing.assert_array_equal(np.stack(list(stream_frames(output))), np.stack(wanted))
    reader = open_frames(output)
    assert reader.fps == pytest.approx(FPS, rel=1e-3)
    # and decord finds each of them
    np.testing.assert_array_equal(reader.read([19, 8, 7]), np.stack([wanted[19], wanted[8], wanted[7]]))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [output.name]


def test_sound_is_copied_and_no_longer_than_the_pictures(film: Film, parts: list[Path], tmp_path: Path) -> None:
    source = film(tmp_path / "source.mp4", "aac", 2)
    join_videos(parts, tmp_path / "joined.mp4", source)
    kept = sound_packets(tmp_path / "joined.mp4")
    assert kept == sound_packets(source)[: len(kept)]
    assert len(kept) >= 20 / FPS * RATE / 1024
    assert seconds_of_sound(tmp_path / "joined.mp4") == pytest.approx(20 / FPS, abs=0.05)
    assert len(list(stream_frames(tmp_path / "joined.mp4"))) == 20


def test_sound_that_the_container_has_no_room_for_is_encoded(film: Film, parts: list[Path], tmp_path: Path) -> None:
    source = film(tmp_path / "source.mkv", "pcm_s16le", 1)
    join_videos(parts, tmp_path / "joined.mp4", source)
    with av.open(str(tmp_path / "joined.mp4")) as container:
        assert container.streams.audio[0].codec_context.name in ("aac", "pcm_s16le")
    assert seconds_of_sound(tmp_path / "joined.mp4") == pytest.approx(20 / FPS, abs=0.05)


def test_sound_is_counted_from_the_first_picture(film: Film, parts: list[Path], tmp_path: Path) -> None:
    source = film(tmp_path / "source.mkv", "aac", 2, late=0.4)
    join_videos(parts, tmp_path / "joined.mkv", source)
    every, kept = sound_packets(source), sound_packets(tmp_path / "joined.mkv")
    # a packet of AAC has 1024 samples
    skipped = every.index(kept[0])
    assert skipped == pytest.approx(0.4 * RATE / 1024, abs=2)
    assert kept == every[skipped : skipped + len(kept)]


def test_who_has_sound(film: Film, parts: list[Path], tmp_path: Path) -> None:
    assert has_sound(film(tmp_path / "film.mkv", "aac", 0.2))
    assert not has_sound(parts[0])
    write_frames(tmp_path / "images", [np.zeros((4, 4, 3), np.uint8)])
    assert not has_sound(tmp_path / "images")


def test_refusals(parts: list[Path], tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"out\.mp4: no frame was given"):
        join_videos([], tmp_path / "out.mp4")
    with pytest.raises(VideoError, match=r"out\.avi: a video is written to \.mp4 or \.mov or \.mkv"):
        join_videos(parts, tmp_path / "out.avi")
    parts[1].write_bytes(b"no video")
    with pytest.raises(VideoError, match=r"1\.mp4: cannot be read"):
        join_videos(parts, tmp_path / "out.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["parts"]
