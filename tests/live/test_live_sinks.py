"""Pipes with slow readers, and recordings with times and sound."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vid2vid.errors import VideoError
from vid2vid.live.live_sinks import LivePipe, LoopbackCamera, Recording
from vid2vid.video import frame_times, has_sound, stream_frames

LARGE = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)


def test_a_pipe_gets_whole_frames_however_slowly_it_is_read() -> None:
    reading, writing = os.pipe()
    with LivePipe(writing, lambda: False) as pipe:
        thread = threading.Thread(target=pipe.write, args=(LARGE, 0.0))
        thread.start()
        data = b""
        while len(data) < LARGE.nbytes:
            data += os.read(reading, 50_000)
            time.sleep(0.01)
        thread.join()
    assert data == LARGE.tobytes()


def test_nobody_waits_for_a_reader_who_does_not_read_or_has_gone() -> None:
    reading, writing = os.pipe()
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    LivePipe(writing, stop.is_set).write(LARGE, 0.0)
    os.close(reading)
    with pytest.raises(VideoError, match="standard output: frames cannot be written"):
        LivePipe(writing, lambda: False).write(LARGE, 0.0)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_frames_are_shown_when_they_were_captured_with_the_sound(
    suffix: str, film: Callable[..., Path], tmp_path: Path
) -> None:
    source, output = film(tmp_path / "film.mp4", "aac", 2.0), tmp_path / f"out{suffix}"
    times = [0.0, 0.1, 0.5, 1.2, 1.24]
    with Recording(output, source) as recording:
        for seconds in times:
            recording.write(LARGE, seconds)
    shown = frame_times(output)
    assert shown is not None
    np.testing.assert_allclose(shown, times, atol=0.001)
    assert has_sound(output)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", output.name]


def test_after_an_error_the_recording_is_there_and_without_a_frame_none(tmp_path: Path) -> None:
    path, empty = tmp_path / "out.mp4", tmp_path / "empty.mp4"

    def record() -> None:
        with Recording(path) as recording, Recording(empty):
            recording.write(LARGE, 0.0)
            raise VideoError("camera 0: gives no more frames.")

    with pytest.raises(VideoError, match="camera 0"):
        record()
    assert len(list(stream_frames(path))) == 1
    with Recording(empty):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4"]
    with pytest.raises(VideoError, match="change the file's ending"), Recording(tmp_path / "out.avi"):
        pass


def test_devices_that_are_no_loopback_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        VideoError,
        match=r"video9: there is no such device; install v4l2loopback, .* `sudo modprobe v4l2loopback video_nr=9 ",
    ):
        LoopbackCamera(tmp_path / "video9")
    (tmp_path / "video8").touch()
    message = r"video8: takes no frames of 256 x 256 \(.*\); check that it is a v4l2loopback device"
    with LoopbackCamera(tmp_path / "video8") as camera, pytest.raises(VideoError, match=message):
        camera.write(LARGE, 0.0)
    # root may write everything
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(VideoError, match=r"output=.*video8: may not be written; run `sudo usermod -aG video \$USER`"):
        LoopbackCamera(tmp_path / "video8")
