"""From nothing to a video, as a user would: prepare, train, evaluate, synthesize, each a program of its own."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from vid2vid import load
from vid2vid.locks import LOCK
from vid2vid.training.run_lock import locked
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPROFILEIMPORTTIME", "1")
        prepared = program("prepare", *DATA, cwd=folder)
    assert prepared.returncode == 0, prepared.stderr
    # torchmetrics would import those with itself
    imported = {name.split(".")[0] for name in re.findall(r"\|\s+([\w.]+)$", prepared.stderr, re.MULTILINE)}
    assert "torchmetrics" in imported
    assert not imported & {"torchvision", "scipy", "matplotlib"}
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


@pytest.mark.slow
def test_a_run_leaves_its_files(home: Path) -> None:
    files = {str(path.relative_to(home / "run")) for path in (home / "run").rglob("*") if path.is_file()}
    assert files == {
        LOCK,
        "config.yaml",
        "metrics.csv",
        "hparams.yaml",
        "checkpoints/last.ckpt",
        "checkpoints/epoch_0001.ckpt",
        *(f"previews/epoch_000{epoch}.{ending}" for epoch in (1, 2) for ending in ("png", "mp4")),
        *(f"evaluation/{name}" for name in ("metrics.json", "metrics.md", "curves.png", "sheet.png", "synthesis.mp4")),
    }
    assert {path.name for path in home.iterdir()} == {"street", "run"}


@pytest.mark.slow
def test_the_configuration_is_kept_whole(home: Path) -> None:
    config = OmegaConf.load(home / "run" / "config.yaml")
    assert config.data.clip_frames == 5
    assert config.generator.base_channels == 4
    assert config.objective.flow_weight == 10
    assert "${" not in (home / "run" / "config.yaml").read_text()


@pytest.mark.slow
def test_the_numbers_are_logged(home: Path) -> None:
    with (home / "run" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len([row for row in rows if row["train/F/L_W"]]) == 4
    assert [row["epoch"] for row in rows if row["val/warping_error"]] == ["0", "1"]


@pytest.mark.slow
def test_the_evaluation_is_that_of_the_checkpoint(home: Path) -> None:
    content = json.loads((home / "run" / "evaluation" / "metrics.json").read_text())
    assert content["synthesised_frames"] == 4
    with (home / "run" / "metrics.csv").open() as file:
        (*_, last) = [row for row in csv.DictReader(file) if row["val/psnr"]]
    assert content["vid2vid"]["psnr"] == pytest.approx(float(last["val/psnr"]), abs=1e-3)


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.fixture
def command(small: list[str], street_root: Path) -> list[str]:
    """A small training, but for its folder."""
    data = [f"data.path={street_root}", "data.num_workers=0", "data.clip_frames=4", "data.val_frames=4"]
    return ["train", "data=manifest", *data, *small, "output.preview_every=0", "trainer.limit_train_batches=2"]


def content(folder: Path) -> dict[str, bytes]:
    """The content of all files of a run."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != LOCK]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.slow
def test_a_training_is_not_begun_over_another_one(vid2vid: Program, command: list[str]) -> None:
    run = Path("run")
    mistyped = vid2vid(*command, "run_dir=rum", "resume=true")
    assert mistyped.returncode == 2
    assert "rum: there is no checkpoint to resume from; check run_dir" in mistyped.stderr
    assert not list(Path.cwd().iterdir())

    # a training that came to no checkpoint
    for name in ("config.yaml", "metrics.csv"):
        run.mkdir(exist_ok=True)
        (run / name).write_text("of before")
    done = vid2vid(*command, "run_dir=run")
    assert done.returncode == 0, done.stderr
    assert f"vid2vid: moved what an earlier training had left to {run / 'earlier_1'}" in done.stderr
    assert content(run / "earlier_1") == {"config.yaml": b"of before", "metrics.csv": b"of before"}

    before = content(run)
    assert {"config.yaml", "metrics.csv", "checkpoints/last.ckpt"} < set(before)
    for more in (["seed=9"], ["optimizer.lr=1e9"], ["init_from=run/checkpoints/last.ckpt"], ["stages=[{epochs: 1}]"]):
        again = vid2vid(*command, "run_dir=run/../run", *more)
        assert again.returncode == 2
        assert "Traceback" not in again.stderr
    assert "holds the checkpoints of a training; resume=true resumes it" in again.stderr
    assert content(run) == before

    with locked(run):
        second = vid2vid("train", "run_dir=run", "resume=true", "trainer.max_epochs=2")
        assert second.returncode == 2
        assert "run: another training is writing there" in second.stderr
    assert content(run) == before
    done = vid2vid("train", "run_dir=run", "resume=true", "trainer.max_epochs=2")
    assert done.returncode == 0, done.stderr
    assert "resuming from run/checkpoints/last.ckpt" in done.stderr


def test_a_wrong_teacher_is_refused(vid2vid: Program, command: list[str]) -> None:
    torch.save({"weights": torch.zeros(3)}, "other.ckpt")
    mistakes = {
        ("objective.teacher_checkpoint=none.ckpt",): "none.ckpt: there is no such checkpoint",
        ("objective.teacher_checkpoint=other.ckpt",): "other.ckpt: is not a checkpoint that `vid2vid train` wrote",
        ("objective.teacher_checkpoint=a.ckpt", "model=image"): "only model=video learns from a teacher",
    }
    for mistake, message in mistakes.items():
        refused = vid2vid(*command, "run_dir=run", *mistake)
        assert refused.returncode == 2, mistake
        assert message in refused.stderr
        assert "Traceback" not in refused.stderr
    assert not list(Path().glob("run/checkpoints/*"))


@pytest.mark.slow
@pytest.mark.parametrize("stages", [[], ["stages=[{epochs: 1}]"]], ids=["whole", "staged"])
def test_a_refused_resumption_changes_nothing(vid2vid: Program, command: list[str], stages: list[str]) -> None:
    often = ["output.checkpoint_every_batches=1", "output.keep_checkpoints=-1", "trainer.log_every_n_steps=1"]
    done = vid2vid(*command, *stages, *often, "run_dir=run", "trainer.max_epochs=1")
    assert done.returncode == 0, done.stderr
    (amid,) = Path("run").rglob("epoch_0000_batch_000001.ckpt")
    before = content(Path("run"))
    # only when its data are loaded, within Lightning's fit, do they turn out to be others
    refused = vid2vid("train", f"resume={amid}", "run_dir=run", "data.seed=9")
    assert refused.returncode == 2, refused.stderr
    assert "would now have other clips: data.seed=9 (before: 0)" in refused.stderr
    assert content(Path("run")) == before
    done = vid2vid("train", f"resume={amid}", "run_dir=run", "trainer.log_every_n_steps=2")
    assert done.returncode == 0, done.stderr
    for path in Path("run").rglob("config.yaml"):
        config = OmegaConf.load(path)
        assert (config.data.seed, config.trainer.log_every_n_steps) == (0, 2), path


def test_no_data_lie_where_a_training_writes(vid2vid: Program, command: list[str], street_root: Path) -> None:
    previews = Path("run/previews")
    previews.mkdir(parents=True)
    (previews / "manifest.json").write_bytes((street_root / "manifest.json").read_bytes())
    refused = vid2vid(*command, "run_dir=run", "data.path=run/previews")
    assert refused.returncode == 2
    assert "run/previews: would be written over run/previews, which is read" in refused.stderr
    assert [path.name for path in Path("run").iterdir()] == ["previews"]
