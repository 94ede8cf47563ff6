"""Encoding of files: the same each time, whole or not at all, and only with settings that work."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import VideoWriter, open_frames, write_labels, write_video

Frames = list[NDArray[np.uint8]]


def test_the_same_frames_make_the_same_file_each_time(tmp_path: Path) -> None:
    """With its macroblock trees x264 codes frames like these in another way in every other run."""
    random = np.random.default_rng(0)
    wide = cv2.resize(random.integers(90, 150, (8, 16, 3), dtype=np.uint8), (88, 32)).astype(float)
    noisy = [wide[:, 2 * i : 2 * i + 64] + random.normal(0, 8, (32, 64, 3)) for i in range(12)]
    frames = [frame.clip(0, 255).astype(np.uint8) for frame in noisy]
    files = set()
    for _ in range(40):
        write_video(tmp_path / "out.mp4", frames, fps=25, crf=18)
        files.add((tmp_path / "out.mp4").read_bytes())
    assert len(files) == 1


def test_an_exception_leaves_nothing_behind(moving: Frames, tmp_path: Path) -> None:
    def broken() -> Iterator[NDArray[np.uint8]]:
        yield from moving[:20]
        raise KeyError("renderer")

    with pytest.raises(KeyError, match="renderer"):
        write_video(tmp_path / "video.mp4", broken(), fps=25)
    assert not list(tmp_path.iterdir())


def begin_and_fail(path: Path, frame: NDArray[np.uint8]) -> None:
    with VideoWriter(path, fps=25) as writer:
        writer.write(frame)
        raise OSError("mine")  # not to be mistaken for an error of the file


def test_an_exception_spares_the_file_that_stood_there(moving: Frames, tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    write_video(path, moving[:5], fps=25)
    before = path.read_bytes()
    with pytest.raises(OSError, match="mine"):
        begin_and_fail(path, moving[0])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    write_video(path, moving[:7], fps=25)
    assert len(open_frames(path)) == 7


def test_broken_rates_are_kept(moving: Frames, tmp_path: Path) -> None:
    write_video(tmp_path / "video.mp4", moving[:30], fps=30000 / 1001)
    assert open_frames(tmp_path / "video.mp4").fps == pytest.approx(29.97, abs=0.005)


def test_wrong_settings_name_the_file(moving: Frames, tmp_path: Path) -> None:
    frame = moving[0]
    with pytest.raises(VideoError, match=r"video\.gif: libx264 is written to \.mp4"):
        write_video(tmp_path / "video.gif", [frame], fps=25)
    with pytest.raises(VideoError, match=r"labels\.mp4: ffv1 is written to \.mkv"):
        write_labels(tmp_path / "labels.mp4", [frame[..., 0]], fps=25)
    with pytest.raises(VideoError, match=r"video\.mp4: fps=0"):
        write_video(tmp_path / "video.mp4", [frame], fps=0)
    with pytest.raises(VideoError, match="crf=52"):
        write_video(tmp_path / "video.mp4", [frame], fps=25, crf=52)
    with pytest.raises(VideoError, match=r"video\.mp4: no frame was given"):
        write_video(tmp_path / "video.mp4", [], fps=25)
    with pytest.raises(VideoError, match="only inside `with VideoWriter"):
        VideoWriter(tmp_path / "video.mp4", fps=25).write(frame)
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(VideoError, match=r"file/video\.mp4: cannot be written"):
        write_video(tmp_path / "file" / "video.mp4", [frame], fps=25)
