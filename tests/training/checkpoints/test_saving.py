"""When checkpoints are written, which are kept, and what a full disk leaves."""

import csv
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl

from vid2vid import Vid2VidModule
from vid2vid.config import OutputConfig
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.training.checkpoints.saving import AtomicCheckpointIO

Fit = Callable[..., tuple[Vid2VidModule, pl.Trainer]]
EPOCHS, BATCHES = 3, 5


def stems(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "checkpoints").iterdir())


def test_there_is_a_checkpoint_after_every_batch(whole: tuple[Path, Vid2VidModule, pl.Trainer]) -> None:
    names = [
        f"epoch_{epoch:04d}{end}" for epoch in range(EPOCHS) for end in ("", *(f"_batch_{n:06d}" for n in range(1, 5)))
    ]
    assert stems(whole[0]) == [*names, "last"]


@pytest.mark.slow
def test_the_newest_are_kept(fit: Fit, tmp_path: Path) -> None:
    fit(tmp_path, checkpoint_every_batches=3, checkpoint_every=2, keep_checkpoints=2)
    # of 3, 6, 9, 10 (after the second epoch), 12 and 15 (the end of the third)
    assert stems(tmp_path) == ["epoch_0002", "epoch_0002_batch_000002", "last"]
    one, two = (tmp_path / "checkpoints" / f"{stem}.ckpt" for stem in ("epoch_0002", "last"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.slow
def test_time_makes_checkpoints_too(fit: Fit, tmp_path: Path) -> None:
    fit(tmp_path, epochs=2, checkpoint_every_minutes=1e-9, keep_checkpoints=-1)
    assert len(stems(tmp_path)) == 2 * BATCHES + 1
    fit(tmp_path / "late", epochs=1, checkpoint_every_minutes=60, keep_checkpoints=0)
    assert stems(tmp_path / "late") == ["last"]
    with pytest.raises(ConfigError, match="checkpoint_every_minutes"):
        OutputConfig(checkpoint_every_minutes=-1)


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


@pytest.mark.slow
def test_a_full_disk_leaves_the_checkpoint_before(
    whole: tuple[Path, Vid2VidModule, pl.Trainer], fit: Fit, assert_same: Callable[..., None], tmp_path: Path
) -> None:
    with files_limited_to(resource.RLIM_INFINITY), pytest.raises(CheckpointError) as error:
        fit(tmp_path, callbacks=(Filler(),), checkpoint_every=1)
    path = tmp_path / "checkpoints" / "epoch_0001.ckpt"
    assert str(error.value).startswith(f"{path}: cannot be written: File too large. Earlier checkpoints are untouched")
    assert {p.name for p in path.parent.iterdir()} == {"epoch_0000.ckpt", "last.ckpt"}
    (path.parent / ".epoch_0001.ckpt.12345678.partial").write_bytes(b"of a killed process")
    assert_same(fit(tmp_path, path.with_name("last.ckpt"), keep_checkpoints=-1), whole[1:])
    assert stems(tmp_path) == ["epoch_0000", "epoch_0002", "last"]


@pytest.mark.slow
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
    fit(tmp_path, epochs=2, checkpoint_every_batches=2, checkpoint_every=1)
    assert rows == [(step, step) for step in (2, 4, 5, 6, 8, 10)]
    # and none is there twice
    assert losses(tmp_path) == list(range(2 * BATCHES))


def losses(folder: Path) -> list[int]:
    """Return the steps of the rows with losses."""
    with (folder / "metrics.csv").open() as file:
        return [int(row["step"]) for row in csv.DictReader(file) if row["train/F/L_I"]]


@pytest.mark.slow
def test_no_training_begins_anew_over_the_checkpoints_of_another(fit: Fit, tmp_path: Path) -> None:
    fit(tmp_path, epochs=1, keep_checkpoints=0)
    before = (tmp_path / "checkpoints" / "last.ckpt").read_bytes(), (tmp_path / "metrics.csv").read_text()
    with pytest.raises(ConfigError, match="checkpoints: holds the checkpoints of another training"):
        fit(tmp_path)
    assert ((tmp_path / "checkpoints" / "last.ckpt").read_bytes(), (tmp_path / "metrics.csv").read_text()) == before
