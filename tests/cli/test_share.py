"""``vid2vid share``: a checkpoint becomes a folder, with what was measured of it if these are its weights."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from vid2vid import Vid2VidModule, load
from vid2vid.files import write_text
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.training.checkpoints.serialization import save

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def module(vid2vid: Command, small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    """A model whose checkpoint lies in a run, with an evaluation of it."""
    module = small_module()
    save(module, Path("run/checkpoints/last.ckpt"))
    content = {
        "vid2vid": {"psnr": 20.0},
        "intervals": {"vid2vid": {}},
        "weights": {"vid2vid": fingerprint(module)},
        "clips": 3,
    }
    write_text(Path("run/evaluation/metrics.json"), json.dumps(content))
    return module


def test_a_checkpoint_is_shared(vid2vid: Command, module: Vid2VidModule) -> None:
    done = vid2vid("share", "checkpoint=run/checkpoints/last.ckpt", "output=model", "licence=mit")
    assert done.returncode == 0, done.stderr
    assert "with what was measured in run/evaluation" in done.stdout
    assert "| vid2vid | 20.00 |" in Path("model/README.md").read_text()
    assert fingerprint(load("model")) == fingerprint(module)
    # the folder takes its figures along, and half of the precision makes other weights
    told = vid2vid("info", "checkpoint=model", "json=true")
    assert json.loads(told.stdout)["  PSNR dB ↑"] == "20.00"
    assert "nothing was measured" in vid2vid("share", "checkpoint=model", "output=half", "half=true").stdout
    assert "no scores of these weights" in vid2vid("info", "checkpoint=half").stdout
    assert not Path("half/metrics.json").exists()


def test_mistakes_are_told(vid2vid: Command, module: Vid2VidModule) -> None:
    checkpoint = "checkpoint=run/checkpoints/last.ckpt"
    for given, message in (
        ([], "give output (a folder) or hub (an id)"),
        (["output=run/checkpoints"], "run/checkpoints: would be replaced, but run/checkpoints/last.ckpt in it is read"),
        (["output=model", "evaluation=run"], "run: holds no evaluation of these weights"),
    ):
        done = vid2vid("share", checkpoint, *given)
        assert done.returncode == 2
        assert message in done.stderr
        assert not Path("model").exists()
    write_text(Path("mine/README.md"), "mine")
    assert "mine: exists already; choose a new" in vid2vid("share", checkpoint, "output=mine").stderr
    assert [path.read_text() for path in Path("mine").iterdir()] == ["mine"]
