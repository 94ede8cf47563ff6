"""Files that decord reads wrongly are found and mended; those that it reads rightly are left alone."""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import cv2
import decord
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import (
    Inspection,
    as_ids,
    exact_path,
    inspect,
    open_frames,
    safe_copy,
    stream_frames,
    verdicts,
    write_frames,
    write_ids,
    write_labels,
    write_video,
)
from vid2vid.video.reading import DecordFrames

COUNT, HEIGHT, WIDTH = 60, 48, 64
Codec = Literal["libx264", "libx265", "mpeg4", "libsvtav1", "libvpx-vp9", "mjpeg", "ffv1"]
OPEN_GOP = {"x264-params": "open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=3"}
OPEN_GOP_HEVC = {"x265-params": "open-gop=1:keyint=12:min-keyint=12:log-level=none"}
FAST = {"cpu-used": "8", "deadline": "realtime", "g": "12"}
CLOSED_GOP_HEVC = {"x265-params": "open-gop=0:keyint=12:log-level=none"}


def moving() -> list[NDArray[np.uint8]]:
    random = np.random.default_rng(5)
    wide = cv2.resize(random.integers(0, 256, (6, 40, 3), dtype=np.uint8), (WIDTH + 3 * COUNT, HEIGHT))
    return [np.ascontiguousarray(wide[:, 3 * i : 3 * i + WIDTH], dtype=np.uint8) for i in range(COUNT)]


def encode(
    path: Path,
    codec: Codec,
    options: dict[str, str] | None = None,
    pixels: str = "yuv420p",
    rotation: int = 0,
    colour: tuple[int, int] | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    milliseconds: list[int] | None = None,
) -> Path:
    times, unit = (milliseconds, Fraction(1, 1000)) if milliseconds else (list(range(COUNT)), Fraction(1, 25))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.codec_context.time_base = unit
        if rotation:
            stream.set_display_rotation(rotation)
        if colour:
            stream.codec_context.colorspace, stream.codec_context.color_range = colour
        for index, image in enumerate(moving()):
            frame = av.VideoFrame.from_ndarray(image[: size[1], : size[0]].copy(), format="rgb24")
            frame.pts, frame.time_base = times[index], unit
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def with_edit_list(path: Path) -> Path:
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


