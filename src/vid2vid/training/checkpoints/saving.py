"""The callback that writes checkpoints, atomically."""

import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.plugins import TorchCheckpointIO
from pytorch_lightning.callbacks import Checkpoint

from vid2vid.config import OutputConfig
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.files import remove_partials, write_bytes
from vid2vid.training.lightning_internals import is_last_batch, trained_batches, trained_batches_of_epoch
from vid2vid.training.loggers import MetricsTable, log_ahead
from vid2vid.training.stop_signal import StopSignal

LAST = "last.ckpt"


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes checkpoints atomically: the file appears, or replaces an older one, when it is complete."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:  # noqa: ANN401
        """Write a checkpoint.

        Raises:
            CheckpointError: It cannot be written, e.g. because the disk is full.
        """
        memory = BytesIO()
        torch.save(checkpoint, memory)
        write_checkpoint(Path(path), memory.getbuffer())


def write_checkpoint(path: Path, data: bytes | memoryview) -> None:
    """Write the bytes of a checkpoint.

    Raises:
        CheckpointError: They cannot be written.
    """
    try:
        write_bytes(path, data)
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot be written: {error.strerror}. Earlier checkpoints are untouched; free some space and "
            "resume from the last with resume=true."
        ) from error


class CheckpointCallback(Checkpoint):
    """Writes checkpoints at intervals, at the end, and when SIGTERM or Ctrl-C asks the training to stop.

    Files: ``FOLDER/epoch_0007.ckpt`` after an epoch (counted from 0) and its validation,
    ``FOLDER/epoch_0007_batch_000120.ckpt`` after 120 batches of it, and ``FOLDER/last.ckpt``, a copy of the newest.
    After the last batch of an epoch the validation always comes first, so that no resumed training leaves it out.

    Args:
        folder: The folder. A new training is refused if it holds checkpoints.
        config: How often they are written, and how many are kept.

    Attributes:
        stopped: The signal that stopped the training; 0: none did.
    """

    def __init__(self, folder: str | Path, config: OutputConfig) -> None:
        self.folder = Path(folder)
        self.config = config
        self.stopped = 0
        self._signal = StopSignal()
        self._since = time.monotonic()
        self._due = False

    @property
    def last_model_path(self) -> str:
        """The newest checkpoint, under the name that Lightning's own callback has for it."""
        return str(self.folder / LAST)

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Remove partial files of a killed training.

        Raises:
            ConfigError: The training is new, but there are checkpoints of an earlier one.
        """
        if trainer.is_global_zero and self.folder.is_dir():
            remove_partials(self.folder)
            if trainer.ckpt_path is None and any(self.folder.glob("*.ckpt")):
                raise ConfigError(f"{self.folder}: holds the checkpoints of another training; choose another folder.")

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Listen to signals, and drop the logged rows of batches that are going to be trained again."""
        self._signal.listen()
        self._since = time.monotonic()
        for logger in trainer.loggers:
            if isinstance(logger, MetricsTable):
                logger.cut(trained_batches(trainer))

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        """Write a checkpoint within an epoch, if one is due or the training stops."""
        number = self._ask_all(trainer)
        every = self.config.checkpoint_every_batches
        self._due |= every > 0 and trained_batches(trainer) % every == 0
        if is_last_batch(trainer):
            return
        # Lightning itself stops at trainer.max_time
        if self._due or number or trainer.should_stop:
            log_ahead(trainer)
            self._save(trainer, f"epoch_{trainer.current_epoch:04d}_batch_{trained_batches_of_epoch(trainer):06d}")
        if number:
            self._stop(trainer, number)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write a checkpoint between two epochs, if one is due or the training stops."""
        if not is_last_batch(trainer):
            # stopped within the epoch
            return
        number = self._ask_all(trainer)
        done = trainer.current_epoch + 1
        ending = number or trainer.should_stop or done == trainer.max_epochs
        if ending or self._due or done % self.config.checkpoint_every == 0:
            self._save(trainer, f"epoch_{trainer.current_epoch:04d}")
        if number:
            self._stop(trainer, number)

    def _ask_all(self, trainer: pl.Trainer) -> int:
        """Return the signal that any process has received; note if a checkpoint is due by the first one's clock."""
        minutes = self.config.checkpoint_every_minutes
        late = trainer.is_global_zero and 0 < minutes <= (time.monotonic() - self._since) / 60
        number, due = self._signal.number, int(late)
        # a single process need not wait for its GPU
        if trainer.world_size > 1:
            own = torch.tensor([number, due], device=trainer.strategy.root_device)
            number, due = trainer.strategy.reduce(own, reduce_op="max").tolist()
        self._due |= bool(due)
        return int(number)

    def _stop(self, trainer: pl.Trainer, number: int) -> None:
        self.stopped = number
        trainer.should_stop = True
        # Lightning would otherwise validate in the middle of the epoch
        trainer.limit_val_batches = 0

    def _save(self, trainer: pl.Trainer, stem: str) -> None:
        newest = self.folder / (f"{stem}.ckpt" if self.config.keep_checkpoints else LAST)
        trainer.save_checkpoint(newest, weights_only=False)
        if trainer.is_global_zero and newest.name != LAST:
            # a copy, not a link: what damages one file leaves the other
            write_checkpoint(self.folder / LAST, newest.read_bytes())
            keep = self.config.keep_checkpoints
            for path in newest_first(self.folder)[keep:] if keep > 0 else []:
                path.unlink()
        self._since, self._due = time.monotonic(), False


def newest_first(folder: Path) -> list[Path]:
    """Return the checkpoints in a folder but for ``last.ckpt``, the newest first."""
    paths = folder.glob("epoch_*.ckpt")
    return sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
