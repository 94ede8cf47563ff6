"""A training that was stopped goes on as if nothing had happened, bit for bit; and never from the wrong file."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from vid2vid import ImageModule, Vid2VidDataModule, Vid2VidModule
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.training.checkpoints.resuming import require_run_dir, resume_point, set_aside
from vid2vid.training.checkpoints.serialization import save

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Fit = Callable[..., tuple[Vid2VidModule, pl.Trainer]]
Same = Callable[..., None]
PARTS: dict[str, dict[str, Any]] = {
    "discriminators": {"image_draws": 1, "video_draws": 1},
    "optimizer": {"ema_decay": 0.9, "decay_from": 0.0},
    "rollout": {"chunk_frames": 2},
}
EPOCHS, BATCHES = 3, 5


def stems(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "checkpoints").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("stem", ["epoch_0000_batch_000002", "epoch_0000", "epoch_0001_batch_000004", "epoch_0002"])
def test_a_training_goes_on_bit_for_bit(
    stem: str,
    workers: int,
    whole: tuple[Path, Vid2VidModule, pl.Trainer],
    fit: Fit,
    assert_same: Same,
    tmp_path: Path,
) -> None:
    folder, *_ = whole
    table = (folder / "metrics.csv").read_text()
    # rows of batches after the checkpoint, and half a line
    (tmp_path / "metrics.csv").write_text(table + "7,1")
    assert_same(fit(tmp_path, folder / "checkpoints" / f"{stem}.ckpt", workers), whole[1:])
    if stem != "epoch_0002":
        assert (tmp_path / "metrics.csv").read_text() == table


@pytest.mark.slow
def test_a_training_with_planes_goes_on_bit_for_bit(fit: Fit, tmp_path: Path) -> None:
    wanted, _ = fit(tmp_path / "whole", planes=("depth",), epochs=1, checkpoint_every_batches=4, keep_checkpoints=-1)
    assert wanted.condition.plane_channels == 1
    checkpoint = tmp_path / "whole" / "checkpoints" / "epoch_0000_batch_000004.ckpt"
    found, trainer = fit(tmp_path / "again", checkpoint, planes=("depth",), epochs=1)
    assert trainer.global_step == BATCHES
    assert all(
        torch.equal(a, b) for a, b in zip(found.state_dict().values(), wanted.state_dict().values(), strict=True)
    )


@pytest.mark.slow
def test_a_training_with_the_practices_of_later_gans_goes_on_bit_for_bit(fit: Fit, tmp_path: Path) -> None:
    discriminator = {
        "base_channels": 4,
        "layers": 2,
        "norm": "spectral",
        "augment": ["colour", "translation", "cutout"],
    }
    parts = {
        **PARTS,
        "discriminators": {"image": discriminator, "video": discriminator},
        # in the first and the fourth batch
        "objective": {"r1_weight": 1.0, "r1_every": 3},
    }
    output = {"checkpoint_every_batches": 2, "keep_checkpoints": -1}
    wanted, _ = fit(tmp_path / "whole", epochs=1, parts=parts, **output)
    checkpoint = tmp_path / "whole" / "checkpoints" / "epoch_0000_batch_000002.ckpt"
    found, trainer = fit(tmp_path / "again", checkpoint, epochs=1, parts=parts)
    assert trainer.global_step == BATCHES
    assert all(
        torch.equal(a, b) for a, b in zip(found.state_dict().values(), wanted.state_dict().values(), strict=True)
    )
    with (tmp_path / "whole" / "metrics.csv").open() as file:
        penalties = [row["train/D/R1_I"] for row in csv.DictReader(file) if row["train/D/L_I"]]
    # Lightning repeats the last one
    assert [penalties.index(penalty) for penalty in penalties] == [0, 0, 0, 3, 3]


def test_a_refused_checkpoint_leaves_no_trace_in_module_and_data(
    whole: tuple[Path, Vid2VidModule, pl.Trainer],
    small_module: Modules,
    street_data: DataModules,
    quiet_trainer: Callable[..., pl.Trainer],
) -> None:
    folder, *_ = whole
    module, data = small_module(**PARTS), street_data(clip_frames=4, seed=9)
    with pytest.raises(CheckpointError, match="would now have other clips"):
        quiet_trainer().fit(module, data, ckpt_path=folder / "checkpoints" / "epoch_0000_batch_000002.ckpt")
    trainer = quiet_trainer()
    trainer.fit(module, data)
    assert trainer.global_step == BATCHES


class Stopper(pl.Callback):
    """Wants to stop after a batch, as Lightning does at `max_time`."""

    def on_train_batch_end(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401
        trainer.should_stop = trainer.global_step == BATCHES + 2


@pytest.mark.slow
def test_a_training_that_lightning_stopped_goes_on(
    whole: tuple[Path, Vid2VidModule, pl.Trainer], fit: Fit, assert_same: Same, tmp_path: Path
) -> None:
    fit(tmp_path, callbacks=(Stopper(),))
    assert stems(tmp_path) == ["epoch_0001_batch_000002", "last"]
    assert_same(fit(tmp_path, tmp_path / "checkpoints" / "last.ckpt"), whole[1:])


# ---- from which checkpoint -----------------------------------------------------------------------------------------


@pytest.fixture
def run_dir(whole: tuple[Path, Vid2VidModule, pl.Trainer], tmp_path: Path) -> Path:
    """A run with three checkpoints."""
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    for name in ("epoch_0000.ckpt", "epoch_0001.ckpt", "last.ckpt"):
        (folder / name).write_bytes((whole[0] / "checkpoints" / name).read_bytes())
    return tmp_path


def test_the_last_checkpoint_is_found(run_dir: Path, small_module: Modules) -> None:
    module, folder = small_module(**PARTS), run_dir / "checkpoints"
    for nothing in (False, "false", "False", ""):
        assert resume_point(run_dir, nothing, module) is None
    assert resume_point(run_dir, True, module) == folder / "last.ckpt"
    assert resume_point(run_dir, str(folder / "epoch_0000.ckpt"), module) == folder / "epoch_0000.ckpt"
    (folder / "last.ckpt").unlink()
    assert resume_point(run_dir, "True", module) == folder / "epoch_0001.ckpt"
    assert resume_point(run_dir / "nowhere", True, module) is None
    with pytest.raises(CheckpointError, match=r"none\.ckpt: there is no such checkpoint"):
        resume_point(run_dir, "none.ckpt", module)
    with pytest.raises(CheckpointError, match=r"is a folder, not a checkpoint; give a \.ckpt file"):
        resume_point(run_dir, str(run_dir), module)


def test_of_a_damaged_checkpoint_the_one_before_is_offered(run_dir: Path, small_module: Modules) -> None:
    last, newest, oldest = (run_dir / "checkpoints" / f"{n}.ckpt" for n in ("last", "epoch_0001", "epoch_0000"))
    last.write_bytes(last.read_bytes()[:5000])
    with pytest.raises(CheckpointError, match=rf"{last}: cannot be read .* sound: resume={newest}$"):
        resume_point(run_dir, True, small_module(**PARTS))
    newest.write_bytes(b"")
    with pytest.raises(CheckpointError, match=rf"{last}: cannot be read .* sound: resume={oldest}$"):
        resume_point(run_dir, True, small_module(**PARTS))
    oldest.unlink()
    with pytest.raises(CheckpointError, match="There is no other"):
        resume_point(run_dir, True, small_module(**PARTS))


def test_another_training_is_refused(
    run_dir: Path, small_module: Modules, small_image: Callable[..., ImageModule]
) -> None:
    other = small_module(**{**PARTS, "optimizer": {**PARTS["optimizer"], "lr": 0.5}, "rollout": {"chunk_frames": 3}})
    with pytest.raises(
        CheckpointError, match=r"last\.ckpt: .*: optimizer\.lr=0\.5 \(before: 0\.0002\), rollout\.chunk_"
    ):
        resume_point(run_dir, True, other)
    with pytest.raises(CheckpointError, match=r"last\.ckpt: this is a video model; an image generator .*is needed"):
        resume_point(run_dir, True, small_image())
    save(small_module(**PARTS), run_dir / "imported.ckpt")
    with pytest.raises(CheckpointError, match=r"imported\.ckpt: holds weights only"):
        resume_point(run_dir, str(run_dir / "imported.ckpt"), small_module(**PARTS))


def run_with(folder: Path, *names: str) -> Path:
    """A folder of a run with some empty files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    "checkpoint", ["checkpoints/last.ckpt", "checkpoints/epoch_0001.ckpt", "stage_2/checkpoints/a.ckpt"]
)
def test_a_used_folder_is_not_begun_anew(tmp_path: Path, checkpoint: str) -> None:
    run_dir = run_with(tmp_path / "run", checkpoint)
    other = run_with(tmp_path / "other", "checkpoints/last.ckpt") / "checkpoints" / "last.ckpt"
    for resume in (False, "false", ""):
        with pytest.raises(ConfigError, match="run: holds the checkpoints of a training; resume=true resumes it"):
            require_run_dir(run_dir, resume)
    for resume in (True, "auto", str(run_dir / "checkpoints" / ".." / checkpoint)):
        require_run_dir(run_dir, resume)
    with pytest.raises(ConfigError, match=r"is not a checkpoint of the training in .*run; give another run_dir"):
        require_run_dir(run_dir, str(other))
    require_run_dir(tmp_path / "new", str(other))


def test_where_no_training_is_none_is_resumed(tmp_path: Path) -> None:
    for run_dir in (tmp_path / "mistyped", run_with(tmp_path / "run", "config.yaml", "checkpoints/a.txt")):
        with pytest.raises(ConfigError, match=f"{run_dir}: there is no checkpoint to resume from; check run_dir"):
            require_run_dir(run_dir, True)
        for resume in (False, "auto"):
            require_run_dir(run_dir, resume)


def test_what_is_left_of_a_run_is_set_aside_together(tmp_path: Path) -> None:
    assert set_aside(tmp_path) is None
    names = ("config.yaml", "metrics.csv", "previews/a.png", "stage_1/metrics.csv")
    run_with(tmp_path, *names, "mine.txt")
    assert set_aside(tmp_path) == tmp_path / "earlier_1"
    assert all((tmp_path / "earlier_1" / name).is_file() for name in names)
    run_with(tmp_path, "metrics.csv")
    assert set_aside(tmp_path) == tmp_path / "earlier_2"
    assert {path.name for path in tmp_path.iterdir()} == {"earlier_1", "earlier_2", "mine.txt"}
