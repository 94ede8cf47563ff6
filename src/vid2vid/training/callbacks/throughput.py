"""Knowing the run: how fast it goes, what it waits for, how much memory it takes."""

import sys
import time
from typing import Any

import pytorch_lightning as pl
import torch


class ThroughputMonitor(pl.Callback):
    """Logs how fast a training goes.

    Means since the last line of the log: ``speed/clips_per_s``, ``speed/frames_per_s``, and ``speed/data_wait``, the
    part of the time spent waiting for data; then ``memory/peak_gib``, on a GPU that of the GPU (not on Windows' CPUs).
    On a GPU steps run beside the program: only means over many steps tell the truth.

    Args:
        every: Batches between two lines of the log.
    """

    def __init__(self, every: int = 10) -> None:
        self.every = every
        self._reset()
        self._ended: float | None = None

    def _reset(self) -> None:
        self._clips = self._frames = 0
        self._waited = self._total = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Forget what was between two epochs: validation is no waiting for data."""
        self._ended = None

    def on_train_batch_start(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Take the time at which a batch has come."""
        self._started = time.perf_counter()

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        """Take the time at which a batch is done; log when it is the log's turn."""
        _, clip, batch = args[:3]
        now = time.perf_counter()
        if self._ended is not None:
            self._clips += clip.real.shape[0]
            self._frames += clip.real.shape[0] * clip.real.shape[1]
            self._waited += self._started - self._ended
            self._total += now - self._ended
        self._ended = now
        if self._total and (batch + 1) % self.every == 0:
            pl_module.log_dict(self._values(trainer), batch_size=clip.real.shape[0])
            self._reset()

    def _values(self, trainer: pl.Trainer) -> dict[str, float]:
        speeds = {
            "speed/clips_per_s": self._clips * trainer.world_size / self._total,
            "speed/frames_per_s": self._frames * trainer.world_size / self._total,
            "speed/data_wait": self._waited / self._total,
        }
        return {**speeds, **peak_memory(trainer.strategy.root_device)}


def peak_memory(device: torch.device) -> dict[str, float]:
    """Return the most memory in GiB that a GPU's tensors, or on a CPU the process, have taken so far.

    Returns:
        ``memory/peak_gib``; nothing where it is not known (Windows' CPUs).
    """
    if device.type == "cuda":
        return {"memory/peak_gib": torch.cuda.max_memory_allocated(device) / 2**30}
    if sys.platform == "win32":
        return {}
    import resource

    # counted in kibibytes, on macOS in bytes
    per_gib = 2**30 if sys.platform == "darwin" else 2**20
    return {"memory/peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_gib}