Make = Callable[[Path], Path]
WRONG: dict[str, tuple[Make, str]] = {
    "open GOP": (lambda d: encode(d / "a.mp4", "libx264", OPEN_GOP), "another picture after a jump"),
    "open GOP, HEVC": (lambda d: encode(d / "a.mp4", "libx265", OPEN_GOP_HEVC), "another picture after a jump"),
    "edit list": (lambda d: with_edit_list(d / "a.mp4"), "edit list"),
    "H.264 in AVI": (lambda d: encode(d / "a.avi", "libx264", {"g": "12"}), "no timestamps"),
    "MPEG-4 in AVI": (lambda d: encode(d / "a.avi", "mpeg4", {"g": "12", "bf": "2"}), "no timestamps"),
    "MPEG-TS": (lambda d: encode(d / "a.ts", "libx264", {"g": "12"}), "frame 0 is another picture"),
    "AV1": (lambda d: encode(d / "a.mp4", "libsvtav1", {"preset": "12"}), "decord cannot open"),
    "HEVC in MPEG-TS": (lambda d: encode(d / "a.ts", "libx265", CLOSED_GOP_HEVC), "frame 0 is another picture"),
    "MPEG-4 with B-frames": (lambda d: encode(d / "a.mp4", "mpeg4", {"g": "12", "bf": "2"}), "picture after a jump"),
    "AV1 in Matroska": (lambda d: encode(d / "a.mkv", "libsvtav1", {"preset": "12"}), "decord cannot open"),
    "VP9, odd": (lambda d: encode(d / "a.webm", "libvpx-vp9", FAST, size=(63, 47)), "another picture"),
    "10 bits": (lambda d: encode(d / "a.mp4", "libx264", pixels="yuv420p10le"), "another picture"),
    "open GOP, on its side": (lambda d: encode(d / "a.mp4", "libx264", OPEN_GOP, rotation=90), "another picture"),
    "open GOP, upside down": (lambda d: encode(d / "a.mp4", "libx264", OPEN_GOP, rotation=180), "another picture"),
    "open GOP, HD colours": (lambda d: encode(d / "a.mp4", "libx264", OPEN_GOP, colour=(1, 2)), "another picture"),
    "open GOP, odd 4:4:4": (
        lambda d: encode(d / "a.mp4", "libx264", OPEN_GOP, pixels="yuv444p", size=(63, 47)),
        "another picture",
    ),
}
RIGHT: dict[str, Make] = {
    "H.264 mp4": lambda d: encode(d / "a.mp4", "libx264", {"g": "12"}),
    "H.264 mkv, one GOP": lambda d: encode(d / "a.mkv", "libx264"),
    "HEVC": lambda d: encode(d / "a.mp4", "libx265", CLOSED_GOP_HEVC),
    "VP9": lambda d: encode(d / "a.webm", "libvpx-vp9", FAST),
    "MJPEG": lambda d: encode(d / "a.avi", "mjpeg", pixels="yuvj420p"),
    "H.264, irregular": lambda d: encode(d / "a.mp4", "libx264", {"g": "12"}, milliseconds=irregular()),
    "VP9, irregular": lambda d: encode(d / "a.mkv", "libvpx-vp9", FAST, milliseconds=irregular()),
    "MPEG-4 in AVI, no B-frames": lambda d: encode(d / "a.avi", "mpeg4", {"g": "12", "bf": "0"}),
    "FFV1, long GOP": lambda d: encode(d / "a.mkv", "ffv1", {"g": "12"}),
    "HD colours": lambda d: encode(d / "a.mp4", "libx264", colour=(1, 2)),
    "on its side": lambda d: encode(d / "a.mp4", "libx264", rotation=-90),
    "FFV1": lambda d: encode(d / "a.mkv", "ffv1", pixels="bgr0", size=(63, 47)),
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
def test_wrong_files_are_found_and_mended(name: str, tmp_path: Path) -> None:
    make, reason = WRONG[name]
    path = make(tmp_path)
    truth = np.stack(list(stream_frames(path)))
    verdict = inspect(path)
    assert not verdict.exact
    assert reason in verdict.reason
    assert (verdict.frames, verdict.height, verdict.width) == truth.shape[:3]
    assert verdict.fps == pytest.approx(25)
    copy = exact_path(path, tmp_path / "cache")
    assert copy.parent == tmp_path / "cache"
    assert_exact(copy, truth)
    assert inspect(copy).exact


@pytest.mark.parametrize("name", RIGHT)
def test_right_files_are_left_alone(name: str, tmp_path: Path) -> None:
    path = RIGHT[name](tmp_path)
    verdict = inspect(path)
    assert (verdict.exact, verdict.reason, verdict.frames) == (True, "", COUNT)
    assert exact_path(path, tmp_path / "cache") == path
    truth = np.stack(list(stream_frames(path)))
    assert_exact(path, truth)
    mean = (COUNT - 1) / (irregular()[-1] / 1000) if "irregular" in name else 25
    assert verdict.fps == pytest.approx(mean, rel=0.01)


def test_our_own_files_are_exact(tmp_path: Path) -> None:
    ids = np.random.default_rng(6).integers(0, 256, (20, 24, 72))
    write_labels(tmp_path / "labels.mkv", ids.astype(np.uint8), fps=25)
    write_ids(tmp_path / "ids.mkv", ids * 999, fps=25)
    write_video(tmp_path / "video.mp4", moving(), fps=25)
    write_frames(tmp_path / "frames", moving()[:3])
    for name in ("labels.mkv", "ids.mkv", "video.mp4", "frames"):
        assert exact_path(tmp_path / name, tmp_path / "cache") == tmp_path / name
    assert inspect(tmp_path / "frames").frames == 3


@pytest.mark.parametrize("ending", [".mkv", ".avi", ".mp4"])
def test_cut_files_are_refused(ending: str, tmp_path: Path) -> None:
    path = encode(tmp_path / f"cut{ending}", "libx264", {"g": "12"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(VideoError, match=rf"cut\{ending}: .*(cut short|damaged)"):
        exact_path(path, tmp_path / "cache")


def test_a_file_is_inspected_once_and_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def counted(path: Path) -> Inspection:
        asked.append(path)
        return inspect(path)

    monkeypatch.setattr(verdicts, "inspect", counted)
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
    assert json.loads(memory.read_text())["verdict"]["frames"] == COUNT
    assert not list(cache.glob(".*"))


def test_a_spoilt_verdict_is_named(tmp_path: Path) -> None:
    path, cache = tmp_path / "a.mp4", tmp_path / "cache"
    write_video(path, moving()[:5], fps=25)
    exact_path(path, cache)
    (memory,) = cache.glob("*.json")
    memory.write_text("{}")
    assert exact_path(path, cache) == path
    assert inspect(path).frames == json.loads(memory.read_text())["verdict"]["frames"]
    memory.write_text(memory.read_text().replace("height", "depth"))
    with pytest.raises(VideoError, match=rf"{memory.name}: is no verdict on a video .*; delete it"):
        exact_path(path, cache)
    memory.write_text("[]")
    with pytest.raises(VideoError, match=rf"{memory.name}: is no verdict on a video .*; delete it"):
        exact_path(path, cache)


def test_missing_files_and_closed_folders_are_named(tmp_path: Path) -> None:
    for check in (inspect, lambda path: exact_path(path, tmp_path), lambda path: safe_copy(path, tmp_path)):
        with pytest.raises(VideoError, match=r"none\.mp4: there is no such file"):
            check(tmp_path / "none.mp4")
    path = tmp_path / "a.mp4"
    write_video(path, moving()[:5], fps=25)
    for work in (exact_path, safe_copy):
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


def test_a_rate_that_the_header_gets_wrong_is_measured(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.ts", "libx264", {"g": "12"}, milliseconds=irregular())
    mean = (COUNT - 1) / (irregular()[-1] / 1000)
    assert inspect(path).fps == pytest.approx(mean, rel=1e-3)
    assert open_frames(exact_path(path, tmp_path / "cache")).fps == pytest.approx(mean, rel=1e-2)
