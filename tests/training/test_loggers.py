"""``metrics.csv`` holds the rows of all batches that a checkpoint counts, at the moment when it is written."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
from pytorch_lightning.loggers import CSVLogger

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.config import OutputConfig
from vid2vid.training.callbacks.throughput import ThroughputMonitor
from vid2vid.training.checkpoints.saving import AtomicCheckpointIO, CheckpointCallback
from vid2vid.training.loggers import MetricsTable

Rows = list[dict[str, str]]
EPOCHS, BATCHES, EVERY = 2, 5, 2


def read(path: Path) -> Rows:
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


class Witness(AtomicCheckpointIO):
    """Notes what the tables of a run hold at the moment when a checkpoint is there: where a kill would leave them."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.seen: dict[str, tuple[Rows, Rows]] = {}

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:  # noqa: ANN401
        super().save_checkpoint(checkpoint, path, storage_options)
        tables = read(self.folder / "metrics.csv"), read(self.folder / "other" / "metrics.csv")
        self.seen[Path(path).stem] = tables


@pytest.fixture(scope="module")
def witnessed(
    small_module: Callable[..., Vid2VidModule],
    street_data: Callable[..., Vid2VidDataModule],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[int], tuple[Path, Witness]]:
    """Trains two epochs of 5 batches with a checkpoint after each, and a row for every so many of them."""

    def run(every: int) -> tuple[Path, Witness]:
        folder = tmp_path_factory.mktemp("run")
        witness = Witness(folder)
        output = OutputConfig(checkpoint_every=1, checkpoint_every_batches=1, keep_checkpoints=-1)
        trainer = pl.Trainer(
            default_root_dir=folder,
            accelerator="cpu",
            devices=1,
            max_epochs=EPOCHS,
            log_every_n_steps=every,
            num_sanity_val_steps=0,
            enable_progress_bar=False,
            enable_model_summary=False,
            logger=[MetricsTable(folder), CSVLogger(str(folder), name="", version="other", flush_logs_every_n_steps=1)],
            plugins=[witness],
            callbacks=[CheckpointCallback(folder / "checkpoints", output), ThroughputMonitor(1)],
        )
        trainer.fit(small_module(rollout={"chunk_frames": 2}), street_data(clip_frames=4))
        return folder, witness

    return run


def merged(rows: Rows) -> Rows:
    """Return Lightning's rows with those of the same epoch and step put together."""
    places: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        place = places.setdefault((row["epoch"], row["step"]), dict(row))
        place.update({key: value for key, value in row.items() if value})
    return list(places.values())


def batches(rows: Rows) -> list[int]:
    """Return the batches, counted over all epochs, that the rows of the training belong to."""
    return [int(row["step"]) for row in rows if row["train/F/L_I"]]


def validations(rows: Rows) -> list[int]:
    return [int(row["step"]) for row in rows if row.get("val/psnr")]


@pytest.mark.slow
def test_a_checkpoint_finds_the_rows_of_its_batches(witnessed: Callable[[int], tuple[Path, Witness]]) -> None:
    folder, witness = witnessed(1)
    assert len(witness.seen) == EPOCHS * BATCHES
    for number, (stem, (rows, others)) in enumerate(witness.seen.items()):
        assert batches(rows) == list(range(number + 1)), stem
        # an epoch's checkpoint finds its validation, too
        ended = EPOCHS if number + 1 == EPOCHS * BATCHES else (number + 1) // BATCHES
        assert validations(rows) == [BATCHES * (epoch + 1) - 1 for epoch in range(ended)], stem
        # Lightning's own way: the row comes after a checkpoint within an epoch
        assert batches(others) == list(range(number + ("batch" not in stem))), stem

    # in the end each batch has one row, in the same order and with the same numbers as Lightning logs them
    mine, others = read(folder / "metrics.csv"), read(folder / "other" / "metrics.csv")
    assert [int(row["step"]) for row in mine] == batches(mine) == list(range(EPOCHS * BATCHES))
    assert all(row["speed/frames_per_s"] for row in mine if row["step"] == "3")
    assert mine == merged(others)


@pytest.mark.slow
def test_no_row_is_added_that_lightning_would_not_log(witnessed: Callable[[int], tuple[Path, Witness]]) -> None:
    folder, witness = witnessed(EVERY)
    for number, (stem, (rows, _)) in enumerate(witness.seen.items()):
        assert batches(rows) == list(range(1, number + 1, EVERY)), stem
    mine = read(folder / "metrics.csv")
    assert batches(mine) == list(range(1, EPOCHS * BATCHES, EVERY))
    assert mine == merged(read(folder / "other" / "metrics.csv"))
    # the epoch's validation stands in the row of its last batch, if that has one
    assert [(row["epoch"], row["step"]) for row in mine if row["val/psnr"]] == [("0", "4"), ("1", "9")]
    assert [bool(row["train/F/L_I"]) for row in mine if row["val/psnr"]] == [False, True]


def test_what_is_logged_for_one_epoch_and_step_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    table = MetricsTable(tmp_path)
    loss: dict[str, Any] = {"a": 1.0, "epoch": 0}
    validation: dict[str, Any] = {"b": 2.0, "epoch": 0}
    for values, step in [(loss, 0), (loss, 0), (validation, 0), (loss, 0), (loss, 1), ({"a": 1.0, "epoch": 1}, 1)]:
        table.log_metrics(values, step)
    assert path.read_text() == "a,b,epoch,step\n1.0,2.0,0,0\n1.0,,0,1\n1.0,,1,1\n"
    # a line is written over without the file being written anew, also with a shorter one
    file = path.stat().st_ino
    table.log_metrics({"b": 0.125, "epoch": 1}, 1)
    table.log_metrics({"b": 2.0, "epoch": 1}, 1)
    assert path.read_text().splitlines()[-2:] == ["1.0,,0,1", "1.0,2.0,1,1"]
    assert path.stat().st_ino == file


def test_a_resumed_training_puts_its_validation_into_the_row_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    MetricsTable(tmp_path).log_metrics({"a": 0.1 + 0.2, "epoch": 0}, 3)
    with path.open("a") as file:
        file.write("7,1")
    resumed = MetricsTable(tmp_path)
    resumed.cut(4)
    resumed.log_metrics({"b": 2.0, "epoch": 0}, 3)
    resumed.log_metrics({"a": 3.0, "epoch": 1}, 4)
    assert path.read_text() == "a,b,epoch,step\n0.30000000000000004,2.0,0,3\n3.0,,1,4\n"
    resumed.cut(0)
    assert not path.exists()
    resumed.log_metrics({"a": 3.0, "epoch": 0}, 0)
    assert path.read_text() == "a,epoch,step\n3.0,0,0\n"
