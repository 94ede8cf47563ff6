"""What the library relies on beyond Lightning's public interface: each test fails when Lightning changes it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from vid2vid.training.lightning_internals import (
    CsvWriter,
    finished_epochs,
    is_last_batch,
    log_training_step,
    stop_counting,
    trained_batches,
    trained_batches_of_epoch,
    validate_after_last_batch,
)

Trainers = Callable[..., pl.Trainer]


class Shrinking(Dataset[Tensor]):
    """Five batches in the first epoch, and three in each later one."""

    def __init__(self) -> None:
        self.epoch = 0

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> Tensor:
        return torch.ones(1)


class FewerLater(torch.utils.data.Sampler[int]):
    """Draws five samples in the first epoch, and three in each later one."""

    epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return 3 if self.epoch else 5

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))


class TwoSteps(pl.LightningModule):
    """Makes two steps of an optimiser in each batch; only the first may count."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.weight = nn.Parameter(torch.ones(1))
        self.validated_after: list[int] = []
        self.batches = 0

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def training_step(self, batch: Tensor, batch_idx: int) -> None:
        optimizer: Any = self.optimizers()
        for _ in range(2):
            self.manual_backward(self.weight.sum())
            optimizer.step()
            optimizer.zero_grad()
            stop_counting([optimizer])
        self.batches += 1
        self.log("loss", float(batch_idx))

    def validation_step(self, batch: Tensor, batch_idx: int) -> None:
        self.validated_after.append(self.batches)


class Rows(pl.loggers.CSVLogger):
    """Keeps the logged steps in memory."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.rows: list[tuple[int | None, dict[str, float]]] = []

    def log_metrics(self, metrics: dict[str, Any], step: int | None = None) -> None:
        self.rows.append((step, metrics))


def batches() -> DataLoader[Tensor]:
    return DataLoader(Shrinking(), 1, sampler=FewerLater())


def fit(trainer: pl.Trainer, module: TwoSteps | None = None) -> TwoSteps:
    module = module or TwoSteps()
    trainer.fit(module, batches(), DataLoader(Shrinking(), 5))
    return module


def test_steps_after_the_first_do_not_count(quiet_trainer: Trainers) -> None:
    trainer = quiet_trainer(max_epochs=1)
    module = fit(trainer)
    assert trainer.global_step == 5
    assert module.weight.item() == pytest.approx(1 - 10 * 0.1, abs=1e-5)


def test_progress_is_counted_in_batches(quiet_trainer: Trainers) -> None:
    seen: list[tuple[int, int, bool]] = []

    class Spy(pl.Callback):
        def on_train_batch_end(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401
            seen.append((trained_batches(trainer), trained_batches_of_epoch(trainer), is_last_batch(trainer)))

    fit(quiet_trainer(max_epochs=2, callbacks=[Spy()]))
    assert seen[:5] == [(i, i, i == 5) for i in range(1, 6)]
    assert seen[5:] == [(5 + i, i, i == 3) for i in range(1, 4)]


@pytest.mark.parametrize("changed", [False, True])
def test_a_shorter_epoch_is_validated_only_if_lightning_does_not_wait_for_as_many_batches(
    changed: bool, quiet_trainer: Trainers
) -> None:
    class Change(pl.Callback):
        def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
            if changed:
                validate_after_last_batch(trainer)

    module = fit(quiet_trainer(max_epochs=2, callbacks=[Change()]))
    assert module.validated_after == ([5, 8] if changed else [5])


def test_an_interval_of_ones_own_stays(quiet_trainer: Trainers) -> None:
    trainer = quiet_trainer(val_check_interval=2)
    trainer.val_check_batch = 2
    validate_after_last_batch(trainer)
    assert trainer.val_check_batch == 2


def test_a_row_is_logged_ahead(quiet_trainer: Trainers, tmp_path: Path) -> None:
    logger, counts = Rows(tmp_path), []

    class Spy(pl.Callback):
        def on_train_batch_end(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401
            before = len(logger.rows)
            log_training_step(trainer)
            counts.append(len(logger.rows) - before)

    fit(quiet_trainer(max_epochs=1, logger=logger, log_every_n_steps=2, callbacks=[Spy()], limit_val_batches=0))
    # of every second batch, of which Lightning then logs the same row again
    assert counts == [0, 1, 0, 1, 0]
    assert [row for row in logger.rows if row[0] == 1] == [(1, {"loss": 1.0, "epoch": 0})] * 2


def test_a_checkpoint_knows_how_many_epochs_are_finished(quiet_trainer: Trainers, tmp_path: Path) -> None:
    trainer = quiet_trainer(max_epochs=2)
    fit(trainer)
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    assert finished_epochs(torch.load(tmp_path / "a.ckpt", weights_only=True)) == 2
    assert finished_epochs({"state_dict": {}}) == 0


def test_the_writer_keeps_an_earlier_file(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text("a,step\n1,0\n")
    writer = CsvWriter(str(tmp_path))
    writer.metrics_keys = ["a", "step"]
    writer.log_metrics({"a": 2.0}, 1)
    writer.save()
    assert (tmp_path / "metrics.csv").read_text() == "a,step\n1,0\n2.0,1\n"
