"""Files that decord reads wrongly are found and mended; those that it reads rightly are left alone."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import decord
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import (
    Inspection,
    as_ids,
    cached_inspection,
    exact_path,
    inspect,
    inspection,
    open_frames,
    safe_copy,
    stream_frames,
    write_ids,
    write_video,
)
from vid2vid.video.reading import DecordFrames

COUNT = 60
Encode = Callable[..., Path]
Frames = list[NDArray[np.uint8]]
OPEN_GOP = {"x264-params": "open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=3"}
OPEN_GOP_HEVC = {"x265-params": "open-gop=1:keyint=12:min-keyint=12:log-level=none"}
FAST = {"cpu-used": "8", "deadline": "realtime", "g": "12"}
CLOSED_GOP_HEVC = {"x265-params": "open-gop=0:keyint=12:log-level=none"}


def with_edit_list(encode: Encode, path: Path) -> Path:
    """Start a second late without decoding, as `ffmpeg -ss 1 -c copy` does."""
    whole = encode(path.with_name("whole.mp4"), "libx264", {"g": "12"})
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.pts is not None and packet.dts is not None:
                second = int(1 / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts - second, packet.dts - second, copy
                target.mux(packet)
    return path


def irregular() -> list[int]:
    """Return the times in milliseconds of frames as a phone takes them, with a gap of a second and a half."""
    steps = np.random.default_rng(7).integers(10, 120, COUNT)
    steps[0], steps[COUNT // 2] = 0, 1500
    return [int(time) for time in np.cumsum(steps)]


Make = Callable[[Encode, Path], Path]
WRONG: dict[str, tuple[Make, str]] = {
    "open GOP": (lambda encode, d: encode(d / "a.mp4", "libx264", OPEN_GOP), "another picture after a jump"),
    "open GOP, HEVC": (lambda encode, d: encode(d / "a.mp4", "libx265", OPEN_GOP_HEVC), "another picture after a jump"),
    "edit list": (lambda encode, d: with_edit_list(encode, d / "a.mp4"), "edit list"),
    "H.264 in AVI": (lambda encode, d: encode(d / "a.avi", "libx264", {"g": "12"}), "files of the format avi"),
    "MPEG-4 in AVI": (
        lambda encode, d: encode(d / "a.avi", "mpeg4", {"g": "12", "bf": "2"}),
        "files of the format avi",
    ),
    "MJPEG in AVI": (lambda encode, d: encode(d / "a.avi", "mjpeg", pixels="yuvj420p"), "files of the format avi"),
    "MJPEG in MP4": (lambda encode, d: encode(d / "a.mp4", "mjpeg", pixels="yuvj420p"), "video of the codec mjpeg"),
    "MPEG-TS": (lambda encode, d: encode(d / "a.ts", "libx264", {"g": "12"}), "files of the format mpegts"),
    "AV1": (lambda encode, d: encode(d / "a.mp4", "libsvtav1", {"preset": "12"}), "codec libdav1d"),
    "HEVC in MPEG-TS": (lambda encode, d: encode(d / "a.ts", "libx265", CLOSED_GOP_HEVC), "format mpegts"),
    "MPEG-4 with B-frames": (
        lambda encode, d: encode(d / "a.mp4", "mpeg4", {"g": "12", "bf": "2"}),
        "video of the codec mpeg4",
    ),
    "AV1 in Matroska": (lambda encode, d: encode(d / "a.mkv", "libsvtav1", {"preset": "12"}), "codec libdav1d"),
    "VP9, odd": (lambda encode, d: encode(d / "a.webm", "libvpx-vp9", FAST, size=(63, 47)), "another picture"),
    "interlaced": (
        lambda encode, d: encode(d / "a.mp4", "libx264", {"flags": "+ildct+ilme", "x264-params": "tff=1"}),
        "its frames are interlaced",
    ),
    "10 bits": (lambda encode, d: encode(d / "a.mp4", "libx264", pixels="yuv420p10le"), "another picture"),
    "open GOP, on its side": (
        lambda encode, d: encode(d / "a.mp4", "libx264", OPEN_GOP, rotation=90),
        "another picture",
    ),
    "open GOP, upside down": (
        lambda encode, d: encode(d / "a.mp4", "libx264", OPEN_GOP, rotation=180),
        "another picture",
    ),
    "open GOP, HD colours": (
        lambda encode, d: encode(d / "a.mp4", "libx264", OPEN_GOP, colour=(1, 2)),
        "another picture",
    ),
    "open GOP, odd 4:4:4": (
        lambda encode, d: encode(d / "a.mp4", "libx264", OPEN_GOP, pixels="yuv444p", size=(63, 47)),
        "another picture",
    ),
}
RIGHT: dict[str, Make] = {
    "H.264 mp4": lambda encode, d: encode(d / "a.mp4", "libx264", {"g": "12"}),
    "H.264 mkv, one GOP": lambda encode, d: encode(d / "a.mkv", "libx264"),
    "HEVC": lambda encode, d: encode(d / "a.mp4", "libx265", CLOSED_GOP_HEVC),
    "VP9": lambda encode, d: encode(d / "a.webm", "libvpx-vp9", FAST),
    "H.264, irregular": lambda encode, d: encode(d / "a.mp4", "libx264", {"g": "12"}, milliseconds=irregular()),
    "VP9, irregular": lambda encode, d: encode(d / "a.mkv", "libvpx-vp9", FAST, milliseconds=irregular()),
    "FFV1, long GOP": lambda encode, d: encode(d / "a.mkv", "ffv1", {"g": "12"}),
    "HD colours": lambda encode, d: encode(d / "a.mp4", "libx264", colour=(1, 2)),
    "on its side": lambda encode, d: encode(d / "a.mp4", "libx264", rotation=-90),
    "FFV1": lambda encode, d: encode(d / "a.mkv", "ffv1", pixels="bgr0", size=(63, 47)),
}


def assert_exact(path: Path, truth: NDArray[np.uint8]) -> None:
    """Read backwards, then windows with gaps, then single frames, as clips are drawn."""
    reader, random = open_frames(path), np.random.default_rng(8)
    assert len(reader) == len(truth)
    for index in reversed(range(len(truth))):
        np.testing.assert_array_equal(reader.read([index])[0], truth[index])
    for _ in range(12):
        start, step = int(random.integers(len(truth) - 7)), int(random.integers(1, 4))
        window = range(start, min(start + 7 * step, len(truth)), step)
        np.testing.assert_array_equal(reader.read(window), truth[window.start : window.stop : step])
    for index in random.integers(len(truth), size=12).tolist():
        np.testing.assert_array_equal(reader.read([index])[0], truth[index])


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files_are_found_and_mended(encode: Encode, name: str, tmp_path: Path) -> None:
    make, reason = WRONG[name]
    path = make(encode, tmp_path)
    truth = np.stack(list(stream_frames(path)))
    found = inspect(path)
    assert not found.exact
    assert reason in found.reason
    assert (found.frames, found.height, found.width) == truth.shape[:3]
    assert found.fps == pytest.approx(25)
    copy = exact_path(path, tmp_path / "cache")
    assert copy.parent == tmp_path / "cache"
    assert_exact(copy, truth)
    assert inspect(copy).exact


@pytest.mark.parametrize("name", RIGHT)
def test_right_files_are_left_alone(encode: Encode, name: str, tmp_path: Path) -> None:
    path = RIGHT[name](encode, tmp_path)
    found = inspect(path)
    assert (found.exact, found.reason, found.frames) == (True, "", COUNT)
    assert exact_path(path, tmp_path / "cache") == path
    truth = np.stack(list(stream_frames(path)))
    assert_exact(path, truth)
    mean = (COUNT - 1) / (irregular()[-1] / 1000) if "irregular" in name else 25
    assert found.fps == pytest.approx(mean, rel=0.01)


def test_a_file_is_inspected_once_and_again_when_it_changes(
    encode: Encode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def counted(path: Path) -> Inspection:
        asked.append(path)
        return inspect(path)

    monkeypatch.setattr(inspection, "inspect", counted)
    path, cache = tmp_path / "a.avi", tmp_path / "cache"
    encode(path, "libx264", {"g": "12"})
    copy = exact_path(path, cache)
    made = copy.stat().st_mtime_ns
    assert exact_path(path, cache) == copy
    assert (asked, copy.stat().st_mtime_ns) == ([path], made)
    encode(path, "libx264", {"g": "6"})
    assert exact_path(path, cache) != copy
    assert asked == [path, path]
    monkeypatch.setattr(decord, "__version__", "another")
    exact_path(path, cache)
    assert asked == [path, path, path]
    (memory, *_) = cache.glob("*.json")
    assert json.loads(memory.read_text())["answer"]["frames"] == COUNT
    assert not list(cache.glob(".*"))


def test_a_spoilt_record_is_named(moving: Frames, tmp_path: Path) -> None:
    path, cache = tmp_path / "a.mp4", tmp_path / "cache"
    write_video(path, moving[:5], fps=25)
    cached_inspection(path, cache)
    (memory,) = cache.glob("*.json")
    memory.write_text("{}")
    assert cached_inspection(path, cache).exact
    assert inspect(path).frames == json.loads(memory.read_text())["answer"]["frames"]
    memory.write_text(memory.read_text().replace("height", "depth"))
    with pytest.raises(VideoError, match=rf"{memory.name}: is not a cached answer about a file .*; delete it"):
        cached_inspection(path, cache)
    memory.write_text("[]")
    with pytest.raises(VideoError, match=rf"{memory.name}: is not a cached answer about a file .*; delete it"):
        cached_inspection(path, cache)


def test_missing_files_and_closed_folders_are_named(moving: Frames, tmp_path: Path) -> None:
    for check in (inspect, lambda path: exact_path(path, tmp_path), lambda path: safe_copy(path, tmp_path)):
        with pytest.raises(VideoError, match=r"none\.mp4: there is no such file"):
            check(tmp_path / "none.mp4")
    path = tmp_path / "a.mp4"
    write_video(path, moving[:5], fps=25)
    for work in (cached_inspection, safe_copy):
        with pytest.raises(VideoError, match=r"cannot be written"):
            work(path, path / "cache")


def test_a_still_scene_that_is_off_by_a_frame_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "still.mkv"
    frames = [np.full((32, 32, 3), 90, np.uint8) for _ in range(6)]
    for index, frame in enumerate(frames):
        frame[index, :2] = 255  # less than half a level in the mean
    write_ids(path, [as_ids(frame[None])[0] for frame in frames], fps=25)
    assert inspect(path).exact
    in_order = DecordFrames.in_order

    def late(reader: DecordFrames) -> Iterator[NDArray[np.uint8]]:
        first, *others = in_order(reader)
        return iter([first, first, *others])

    monkeypatch.setattr(DecordFrames, "in_order", late)
    assert inspect(path).reason == "decord's frame 1 is another picture"


def test_a_rate_that_the_header_gets_wrong_is_measured(encode: Encode, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.ts", "libx264", {"g": "12"}, milliseconds=irregular())
    mean = (COUNT - 1) / (irregular()[-1] / 1000)
    assert inspect(path).fps == pytest.approx(mean, rel=1e-3)
    assert open_frames(exact_path(path, tmp_path / "cache")).fps == pytest.approx(mean, rel=1e-2)


@pytest.mark.parametrize("stem", ["私" * 80, "a" * 250])
def test_files_with_long_names_are_read(stem: str, tmp_path: Path) -> None:
    path = tmp_path / f"{stem}.mp4"
    frames = [np.full((16, 16, 3), 40 * t, np.uint8) for t in range(3)]
    write_video(tmp_path / "short.mp4", frames, 10)
    (tmp_path / "short.mp4").rename(path)
    assert len(open_frames(path)) == 3
