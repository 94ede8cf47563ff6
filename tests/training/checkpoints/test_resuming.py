"""A training that was stopped goes on as if nothing had happened, bit for bit; and never from the wrong file."""

import csv
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from vid2vid import ImageModule, Vid2VidDataModule, Vid2VidModule
from vid2vid.config import OutputConfig
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.training.checkpoints.resuming import resume_point
from vid2vid.training.checkpoints.saving import AtomicCheckpointIO, CheckpointCallback
from vid2vid.training.checkpoints.serialization import save
from vid2vid.training.loggers import MetricsTable
from vid2vid.training.seeding import step_seed

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Fit = Callable[..., tuple[Vid2VidModule, pl.Trainer]]
PARTS: dict[str, dict[str, Any]] = {
    "discriminators": {"image_draws": 1, "video_draws": 1},
    "optimizer": {"ema_decay": 0.9, "decay_from": 0.0},
    "rollout": {"chunk_frames": 2},
}
EPOCHS, BATCHES = 3, 5


@pytest.fixture(scope="module")
def fit(small_module: Modules, street_data: DataModules) -> Fit:
    """Trains in a folder; 5 batches an epoch."""

    def run(
        folder: Path,
        checkpoint: Path | None = None,
        workers: int = 0,
        callbacks: tuple[pl.Callback, ...] = (),
        **output: Any,  # noqa: ANN401 - settings
    ) -> tuple[Vid2VidModule, pl.Trainer]:
        torch.manual_seed(3)
        module = small_module(**PARTS)
        trainer = pl.Trainer(
            default_root_dir=folder,
            accelerator="cpu",
            devices=1,
            max_epochs=EPOCHS,
            log_every_n_steps=1,
            enable_progress_bar=False,
            enable_model_summary=False,
            logger=[MetricsTable(folder)],
            plugins=[AtomicCheckpointIO()],
            callbacks=[*callbacks, CheckpointCallback(folder / "checkpoints", OutputConfig(**output))],
        )
        data = street_data(clip_frames=4, num_workers=workers)
        trainer.fit(module, data, ckpt_path=checkpoint, weights_only=True)
        return module, trainer

    return run


