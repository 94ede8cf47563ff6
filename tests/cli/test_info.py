"""``vid2vid info``: the table of each kind of model that can be given."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from vid2vid import Vid2VidModule
from vid2vid.training.checkpoints.serialization import save

Command = Callable[..., CompletedProcess[str]]


def test_a_model_by_name(vid2vid: Command) -> None:
    told = vid2vid("info", "checkpoint=street")
    assert told.returncode == 0, told.stderr
    rows = {line[:15].strip(): line[15:] for line in told.stdout.splitlines()}
    assert rows["model"].strip() == "a video model (Vid2VidModule)"
    assert "trained at     256 x 128, 10 frames a second" in told.stdout
    assert "GFLOP a frame at 256 x 128" in told.stdout
    assert "road, sidewalk" in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 120


def test_an_exported_step(vid2vid: Command, small_module: Callable[..., Vid2VidModule]) -> None:
    save(small_module(), Path("a.ckpt"))
    assert (
        vid2vid("export", "checkpoint=a.ckpt", "format=torch", "output=a.pt2", "height=16", "width=24").returncode == 0
    )
    rows = json.loads(vid2vid("info", "checkpoint=a.pt2", "json=true").stdout)
    assert rows["frames"] == "24 x 16"
    assert rows["model"].startswith("one step of F, exported for torch")


def test_mistakes_are_told(vid2vid: Command) -> None:
    told = vid2vid("info", "checkpoint=nothing.ckpt")
    assert (told.returncode, "nothing.ckpt: there is no such checkpoint" in told.stderr) == (2, True)
    Path("a.onnx").write_bytes(b"")
    told = vid2vid("info", "checkpoint=a.onnx")
    assert (told.returncode, "a.onnx.json: is missing" in told.stderr) == (2, True)
