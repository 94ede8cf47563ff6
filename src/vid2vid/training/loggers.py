"""Loggers of a training: ``metrics.csv``, TensorBoard and wandb."""

import csv
from collections.abc import Iterable
from io import SEEK_END, StringIO
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from lightning_fabric.loggers.logger import rank_zero_experiment
from pytorch_lightning.loggers import CSVLogger, Logger, TensorBoardLogger, WandbLogger
from pytorch_lightning.utilities import rank_zero_only

from vid2vid.config import LoggerConfig
from vid2vid.errors import ConfigError, require
from vid2vid.files import naming, write_text
from vid2vid.training.lightning_internals import CsvWriter, log_training_step

_ROW_KEY = ("epoch", "step")
"""The columns that identify a row: what is logged with the same values is one row."""


class MetricsTable(CSVLogger):
    """``metrics.csv`` in the folder of a run; a resumed training appends to the one that is there.

    What is logged for the same epoch and step, such as the losses and the validation, is one row.

    Args:
        run_dir: Folder of the run.
    """

    def __init__(self, run_dir: Path) -> None:
        # each row at once: after a kill none of those before the checkpoint is missing
        super().__init__(str(run_dir), name="", version="", flush_logs_every_n_steps=1)
        self._table: _Table | None = None

    @property
    @rank_zero_experiment
    def experiment(self) -> "_Table":
        """The writer of the file."""
        self._table = self._table or _Table(self.log_dir)
        return self._table

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Write what is left."""
        if self._table is not None:
            self.save()

    @rank_zero_only
    def cut(self, batches: int) -> None:
        """Drop the rows logged after so many batches of the training; with 0, all of them."""
        self.experiment.cut(batches)


class _Table(CsvWriter):
    """Appends a line where that suffices; otherwise it replaces the file by renaming a new one."""

    def __init__(self, log_dir: str) -> None:
        super().__init__(log_dir)
        self._last: dict[str, Any] = {}
        # offset of the last line in the file; None: unknown
        self._start: int | None = None

    def cut(self, batches: int) -> None:
        path = Path(self.metrics_file_path)
        if path.is_file():
            rows = [row for row in self._rows() if row.get("step", "").isdigit() and int(row["step"]) < batches]
            self.metrics_keys = []
            if rows:
                self._write(rows)
            else:
                path.unlink()

    def save(self) -> None:
        with naming(Path(self.metrics_file_path)):
            waiting, self.metrics = self.metrics, []
            for row in waiting:
                self._add(row)

    def _add(self, row: dict[str, Any]) -> None:
        """Write a row: into the last one, if it is of the same epoch and step."""
        path = Path(self.metrics_file_path)
        new_keys = set(row) - set(self.metrics_keys)
        self.metrics_keys = sorted({*self.metrics_keys, *row})
        same = bool(self._last) and all(str(row.get(key, "")) == str(self._last.get(key, "")) for key in _ROW_KEY)
        whole = {**self._last, **row} if same else row
        if same and whole == self._last:
            return
        if new_keys or not path.is_file() or (same and self._start is None):
            rows: list[dict[str, Any]] = [*self._rows()] if path.is_file() else []
            self._write([*(rows[:-1] if same else rows), whole])
            return
        line = StringIO(newline="")
        csv.DictWriter(line, self.metrics_keys).writerow(whole)
        with path.open("r+b") as file:
            start = file.seek(0, SEEK_END) if self._start is None or not same else file.seek(self._start)
            file.write(line.getvalue().encode())
            file.truncate()
        self._last, self._start = whole, start

    def _rows(self) -> list[dict[str, str]]:
        with Path(self.metrics_file_path).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        # a line that a killed training wrote half of lacks cells
        return [row for row in rows if None not in (*row, *row.values())]

    def _write(self, rows: list[dict[str, Any]]) -> None:
        self.metrics_keys = sorted({*self.metrics_keys, *(key for row in rows for key in row)})
        text = StringIO(newline="")
        writer = csv.DictWriter(text, self.metrics_keys)
        writer.writeheader()
        writer.writerows(rows)
        write_text(Path(self.metrics_file_path), text.getvalue())
        self._last, self._start = rows[-1], None


def log_ahead(trainer: pl.Trainer) -> None:
    """Write this batch's row of ``metrics.csv`` now, at the end of the batch, if Lightning is going to log one.

    A training that is killed between a callback's checkpoint and Lightning's logging would otherwise resume after the
    batch without its row. When Lightning logs the row again, nothing changes. Other loggers would log it twice, and get
    it from Lightning only.
    """
    loggers = trainer.loggers
    trainer.loggers = [logger for logger in loggers if isinstance(logger, MetricsTable)]
    try:
        log_training_step(trainer)
    finally:
        trainer.loggers = loggers


def make_loggers(config: LoggerConfig, run_dir: Path, resumed: bool = False) -> list[Logger]:
    """Make the loggers of a run: always ``metrics.csv`` in its folder, and the one that the settings name.

    Args:
        config: The settings.
        run_dir: Folder of the run.
        resumed: Whether a training is resumed: wandb then continues its run, also offline. ``wandb sync`` uploads what
            was logged offline before and after as one run.

    Raises:
        MissingExtraError: TensorBoard is asked for and not installed.
        ConfigError: wandb is asked for online, without an API key.
    """
    loggers: list[Logger] = [MetricsTable(run_dir)]
    if config.kind == "tensorboard":
        require("tensorboard", extra="tensorboard")
        loggers.append(TensorBoardLogger(str(run_dir), name="", version="tensorboard"))
    elif config.kind == "wandb":
        import wandb

        if config.mode == "online" and not wandb.api.api_key:
            raise ConfigError("logger.mode=online needs an account: run `wandb login`, or use logger.mode=offline.")
        run_dir.mkdir(parents=True, exist_ok=True)
        offline = config.mode == "offline"
        # wandb names its folders run-DATE_TIME-ID, or offline-run-DATE_TIME-ID
        folders = [path.name.rsplit("-", 2) for path in (run_dir / "wandb").glob("*run-*-*")] if resumed else []
        _, wandb_id = max(((time, name) for _, time, name in folders), default=("", None))
        logger = WandbLogger(str(run_dir), str(run_dir), id=wandb_id, project=config.project, offline=offline)
        loggers.append(logger)
    return loggers


def close_loggers(loggers: Iterable[Logger]) -> None:
    """Close the loggers of a training: wandb would log the next one in this process into the same run."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.finish()
