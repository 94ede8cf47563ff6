"""Trainings that are killed and stopped, as programs of their own: they go on bit for bit in this process."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import torch
from omegaconf import OmegaConf

from vid2vid.cli.assemble import CONFIG_NAME
from vid2vid.cli.composition import check, conf_dir, register
from vid2vid.cli.resume import data_of_run, resumed_settings

Run = Callable[..., CompletedProcess[str]]
FEW = [
    "trainer.max_epochs=2",
    "data.repeats=4",
    "data.clip_frames=4",
    "data.val_frames=4",
    "trainer.log_every_n_steps=1",
]
OFTEN = ["output.checkpoint_every_batches=3", "output.keep_checkpoints=-1", "output.preview_every=0"]
BATCHES = 2 * 18
END = 300.0  # seconds; on a busy machine a program takes its time


@pytest.fixture(scope="module")
def settings(street_root: Path, small: list[str]) -> list[str]:
    """Overrides of a small training of two epochs of 18 batches, which is seeded."""
    return ["data=manifest", f"data.path={street_root}", *small, *FEW, *OFTEN, "seed=7", "trainer.progress=false"]


def start(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    """Start a program in a process group of its own."""
    command = [sys.executable, "-m", "vid2vid", "train", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=cwd, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def signalled(process: subprocess.Popen[str], number: int, stem: str, run_dir: Path, group: bool) -> str:
    """Send a signal as soon as there is a checkpoint; return what the program said at its end."""
    deadline = time.monotonic() + END
    while not list((run_dir / "checkpoints").glob(stem)):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (os.killpg if group else os.kill)(process.pid, number)
    try:
        return process.communicate(timeout=END)[1]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def content(run_dir: Path, name: str = "last.ckpt") -> dict[str, Any]:
    found: dict[str, Any] = torch.load(run_dir / "checkpoints" / name, weights_only=True)
    return found


def same(a: object, b: object) -> bool:
    """Whether two trees of tensors are equal, bit for bit."""
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return torch.equal(a, b) if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor) else a == b


def rows(run_dir: Path) -> list[dict[str, str]]:
    with (run_dir / "metrics.csv").open() as file:
        return [
            {key: row[key] for key in row if key[:6] in ("train/", "val/ps", "step", "epoch")}
            for row in csv.DictReader(file)
        ]


@pytest.mark.slow
def test_a_training_survives_everything(settings: list[str], vid2vid: Run) -> None:
    here, whole, run_dir = Path.cwd(), Path("whole"), Path("run")
    done = vid2vid("train", *settings, "data.num_workers=0", "run_dir=whole", "resume=auto")
    assert done.returncode == 0, done.stderr
    assert "whole: there is no checkpoint to resume from; the training starts from the beginning" in done.stderr

    killed = start(*settings, "data.num_workers=1", "run_dir=run", cwd=here)
    signalled(killed, signal.SIGKILL, "epoch_0000_batch_000006.ckpt", run_dir, group=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (run_dir / "checkpoints" / "epoch_0000.ckpt").exists()

    # without its settings: those of the run are used
    terminated = start("run_dir=run", "resume=true", "data.num_workers=0", cwd=here)
    said = signalled(terminated, signal.SIGTERM, "epoch_0000_batch_000012.ckpt", run_dir, group=False)
    assert terminated.returncode == 128 + signal.SIGTERM, said
    assert "with other settings than before: data.num_workers=0 (before: 1)" in said
    assert "stopped by SIGTERM; resume=true goes on from run/checkpoints/last.ckpt" in said
    assert OmegaConf.load(run_dir / "config.yaml").data.num_workers == 0

    # to the whole group, as Ctrl-C does: the loader's workers get it, too
    interrupted = start("run_dir=run", "resume=true", "data.num_workers=1", cwd=here)
    said = signalled(interrupted, signal.SIGINT, "epoch_0001_batch_000003.ckpt", run_dir, group=True)
    assert interrupted.returncode == 128 + signal.SIGINT, said
    assert "Traceback" not in said
    assert 0 < content(run_dir)["global_step"] < BATCHES

    done = vid2vid("train", *settings, "run_dir=run", "resume=true")
    assert done.returncode == 0, done.stderr
    found, wanted = content(run_dir), content(whole)
    assert found["global_step"] == wanted["global_step"] == BATCHES
    assert same(found["state_dict"], wanted["state_dict"])
    assert same(found["optimizer_states"], wanted["optimizer_states"])
    assert rows(run_dir) == rows(whole)


@pytest.mark.slow
def test_a_signal_to_all_processes_stops_them(settings: list[str], tmp_path: Path) -> None:
    ddp = ["trainer=ddp", "trainer.accelerator=cpu", "trainer.devices=2", "data.batch_size=1", "data.num_workers=1"]
    process = start(*settings, *ddp, "run_dir=run", cwd=tmp_path)
    said = signalled(process, signal.SIGTERM, "epoch_0000_batch_000003.ckpt", tmp_path / "run", group=True)
    assert process.returncode == 128 + signal.SIGTERM, said
    assert "Traceback" not in said
    assert said.count("stopped by SIGTERM") == 1
    assert 0 < content(tmp_path / "run")["global_step"] < BATCHES


@pytest.mark.parametrize("by_path", [False, True])
@pytest.mark.parametrize("place", ["here.mp4", "moved, twice.mp4"])
def test_settings_of_the_kind_of_data_of_the_run_can_be_changed(tmp_path: Path, by_path: bool, place: str) -> None:
    register()
    run = tmp_path / "run"
    run.mkdir()
    composed = check(
        conf_dir(), "train", ["experiment=video", 'data.path="moved, twice.mp4"', "seed=3", f"run_dir={run}"]
    )
    OmegaConf.save(composed, run / CONFIG_NAME, resolve=True)
    named = [f"resume={run}/checkpoints/last.ckpt"] if by_path else [f"run_dir={run}", "resume=true"]
    # the path of the run need not be given again
    changed = [*named, "data.path=here.mp4"] if place == "here.mp4" else [*named, "trainer.max_epochs=7"]
    settings = resumed_settings(check(conf_dir(), "train", [*data_of_run(changed), *changed]), changed)
    assert (settings.data.kind, settings.data.path, settings.seed) == ("video", place, 3)
    assert settings.run_dir == str(run)
    # a group on the command line, another run or none: nothing is added
    for others in ([*named, "data=folder"], ["resume=true", "run_dir=elsewhere"], ["resume=true"], [f"run_dir={run}"]):
        assert data_of_run(others) == []


def test_a_stage_of_the_run_can_be_changed(tmp_path: Path) -> None:
    register()
    composed = check(conf_dir(), "train", ["experiment=demo_progressive", f"run_dir={tmp_path}"])
    OmegaConf.save(composed, tmp_path / CONFIG_NAME, resolve=True)
    changed = [f"run_dir={tmp_path}", "resume=true", "stages.2.epochs=9"]
    settings = resumed_settings(check(conf_dir(), "train", [*data_of_run(changed), *changed]), changed)
    assert [stage.epochs for stage in settings.stages] == [3, 3, 9]
    assert [stage.width for stage in settings.stages] == [64, 128, 256]
