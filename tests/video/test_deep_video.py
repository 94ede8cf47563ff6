"""Numbers of 16 bits come back by index from lossless videos, and damage is named."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from vid2vid.errors import VideoError
from vid2vid.video import write_labels, write_numbers, write_video
from vid2vid.video.deep_video import DeepVideo, is_deep

NUMBERS = np.random.default_rng(0).integers(0, 2**16, (5, 12, 18, 3), np.uint16)


def test_numbers_come_back_in_any_order(tmp_path: Path) -> None:
    for name, numbers in (("grey", NUMBERS[..., 0]), ("colours", NUMBERS)):
        path = tmp_path / f"{name}.mkv"
        write_numbers(path, numbers, 10)
        video = DeepVideo(path)
        assert is_deep(path)
        assert (len(video), video.height, video.width, video.fps, video.largest) == (5, 12, 18, 10, 65535)
        np.testing.assert_array_equal(video.read([4, 0, 2, 2]), numbers[[4, 0, 2, 2]])
        with pytest.raises(VideoError, match="there is no frame 5; it has 5"):
            video.read([5])


def test_frames_between_keyframes_are_read_too(tmp_path: Path) -> None:
    numbers = NUMBERS[[0, 1, 2, 3, 4] * 3, ..., 0] >> 4
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=25, options={"level": "3", "g": "6", "context": "1"})
        stream.width, stream.height, stream.pix_fmt = 18, 12, "gray12le"
        for frame in numbers:
            container.mux(stream.encode(VideoFrame.from_ndarray(frame, format="gray12le")))
        container.mux(stream.encode(None))
    video = DeepVideo(tmp_path / "a.mkv")
    assert video.largest == 4095
    for index in (0, 5, 6, 14):
        np.testing.assert_array_equal(video.read([index])[0], numbers[index])


def test_damaged_and_lossy_files_are_refused(tmp_path: Path) -> None:
    write_numbers(tmp_path / "a.mkv", NUMBERS[..., 0], 10)
    content = bytearray((tmp_path / "a.mkv").read_bytes())
    content[len(content) // 2] ^= 255
    (tmp_path / "a.mkv").write_bytes(content)
    with pytest.raises(VideoError, match=r"a\.mkv: frame \d cannot be read .*; the file is damaged"):
        DeepVideo(tmp_path / "a.mkv")
    write_video(tmp_path / "b.mp4", (NUMBERS >> 8).astype(np.uint8), 10)
    with pytest.raises(
        VideoError, match="holds yuv420p pixels by h264; numbers of more than 8 bits are read from FFV1"
    ):
        DeepVideo(tmp_path / "b.mp4")
    write_labels(tmp_path / "c.mkv", (NUMBERS[..., 0] >> 8).astype(np.uint8), 10)
    assert not is_deep(tmp_path / "c.mkv")


def test_wrong_frames_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"frame 1 must be \(H, W\) or \(H, W, 3\) uint16, all alike"):
        write_numbers(tmp_path / "a.mkv", [NUMBERS[0, ..., 0], NUMBERS[0]], 10)
    with pytest.raises(VideoError, match="frame 0 must be"):
        write_numbers(tmp_path / "a.mkv", [], 10)
    assert not (tmp_path / "a.mkv").exists()
