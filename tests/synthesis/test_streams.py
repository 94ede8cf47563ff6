"""Videos and folders of images while they are written."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.synthesis.streams import ImageStream, OutputStream, VideoStream
from vid2vid.video import frame_times, has_sound, stream_frames

SEGMENT = 2


def picture(value: int) -> NDArray[np.uint8]:
    return np.full((16, 16, 3), value, np.uint8)


def values(path: Path) -> list[int]:
    return [round(frame.mean() / 10) * 10 for frame in stream_frames(path)]


def write(stream: OutputStream, numbers: range) -> None:
    for number in numbers:
        stream.write(picture(10 * number))
        if (number + 1) % SEGMENT == 0:
            stream.cut()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "frames").mkdir()
    return tmp_path / "frames"


def test_a_video_goes_on_after_its_last_whole_segment(folder: Path, tmp_path: Path) -> None:
    first = VideoStream(folder, ".mp4", 10, SEGMENT)
    write(first, range(5))
    first.abandon(OSError("the disk is full"))
    # the open segment is gone, as after an error
    assert sorted(path.name for path in folder.iterdir()) == ["000000.mp4", "000001.mp4"]
    second = VideoStream(folder, ".mp4", 10, SEGMENT)
    second.keep(2)
    assert [path.name for path in folder.iterdir()] == ["000000.mp4"]
    write(second, range(2, 5))
    second.cut()
    second.save(tmp_path / "out.mp4", None)
    assert values(tmp_path / "out.mp4") == [0, 10, 20, 30, 40]
    assert not has_sound(tmp_path / "out.mp4")


def test_images_go_on_and_take_the_place_of_an_empty_folder(folder: Path, tmp_path: Path) -> None:
    write(ImageStream(folder), range(5))
    stream = ImageStream(folder)
    stream.keep(4)
    assert len(list(folder.iterdir())) == 4
    stream.write(picture(200))
    (tmp_path / "out").mkdir()
    stream.save(tmp_path / "out", None)
    assert values(tmp_path / "out") == [0, 10, 20, 30, 200]
    assert not folder.exists()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_frames_keep_their_times_over_segments(suffix: str, folder: Path, tmp_path: Path) -> None:
    times = np.array([0, 0.1, 0.9, 1.0, 2.5])
    first = VideoStream(folder, suffix, 10, SEGMENT, times)
    write(first, range(3))
    first.abandon(OSError("the disk is full"))
    second = VideoStream(folder, suffix, 10, SEGMENT, times)
    second.keep(2)
    write(second, range(2, 7))
    second.cut()
    second.save(tmp_path / f"out{suffix}", None)
    # two frames more than were announced follow at the constant rate
    assert frame_times(tmp_path / f"out{suffix}") == pytest.approx([*times, 2.6, 2.7], abs=1e-3)
    assert values(tmp_path / f"out{suffix}") == [0, 10, 20, 30, 40, 50, 60]


def test_images_are_repeated_and_left_out_to_a_constant_rate(folder: Path, tmp_path: Path) -> None:
    repeats = [1, 3, 0, 1]
    write(ImageStream(folder, repeats), range(2))
    assert len(list(folder.iterdir())) == 4
    stream = ImageStream(folder, repeats)
    stream.keep(1)
    assert len(list(folder.iterdir())) == 1
    write(stream, range(1, 5))
    stream.save(tmp_path / "out", None)
    assert values(tmp_path / "out") == [0, 10, 10, 10, 30, 40]


@pytest.mark.parametrize("missing", ["000001.mp4", "000001.png"])
def test_frames_that_are_missing_are_named(missing: str, folder: Path) -> None:
    video = missing.endswith("mp4")
    stream = VideoStream(folder, ".mp4", 10, SEGMENT) if video else ImageStream(folder)
    write(stream, range(4))
    (folder / missing).unlink()
    with pytest.raises(VideoError, match=rf"{missing}: is missing; leave resume=true out to start over"):
        stream.keep(4)
