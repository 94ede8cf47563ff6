"""From nothing to a video, as a user would: prepare, train, evaluate, synthesize, each a program of its own."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from vid2vid import load
from vid2vid.video import stream_frames

Program = Callable[..., CompletedProcess[str]]
DATA = [
    "data.street.root=street",
    "data.street.height=32",
    "data.street.width=64",
    "data.street.train_sequences=2",
    "data.street.val_sequences=1",
    "data.street.frames=10",
    "data.street.render_workers=1",
]
CLIPS = ["data.clip_frames=5", "data.num_workers=1", "data.val_frames=6"]


@pytest.fixture(scope="module")
def home(program: Program, small: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a data set was prepared, and a model trained and evaluated."""
    folder = tmp_path_factory.mktemp("home")
    prepared = program("prepare", *DATA, cwd=folder)
    assert prepared.returncode == 0, prepared.stderr
    assert prepared.stdout == "train: 2 sequences, 20 frames\nval: 1 sequences, 10 frames\n"
    before = {path: path.stat().st_mtime_ns for path in (folder / "street").rglob("*.*")}
    settings = [
        *DATA,
        *CLIPS,
        *small,
        "trainer.max_epochs=2",
        "trainer.log_every_n_steps=1",
        "output.checkpoint_every=1",
    ]
    trained = program("train", *settings, "run_dir=run", cwd=folder)
    assert trained.returncode == 0, trained.stderr
    assert {path: path.stat().st_mtime_ns for path in (folder / "street").rglob("*.*")} == before
    evaluated = program("evaluate", "checkpoint=run/checkpoints/last.ckpt", cwd=folder)
    assert evaluated.returncode == 0, evaluated.stderr
    assert "written to" in evaluated.stdout
    assert [line.split()[0] for line in evaluated.stdout.splitlines()[1:4]] == ["vid2vid", "frozen", "label_mean"]
    return folder


def test_a_run_leaves_its_files(home: Path) -> None:
    files = {str(path.relative_to(home / "run")) for path in (home / "run").rglob("*") if path.is_file()}
    assert files == {
        "config.yaml",
        "metrics.csv",
        "hparams.yaml",
        "checkpoints/last.ckpt",
        "checkpoints/epoch_0001.ckpt",
        *(f"previews/epoch_000{epoch}.{ending}" for epoch in (1, 2) for ending in ("png", "mp4")),
        *(f"evaluation/{name}" for name in ("metrics.json", "metrics.md", "curves.png", "sheet.png", "synthesis.mp4")),
    }
    assert {path.name for path in home.iterdir()} == {"street", "run"}


def test_the_configuration_is_kept_whole(home: Path) -> None:
    config = OmegaConf.load(home / "run" / "config.yaml")
    assert config.data.clip_frames == 5
    assert config.generator.base_channels == 4
    assert config.objective.flow_weight == 10
    assert "${" not in (home / "run" / "config.yaml").read_text()


def test_the_numbers_are_logged(home: Path) -> None:
    with (home / "run" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len([row for row in rows if row["train/F/L_W"]]) == 4
    assert [row["epoch"] for row in rows if row["val/warping_error"]] == ["0", "1"]


def test_the_evaluation_is_that_of_the_checkpoint(home: Path) -> None:
    content = json.loads((home / "run" / "evaluation" / "metrics.json").read_text())
    assert content["synthesised_frames"] == 4
    with (home / "run" / "metrics.csv").open() as file:
        (*_, last) = [row for row in csv.DictReader(file) if row["val/psnr"]]
    assert content["vid2vid"]["psnr"] == pytest.approx(float(last["val/psnr"]), abs=1e-3)


def test_a_video_is_synthesised(home: Path, program: Program, tmp_path: Path) -> None:
    checkpoint, labels = home / "run" / "checkpoints" / "last.ckpt", home / "street" / "source" / "val-00000.mkv"
    given = [f"checkpoint={checkpoint}", f"source={labels}", "output=out/video.mp4"]
    done = program("synthesize", *given, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "out/video.mp4: 10 frames\n"
    frames = np.stack(list(stream_frames(tmp_path / "out" / "video.mp4")))
    assert frames.shape == (10, 32, 64, 3)
    table = np.zeros(256, np.uint8)
    table[load(checkpoint).condition.label_ids] = np.arange(9)
    source = torch.from_numpy(table[np.stack(list(stream_frames(labels)))[..., 0]])[None, :, None]
    with torch.no_grad():
        wanted = load(checkpoint)(source).fake[0]
    found = torch.from_numpy(frames).permute(0, 3, 1, 2) / 127.5 - 1
    assert (found - wanted).abs().mean() < 0.1


def test_two_processes_train(home: Path, program: Program, small: list[str]) -> None:
    """Lightning starts the second process with the same command line; it must find the verb there, too."""
    settings = [
        *DATA,
        *CLIPS,
        *small,
        "trainer=ddp",
        "trainer.accelerator=cpu",
        "trainer.devices=2",
        "data.batch_size=1",
    ]
    done = program("train", *settings, "run_dir=ddp", cwd=home)
    assert done.returncode == 0, done.stderr
    content = torch.load(home / "ddp" / "checkpoints" / "last.ckpt", weights_only=True)
    # 4 windows, two for each process
    assert content["global_step"] == 2
    assert {path.name for path in (home / "ddp" / "previews").iterdir()} == {"epoch_0001.png", "epoch_0001.mp4"}
