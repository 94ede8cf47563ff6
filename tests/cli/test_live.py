"""``vid2vid live`` as a program: pipes, signals, mistakes."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from vid2vid import Vid2VidModule
from vid2vid.condition import Condition
from vid2vid.video import stream_frames, write_video


@pytest.fixture(scope="module")
def model(small_module: Callable[..., Vid2VidModule], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model of edges."""
    folder = tmp_path_factory.mktemp("model") / "edges"
    small_module(Condition(kind="edges")).save_pretrained(folder)
    return folder


@contextmanager
def running(*arguments: object) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "vid2vid", "live", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def drawn_until_ctrl_c(process: "subprocess.Popen[bytes]") -> int:
    """Wait for the first picture of the page, stop the program, and return how many frames it says to have drawn."""
    assert process.stderr is not None
    line = process.stderr.readline().decode()
    address = re.fullmatch(r"vid2vid live: (http://127\.0\.0\.1:\d+/) \(Ctrl-C ends it\)\n", line)
    assert address, line + process.stderr.read().decode()
    with urllib.request.urlopen(f"{address[1]}stream", timeout=60) as stream:  # noqa: S310 - on this machine
        while b"image/jpeg" not in stream.readline():
            pass
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 0, messages
    drawn = re.search(rb"frames in, (\d+) drawn", messages)
    assert drawn, messages
    return int(drawn[1])


@pytest.mark.slow
def test_raw_frames_go_in_and_out_and_the_newest_is_drawn(model: Path) -> None:
    size = 32 * 64 * 3
    with running(f"checkpoint={model}", "source=-", "raw_height=32", "raw_width=64", "output=-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # the first frame alone, so that the model is there
        process.stdin.write(bytes(size))
        process.stdin.flush()
        assert len(process.stdout.read(size)) == size
        process.stdin.write(bytes(40 * size))
        process.stdin.flush()
        assert len(process.stdout.read(size)) == size
        # it waits for more, and is stopped
        process.send_signal(signal.SIGTERM)
        out, messages = process.communicate(timeout=120)
    assert process.returncode == 0, messages
    found = re.search(rb"vid2vid live: (\d+) frames in, (\d+) drawn, (\d+) dropped; latency p50 \d+ ms", messages)
    assert found, messages
    frames, drawn, dropped = (int(number) for number in found.groups())
    assert frames >= drawn + dropped
    assert dropped > 0
    assert len(out) == (drawn - 2) * size


@pytest.mark.slow
def test_ctrl_c_ends_it_with_a_whole_recording(model: Path, tmp_path: Path) -> None:
    write_video(tmp_path / "long.mp4", np.zeros((600, 32, 64, 3), np.uint8), 20)
    given = [f"source={tmp_path / 'long.mp4'}", f"output=[page,{tmp_path / 'out.mp4'}]", "port=0"]
    with running(f"checkpoint={model}", *given) as process:
        drawn = drawn_until_ctrl_c(process)
    assert len(list(stream_frames(tmp_path / "out.mp4"))) == drawn > 0


@pytest.mark.slow
def test_without_a_source_a_new_street_is_on_the_page() -> None:
    """The command of the README, on a free port."""
    with running("checkpoint=street", "port=0") as process:
        assert drawn_until_ctrl_c(process) > 0


def test_mistakes_are_explained(vid2vid: Callable[..., CompletedProcess[str]], model: Path) -> None:
    for given, message in (
        ("sorce=0", "Did you mean source?"),
        ("source=rtsp://a:b@127.0.0.1:9/x?y=z", "rtsp://127.0.0.1:9/x?y=z: "),
        ("source=screen:64x32+0+0", "there is no X display"),
        ("source=-", "raw frames do not say their size"),
    ):
        done = vid2vid("live", f"checkpoint={model}", given, "output=a.mp4")
        assert (done.returncode, message in done.stderr) == (2, True), done.stderr
