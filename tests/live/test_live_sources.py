"""Sources: files at their own pace, streams of the network, and what there is not."""

import itertools
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vid2vid.condition import Condition
from vid2vid.config.live import LiveConfig
from vid2vid.errors import ConfigError, VideoError
from vid2vid.live.latest_frame import Capture
from vid2vid.live.live_sources import LiveSource, camera_trouble, open_source
from vid2vid.street import street_condition
from vid2vid.synthesis.inputs import InputSource
from vid2vid.video import write_ids, write_labels

Settings = Callable[..., LiveConfig]


def opened(config: LiveConfig, condition: Condition) -> LiveSource:
    return open_source(config, condition, InputSource(config.synthesis(), condition), lambda: False)


def test_a_file_is_played_at_its_own_pace(settings: Settings, clip: Path) -> None:
    source = opened(settings(source=clip), Condition(kind="edges"))
    frames = list(source.frames())
    times = np.diff([frame.time for frame in frames])
    assert (len(frames), frames[0].pixels.shape, source.sound, source.lasting) == (12, (32, 64, 3), clip, False)
    assert np.median(times) == pytest.approx(0.04, abs=0.001)


def test_label_maps_and_ids_come_together(settings: Settings, tmp_path: Path) -> None:
    labels = np.full((3, 16, 16), 7, np.uint8)
    ids = np.arange(3)[:, None, None] + np.full((3, 16, 16), 70_000)
    write_labels(tmp_path / "labels.mkv", labels, 100)
    write_ids(tmp_path / "ids.mkv", ids, 100)
    given = settings(source=tmp_path / "labels.mkv", instance=tmp_path / "ids.mkv")
    frames = list(opened(given, Condition(label_ids=[7], instance_edges=True)).frames())
    assert [frame.pixels.shape for frame in frames] == [(16, 16)] * 3
    assert [int(frame.ids[0, 0]) for frame in frames if frame.ids is not None] == [70_000, 70_001, 70_002]
    write_ids(tmp_path / "short.mkv", ids[:2], 100)
    short = settings(source=tmp_path / "labels.mkv", instance=tmp_path / "short.mkv")
    with pytest.raises(VideoError, match=r"has fewer frames than .*; both must be equally long"):
        list(opened(short, Condition(label_ids=[7], instance_edges=True)).frames())


def test_a_new_street_is_rendered_on_the_way(settings: Settings) -> None:
    source = opened(settings(height=16, width=32, fps=50), street_condition())
    first, second = itertools.islice(source.frames(), 2)
    assert first.pixels.shape == (16, 32)
    assert first.ids is not None
    assert second.time > first.time


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[np.memmap[Any, Any]]:
    """The pixels ``(H, W, 4)`` of an X screen in memory, blue, green, red, unused; they may be changed."""
    command = ["Xvfb", "-displayfd", "1", "-fbdir", str(tmp_path), "-screen", "0", "96x64x24"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            monkeypatch.setenv("DISPLAY", f":{server.stdout.readline().strip()}")
            path = tmp_path / "Xvfb_screen0"  # a header, a table of colours, and the pixels
            yield np.memmap(path, np.uint8, "r+", path.stat().st_size - 4 * 96 * 64, (64, 96, 4))
        finally:
            server.terminate()


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no Xvfb on this machine")
def test_a_region_of_the_screen_is_captured(settings: Settings, screen: np.memmap[Any, Any]) -> None:
    screen[20:30, 40:50, :3] = 10, 120, 240
    frames = opened(settings(source="screen:32x24+32+16", fps=50), Condition(kind="edges")).frames()
    first, second = itertools.islice(frames, 2)
    wanted = np.zeros((24, 32, 3), np.uint8)
    wanted[4:14, 8:18] = 240, 120, 10
    # without the mouse, which stands in the middle of the screen
    np.testing.assert_array_equal(first.pixels, wanted)
    assert second.time - first.time > 0.005
    beyond = opened(settings(source="screen:64x64+64+0"), Condition(kind="edges"))
    with pytest.raises(VideoError, match=r"Check that the region lies on the X display :\d+ \(DISPLAY\)"):
        next(beyond.frames())


@pytest.mark.parametrize(("kind", "channels"), [("edges", 3), ("grey", 1), ("labels", 1)])
def test_raw_frames_have_the_channels_of_the_condition(settings: Settings, kind: str, channels: int) -> None:
    reading, writing = os.pipe()
    os.write(writing, bytes(range(8 * channels)))
    os.close(writing)
    config, condition = (
        settings(source="-", raw_height=2, raw_width=4),
        Condition(kind, [7] if kind == "labels" else []),
    )
    inputs = InputSource(config.synthesis(), condition)
    object.__setattr__(inputs.source, "descriptor", reading)
    (frame,) = open_source(config, condition, inputs, lambda: False).frames()
    assert frame.pixels.shape == ((2, 4, 3) if channels == 3 else (2, 4))


@pytest.mark.parametrize("camera", ["network_camera", "rtsp_camera"])
def test_a_stream_of_the_network_is_read_and_opened_again(
    settings: Settings, camera: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vid2vid.live.latest_frame._FIRST_WAIT", 0.02)
    said: list[str] = []
    source = opened(settings(source=request.getfixturevalue(camera)), Condition(kind="edges"))
    levels: list[int] = []
    with Capture(source, 20, said.append) as capture:
        # until it has come back
        while (frame := capture.latest.take(lambda: len(said) > 1)) is not None:
            levels.append(int(frame.pixels.mean()))
    # the newest each time
    assert len(levels) > 1
    assert levels == sorted(levels)
    assert said[0].endswith("trying again in 0.02 s")
    assert said[1] == f"{source.name}: is back"
    # no password is told
    assert "secret" not in " ".join(said)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"source": "nothing.mp4"}, "source=nothing.mp4: there is no such file; give a camera"),
        ({"source": "screen:640"}, "give a region of the screen as in screen:640x480"),
        ({}, "source is missing: give a video of conditions"),
    ],
)
def test_what_there_is_not_is_explained(settings: Settings, given: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        opened(settings(**given), Condition(kind="edges"))


def test_pictures_are_no_labels(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"shows pictures, .* give segmenter=FILE"):
        opened(settings(source="0"), Condition(label_ids=[7]))


def test_cameras_streams_and_screens_that_are_not_there_are_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    for given, message in (
        ("97", "camera 97: " + ("there is no /dev/video97" if sys.platform == "linux" else "cannot be opened")),
        ("http://a:b@127.0.0.1:9/x", r"^http://127\.0\.0\.1:9/x: "),
        ("screen:64x32+0+0", "there is no X display"),
    ):
        with pytest.raises(VideoError, match=message):
            next(opened(settings(source=given), Condition(kind="edges")).frames())


def test_a_camera_that_cannot_be_used_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device, file = tmp_path / "video0", tmp_path / "video1"
    assert str(camera_trouble(device)) == f"there is no {device}; no camera is connected."
    file.touch()
    assert str(camera_trouble(device)) == f"there is no {device}; there are {file}."
    assert camera_trouble(file) == f"{file} is not a camera."
    device.symlink_to("/dev/null")
    assert camera_trouble(device) is None
    # root may read everything
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "usermod -aG video" in str(camera_trouble(device))


def test_a_stream_that_is_silent_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vid2vid.live.live_sources._READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        source = opened(settings(source=address), Condition(kind="edges"))
        with pytest.raises(VideoError, match=rf"{address}: sent nothing for 0\.2 seconds"):
            next(source.frames())
