"""Reading videos: by index, in order, upright, and with errors that name the file and the frame."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import open_frames, stream_frames, write_video
from vid2vid.video.reading import DecordFrames

OPEN_FILES = Path("/proc/self/fd")


def noise(count: int, height: int = 32, width: int = 48) -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def rotated_video(path: Path, degrees: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        stream.set_display_rotation(degrees)
        for index, pixels in enumerate(noise(5, 32, 64)):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def audio_only(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), format="fltp", layout="mono")
        frame.rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def without_frames(path: Path) -> None:
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "gray"
        container.start_encoding()


def cut_short(path: Path) -> None:
    write_video(path, noise(20), fps=25)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def without_index(path: Path) -> None:
    write_video(path, noise(20), fps=25)
    path.write_bytes(path.read_bytes().replace(b"moov", b"junk"))


BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "there is no such file"),
    "empty": (lambda path: path.write_bytes(b""), "the file is empty"),
    "text": (lambda path: path.write_text("no video " * 200), "cut short, or not a video"),
    "folder": (lambda path: path.mkdir(), "holds no images"),
    "audio": (audio_only, "holds no video frames, only: audio"),
    "frameless": (without_frames, "cannot be read as a video"),
    "index": (without_index, "cut short, or not a video"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_named(name: str, tmp_path: Path) -> None:
    make, reason = BAD_FILES[name]
    path = tmp_path / f"{name}.mp4"
    make(path)
    with pytest.raises(VideoError, match=rf"{name}\.mp4: .*{reason}"):
        open_frames(path)
    with pytest.raises(VideoError, match=rf"{name}\.mp4: .*{reason}"):
        next(stream_frames(path))


@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_damaged_frames_are_named(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged.mp4"
    count = 150
    write_video(path, noise(count), fps=25)
    data = bytearray(path.read_bytes())
    start, stop = len(data) * 4 // 5, len(data) * 5 // 6
    if damage == "cut":
        del data[start:]
    else:
        data[start:stop] = bytes(stop - start)
    path.write_bytes(data)
    frames: list[NDArray[np.uint8]] = []
    with pytest.raises(VideoError, match=r"damaged\.mp4: frame \d+ .*damaged"):
        frames.extend(stream_frames(path))
    with pytest.raises(VideoError, match=r"damaged\.mp4: (frame \d+ cannot be decoded|decord cannot open)"):
        open_frames(path).read(range(count))
    assert 20 <= len(frames) < count
    if damage == "overwritten":
        # decord's thread decodes ahead, and may come to the damage before it is asked for the first frame
        found = next(filter(None, (before_the_damage(path) for _ in range(50))))
        np.testing.assert_array_equal(found, [frames[20], frames[0]])


def before_the_damage(path: Path) -> list[NDArray[np.uint8]]:
    """Return the frames 20 and 0, or nothing if decord cannot."""
    try:
        return list(DecordFrames(path).read([20, 0]))
    except VideoError:
        return []


def test_indices_in_any_order_and_repeated(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    write_video(path, noise(30), fps=25)
    truth = np.stack(list(stream_frames(path)))
    reader = open_frames(path)
    for indices in ([3], [29, 0, 29], [5, 4, 3, 3], list(range(7, 30, 5))):
        np.testing.assert_array_equal(reader.read(indices), truth[indices])
    np.testing.assert_array_equal(reader.read(range(9, 2, -3)), truth[9:2:-3])
    assert reader.read([]).shape == (0, 32, 48, 3)
    for wrong in (-1, 30):
        with pytest.raises(VideoError, match=rf"video\.mp4: there is no frame {wrong}; it has 30"):
            reader.read([0, wrong])
    with pytest.raises(TypeError):
        reader.read([1.5])  # type: ignore[list-item]


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_rotation_marks_are_obeyed_alike(degrees: int, tmp_path: Path) -> None:
    path = rotated_video(tmp_path / "phone.mp4", degrees)
    reader = open_frames(path)
    frames = np.stack(list(stream_frames(path)))
    assert (reader.height, reader.width) == ((32, 64) if degrees == 180 else (64, 32))
    np.testing.assert_array_equal(reader.read(range(5)), frames)
    with av.open(str(path)) as container:
        lying = next(container.decode(video=0)).to_ndarray(format="rgb24")
    np.testing.assert_array_equal(frames[0], np.rot90(lying, degrees // 90))


def test_names_that_look_like_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("http:a %03d.mp4")
    write_video(path, noise(3), fps=25)
    assert len(open_frames(path)) == len(list(stream_frames(path))) == 3


def test_files_are_closed(tmp_path: Path) -> None:
    path, bad = tmp_path / "video.mp4", tmp_path / "bad.mp4"
    write_video(path, noise(3), fps=25)
    bad.write_text("no video")
    if not OPEN_FILES.is_dir():
        pytest.skip("this system does not list open files")
    before = len(list(OPEN_FILES.iterdir()))
    for _ in range(100):
        open_frames(path).read([2])
        next(stream_frames(path))
        with pytest.raises(VideoError):
            open_frames(bad)
    assert len(list(OPEN_FILES.iterdir())) <= before + 3
