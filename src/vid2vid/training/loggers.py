"""Where the numbers of a training go."""

import csv
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from lightning_fabric.loggers.logger import rank_zero_experiment
from pytorch_lightning.loggers import CSVLogger, Logger, TensorBoardLogger, WandbLogger
from pytorch_lightning.loggers.csv_logs import ExperimentWriter
from pytorch_lightning.utilities import rank_zero_only

from vid2vid.config import LoggerConfig
from vid2vid.errors import ConfigError, require
from vid2vid.files import naming, write_text


class MetricsTable(CSVLogger):
    """``metrics.csv`` in the folder of a run; a training that is resumed goes on with the one that is there.

    Args:
        run_dir: Folder of the run.
    """

    def __init__(self, run_dir: Path) -> None:
        # each row at once: after a kill none of those before the checkpoint is missing
        super().__init__(str(run_dir), name="", version="", flush_logs_every_n_steps=1)
        self._last: tuple[int | None, dict[str, Any]] | None = None

    @property
    @rank_zero_experiment
    def experiment(self) -> "_Table":
        """The writer of the file."""
        if not isinstance(self._experiment, _Table):
            self._experiment = _Table(self.log_dir)
        return self._experiment

    @rank_zero_only
    def log_metrics(self, metrics: dict[str, Any], step: int | None = None) -> None:
        """Add a row, unless it is the last one once more: `log_ahead` had it written before its time."""
        if (step, metrics) != self._last:
            super().log_metrics(metrics, step)
            self._last = step, dict(metrics)

    @rank_zero_only
    def cut(self, batches: int) -> None:
        """Drop what was logged after so many batches of the training; after none, everything."""
        self.experiment.cut(batches)


class _Table(ExperimentWriter):
    """Lightning's writer, but for that it neither removes the file of an earlier training nor rewrites it in place."""

    def cut(self, batches: int) -> None:
        path = Path(self.metrics_file_path)
        if path.is_file():
            rows = [row for row in self._rows() if (row["step"] or "").isdigit() and int(row["step"]) < batches]
            self.metrics_keys = [key for key in (rows[0] if rows else ()) if key]
            if rows:
                self._write(rows)
            else:
                path.unlink()

    def save(self) -> None:
        with naming(Path(self.metrics_file_path)):
            super().save()

    def _check_log_dir_exists(self) -> None:
        """Leave an earlier training's file: `cut` decides what stays of it."""

    def _rewrite_with_new_header(self, fieldnames: list[str]) -> None:
        self._write(self._rows())

    def _rows(self) -> list[dict[str, str]]:
        with Path(self.metrics_file_path).open(newline="") as file:
            rows = list(csv.DictReader(file))
        # a line that a killed training wrote half of lacks cells
        return [row for row in rows if None not in row.values()]

    def _write(self, rows: list[dict[str, str]]) -> None:
        text = StringIO(newline="")
        writer = csv.DictWriter(text, self.metrics_keys)
        writer.writeheader()
        writer.writerows(rows)
        write_text(Path(self.metrics_file_path), text.getvalue())


def log_ahead(trainer: pl.Trainer) -> None:
    """Let ``metrics.csv`` have this batch's row now, at the end of the batch, if Lightning is going to log one.

    Lightning logs only after all callbacks: a training that was killed between a callback's checkpoint and the row
    would go on behind the batch, and the row be missing for good. No other logger gets it ahead: it could not know that
    the row which comes afterwards is the same.
    """
    loggers = trainer.loggers
    trainer.loggers = [logger for logger in loggers if isinstance(logger, MetricsTable)]
    try:
        trainer._logger_connector.update_train_step_metrics()
    finally:
        trainer.loggers = loggers


def make_loggers(config: LoggerConfig, run_dir: Path) -> list[Logger]:
    """Make the loggers of a run: always ``metrics.csv`` in its folder, and the one that the settings name.

    Raises:
        MissingExtraError: TensorBoard is asked for and not installed.
        ConfigError: wandb is asked for online, without an API key.
    """
    loggers: list[Logger] = [MetricsTable(run_dir)]
    if config.kind == "tensorboard":
        require("tensorboard", extra="tensorboard")
        loggers.append(TensorBoardLogger(str(run_dir), name="", version="tensorboard"))
    elif config.kind == "wandb":
        loggers.append(_wandb(config, run_dir))
    return loggers


def close_loggers(loggers: Iterable[Logger]) -> None:
    """End the loggers of a training: wandb would take the next one in this process for the same run."""
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            logger.experiment.finish()


def _wandb(config: LoggerConfig, run_dir: Path) -> Logger:
    import wandb

    if config.mode == "online" and not wandb.api.api_key:
        raise ConfigError("logger.mode=online needs an account: run `wandb login`, or use logger.mode=offline.")
    run_dir.mkdir(parents=True, exist_ok=True)
    return WandbLogger(
        name=str(run_dir), save_dir=str(run_dir), project=config.project, offline=config.mode == "offline"
    )
