"""A checkpoint becomes a graph and its description by the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from vid2vid import Vid2VidModule
from vid2vid.training.checkpoints.serialization import save

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def checkpoint(small_module: Callable[..., Vid2VidModule], tmp_path: Path) -> Path:
    path = tmp_path / "a.ckpt"
    save(small_module(), path)
    return path


def test_a_checkpoint_is_exported(vid2vid: Command, checkpoint: Path) -> None:
    done = vid2vid("export", f"checkpoint={checkpoint}", "format=torch", "output=out/a.pt2", "height=16", "width=24")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "out/a.pt2: one step of F for frames of 16 x 24, described in out/a.pt2.json\n"
    described = json.loads(Path("out/a.pt2.json").read_text())
    assert described["checkpoint"][0] == "a.ckpt"
    assert described["inputs"]["conditions"]["shape"] == [1, 3, 1, 16, 24]
    assert described["condition"]["label_names"]


def test_mistakes_are_told(vid2vid: Command, checkpoint: Path) -> None:
    for given, message in (
        (["output=a.onnx"], "height"),
        (["output=a.xml", "height=16", "width=24"], "files of format=onnx end in .onnx"),
        (["format=torch", "output=a.pt2", "height=1", "width=24"], "too small for F"),
    ):
        done = vid2vid("export", f"checkpoint={checkpoint}", *given)
        assert done.returncode == 2
        assert message in done.stderr
        assert "Traceback" not in done.stderr
