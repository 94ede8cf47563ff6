"""Times of frames: found without decoding, kept by writers, copies and joins, and resampled to a constant rate."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import VideoWriter, frame_times, open_frames, safe_copy, stream_frames, write_frames, write_labels
from vid2vid.video.timing import repeats, seconds_at, unevenness, usual_rate

COUNT = 60
Encode = Callable[..., Path]
Frames = list[NDArray[np.uint8]]


def irregular(count: int = COUNT) -> NDArray[np.float64]:
    """Return the times of frames of a recording of a screen, with a pause of two seconds."""
    steps = np.random.default_rng(2).integers(20, 120, count) / 1000
    steps[0], steps[count // 2] = 0, 2
    return np.cumsum(steps)


def shown(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(video=0) if frame.time is not None]


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("b.mkv", "ffv1")])
def test_variable_times_are_found_and_constant_ones_are_none(
    encode: Encode, moving: Frames, name: str, codec: str, tmp_path: Path
) -> None:
    pixels = "bgr0" if codec == "ffv1" else "yuv420p"
    assert frame_times(encode(tmp_path / f"constant-{name}", codec, pixels=pixels)) is None
    milliseconds = [round(1000 * time) for time in irregular()]
    times = frame_times(encode(tmp_path / name, codec, pixels=pixels, milliseconds=milliseconds))
    assert times == pytest.approx(irregular(), abs=1e-3)
    write_frames(tmp_path / "images", moving[:3])
    assert frame_times(tmp_path / "images") is None
    assert frame_times(encode(tmp_path / "a.avi", "mpeg4")) is None


def test_a_damaged_file_is_named(encode: Encode, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(VideoError, match=r"a\.mp4: cannot be read as a video"):
        frame_times(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_writers_keep_times(moving: Frames, name: str, tmp_path: Path) -> None:
    with VideoWriter(tmp_path / name, 20, times=irregular()[:50]) as writer:
        for frame in moving:
            writer.write(frame)
    # the writer was given too few times: the frames behind them follow at its rate
    wanted = [*irregular()[:50], *(irregular()[49] + np.arange(1, 11) / 20)]
    np.testing.assert_allclose(shown(tmp_path / name), wanted, atol=1e-3)
    # and every frame is read
    truth = np.stack(list(stream_frames(tmp_path / name)))
    np.testing.assert_array_equal(open_frames(tmp_path / name).read(range(COUNT)), truth)


def test_maps_and_copies_keep_times(encode: Encode, tmp_path: Path) -> None:
    write_labels(tmp_path / "a.mkv", [np.full((16, 16), t, np.uint8) for t in range(COUNT)], 20, irregular())
    assert frame_times(tmp_path / "a.mkv") == pytest.approx(irregular(), abs=1e-3)
    path = encode(tmp_path / "a.ts", "libx264", milliseconds=[round(1000 * time) for time in irregular()])
    assert frame_times(safe_copy(path, tmp_path / "copies")) == pytest.approx(irregular(), abs=2e-3)


def test_times_behind_the_last_one_follow_at_the_rate() -> None:
    times = np.array([0, 0.5, 0.6])
    assert [seconds_at(times, 10, index) for index in range(5)] == pytest.approx([0, 0.5, 0.6, 0.7, 0.8])
    assert seconds_at(None, 10, 3) == pytest.approx(0.3)
    assert unevenness(times) == pytest.approx(0.2)
    assert unevenness(np.array([0.0, 3])) == 0


def test_resampling_shows_the_last_frame_that_has_begun() -> None:
    times = np.array([0, 0.1, 0.4, 0.42, 0.44, 0.5])
    assert repeats(times, 10).tolist() == [1, 3, 1, 0, 0, 1]
    assert repeats(irregular(), 25).sum() == pytest.approx(irregular()[-1] * 25 + 1, abs=1)
    assert usual_rate(np.array([0, 0.1, 0.2, 0.9, 1])) == pytest.approx(10)
    # an hour of nothing is not filled with pictures
    assert usual_rate(np.array([0, 0.1, 0.2, 3600])) < 1
