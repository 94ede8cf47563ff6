"""What is lost when a video is read is named."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import doubts, inspect, write_frames, write_ids, write_labels, write_video

Encode = Callable[..., Path]
Frames = list[NDArray[np.uint8]]
INTERLACED = {"flags": "+ildct+ilme", "x264-params": "tff=1"}


def test_plain_files_give_no_doubts(moving: Frames, tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", moving[:5], 25)
    write_labels(tmp_path / "labels.mkv", [frame[..., 0] for frame in moving[:5]], 25)
    write_ids(tmp_path / "ids.mkv", [frame[..., 0] for frame in moving[:5]], 25)
    write_frames(tmp_path / "images", moving[:2])
    for name in ("a.mp4", "labels.mkv", "ids.mkv", "images"):
        assert doubts(tmp_path / name) == inspect(tmp_path / name).doubts == []


@pytest.mark.parametrize(
    ("options", "pixels", "named"),
    [
        ({"x264-params": "transfer=smpte2084"}, "yuv420p", ["HDR transfer function PQ"]),
        ({"x264-params": "transfer=arib-std-b67"}, "yuv420p10le", ["function HLG", "10 bits a channel, of which 8"]),
        (INTERLACED, "yuv420p", ["is interlaced"]),
    ],
)
def test_what_is_lost_is_named(
    options: dict[str, str], pixels: str, named: list[str], encode: Encode, tmp_path: Path
) -> None:
    path = encode(tmp_path / "a.mp4", "libx264", options, pixels)
    for found in (doubts(path), inspect(path).doubts):
        assert len(found) == len(named)
        assert all(name in doubt for doubt, name in zip(found, named, strict=True))


def test_a_transparency_that_is_not_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx-vp9", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuva420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 4), np.uint8), format="rgba")))
        container.mux(stream.encode(None))
    (doubt,) = doubts(path)
    assert "has transparency, which is not read" in doubt


def test_a_variable_rate_is_a_doubt_of_a_training(encode: Encode, tmp_path: Path) -> None:
    times = [40 * index + 900 * (index > 30) for index in range(60)]
    path = encode(tmp_path / "a.mp4", "libx264", milliseconds=times)
    # a synthesis keeps the times
    assert doubts(path) == []
    (doubt,) = inspect(path).doubts
    assert "has a variable frame rate" in doubt
    jitter = [40 * index + 9 * (index % 2) for index in range(60)]
    assert inspect(encode(tmp_path / "b.mp4", "libx264", milliseconds=jitter)).doubts == []


def test_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(VideoError, match=r"a\.mp4: cannot be read as a video"):
        doubts(tmp_path / "a.mp4")