@pytest.fixture(scope="module")
def whole(fit: Fit, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Vid2VidModule, pl.Trainer]:
    """A training that was never stopped, with a checkpoint of every batch."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, *fit(folder, checkpoint_every=1, checkpoint_every_batches=1, keep_checkpoints=-1)


def stems(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "checkpoints").iterdir())


def state(module: Vid2VidModule, trainer: pl.Trainer) -> Iterator[torch.Tensor]:
    """Everything that a training changes: weights, their average, and the moments of all optimisers."""
    yield from module.state_dict().values()
    for optimizer in trainer.optimizers:
        for moments in optimizer.state_dict()["state"].values():
            yield from moments.values()


def assert_same(found: tuple[Vid2VidModule, pl.Trainer], wanted: tuple[Vid2VidModule, pl.Trainer]) -> None:
    assert all(torch.equal(a, b) for a, b in zip(state(*found), state(*wanted), strict=True))
    assert found[1].global_step == wanted[1].global_step == EPOCHS * BATCHES
    for a, b in zip(found[1].optimizers, wanted[1].optimizers, strict=True):
        assert a.param_groups[0]["lr"] == b.param_groups[0]["lr"]


def test_there_is_a_checkpoint_after_every_batch(whole: tuple[Path, Vid2VidModule, pl.Trainer]) -> None:
    names = [
        f"epoch_{epoch:04d}{end}" for epoch in range(EPOCHS) for end in ("", *(f"_batch_{n:06d}" for n in range(1, 5)))
    ]
    assert stems(whole[0]) == [*names, "last"]


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("stem", ["epoch_0000_batch_000002", "epoch_0000", "epoch_0001_batch_000004", "epoch_0002"])
def test_a_training_goes_on_bit_for_bit(
    stem: str, workers: int, whole: tuple[Path, Vid2VidModule, pl.Trainer], fit: Fit, tmp_path: Path
) -> None:
    folder, *_ = whole
    table = (folder / "metrics.csv").read_text()
    # rows of batches after the checkpoint, and half a line
    (tmp_path / "metrics.csv").write_text(table + "7,1")
    assert_same(fit(tmp_path, folder / "checkpoints" / f"{stem}.ckpt", workers), whole[1:])
    if stem != "epoch_0002":
        assert (tmp_path / "metrics.csv").read_text() == table


class Stopper(pl.Callback):
    """Wants to stop after a batch, as Lightning does at `max_time`."""

    def on_train_batch_end(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401
        trainer.should_stop = trainer.global_step == BATCHES + 2


def test_a_training_that_lightning_stopped_goes_on(
    whole: tuple[Path, Vid2VidModule, pl.Trainer], fit: Fit, tmp_path: Path
) -> None:
    fit(tmp_path, callbacks=(Stopper(),))
    assert stems(tmp_path) == ["epoch_0001_batch_000002", "last"]
    assert_same(fit(tmp_path, tmp_path / "checkpoints" / "last.ckpt"), whole[1:])


def test_the_newest_are_kept(fit: Fit, tmp_path: Path) -> None:
    fit(tmp_path, checkpoint_every_batches=3, checkpoint_every=2, keep_checkpoints=2)
    # of 3, 6, 9, 10 (after the second epoch), 12 and 15 (the end of the third)
    assert stems(tmp_path) == ["epoch_0002", "epoch_0002_batch_000002", "last"]
    one, two = (tmp_path / "checkpoints" / f"{stem}.ckpt" for stem in ("epoch_0002", "last"))
    assert one.read_bytes() == two.read_bytes()


def test_time_makes_checkpoints_too(fit: Fit, tmp_path: Path) -> None:
    fit(tmp_path, checkpoint_every_minutes=1e-9, keep_checkpoints=-1)
    assert len(stems(tmp_path)) == EPOCHS * BATCHES + 1
    fit(tmp_path, checkpoint_every_minutes=60, keep_checkpoints=0)
    assert stems(tmp_path) == ["last"]
    # the first training's are not lost
    assert len(list((tmp_path / "checkpoints_1").iterdir())) == EPOCHS * BATCHES + 1
    with pytest.raises(ConfigError, match="checkpoint_every_minutes"):
        OutputConfig(checkpoint_every_minutes=-1)


def test_draws_differ_from_batch_to_batch() -> None:
    places = [(0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (2**64 - 1, 0, 0, 0)]
    assert len({step_seed(*place) for place in places}) == len(places)
    assert step_seed(1, 2, 3, 4) == step_seed(1, 2, 3, 4) < 2**64


# ---- a full disk ---------------------------------------------------------------------------------------------------


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """Let the system refuse larger files in this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class Filler(pl.Callback):
    """Leaves no room for a checkpoint from the second epoch on."""

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if trainer.current_epoch == 1:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def test_a_full_disk_leaves_the_checkpoint_before(
    whole: tuple[Path, Vid2VidModule, pl.Trainer], fit: Fit, tmp_path: Path
) -> None:
    with files_limited_to(resource.RLIM_INFINITY), pytest.raises(CheckpointError) as error:
        fit(tmp_path, callbacks=(Filler(),), checkpoint_every=1)
    path = tmp_path / "checkpoints" / "epoch_0001.ckpt"
    assert str(error.value).startswith(f"{path}: cannot be written: File too large. Earlier checkpoints are untouched")
    assert {p.name for p in path.parent.iterdir()} == {"epoch_0000.ckpt", "last.ckpt"}
    (path.parent / ".epoch_0001.ckpt.12345678.partial").write_bytes(b"of a killed process")
    assert_same(fit(tmp_path, path.with_name("last.ckpt"), keep_checkpoints=-1), whole[1:])
    assert stems(tmp_path) == ["epoch_0000", "epoch_0002", "last"]


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


def test_the_table_has_all_rows_of_a_checkpoint_before_it_is_written(
    fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[tuple[int, int]] = []
    write = AtomicCheckpointIO.save_checkpoint

    def looking(self: AtomicCheckpointIO, checkpoint: dict[str, Any], path: str | Path, **options: Any) -> None:  # noqa: ANN401
        # a kill right behind the checkpoint would leave the table as it is now
        rows.append((checkpoint["global_step"], len(losses(tmp_path))))
        write(self, checkpoint, path, **options)

    monkeypatch.setattr(AtomicCheckpointIO, "save_checkpoint", looking)
    fit(tmp_path, checkpoint_every_batches=2, checkpoint_every=1)
    assert rows == [(step, step) for step in (2, 4, 5, 6, 8, 10, 12, 14, 15)]
    # and none is there twice
    assert losses(tmp_path) == list(range(EPOCHS * BATCHES))


def losses(folder: Path) -> list[int]:
    """Return the steps of the rows with losses."""
    with (folder / "metrics.csv").open() as file:
        return [int(row["step"]) for row in csv.DictReader(file) if row["train/F/L_I"]]
