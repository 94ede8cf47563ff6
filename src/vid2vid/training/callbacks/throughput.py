"""A callback that logs the throughput of a training, its waits for data and its memory."""

import sys
import time
from typing import Any

import pytorch_lightning as pl
import torch


class ThroughputMonitor(pl.Callback):
    """Logs the throughput of a training, and its memory.

    Means since the last row of the log: ``speed/clips_per_s``, ``speed/frames_per_s``, and ``speed/data_wait``, the
    share of the time spent waiting for data; then ``memory/peak_gib`` (`peak_memory`). A GPU works asynchronously: only
    means over many steps are accurate.

    Args:
        every: Batches between two rows of the log.
    """

    def __init__(self, every: int = 10) -> None:
        self.every = every
        self._reset()
        self._ended: float | None = None

    def _reset(self) -> None:
        self._clips = self._frames = 0
        self._waited = self._total = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Leave out the time between two epochs: validation is not waiting for data."""
        self._ended = None

    def on_train_batch_start(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Note when a batch has arrived."""
        self._started = time.perf_counter()

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        """Note when a batch is done; log after every ``every`` batches."""
        _, clip, batch = args[:3]
        now = time.perf_counter()
        if self._ended is not None:
            self._clips += clip.real.shape[0]
            self._frames += clip.real.shape[0] * clip.real.shape[1]
            self._waited += self._started - self._ended
            self._total += now - self._ended
        self._ended = now
        if self._total and (batch + 1) % self.every == 0:
            values = {
                "speed/clips_per_s": self._clips * trainer.world_size / self._total,
                "speed/frames_per_s": self._frames * trainer.world_size / self._total,
                "speed/data_wait": self._waited / self._total,
                **peak_memory(trainer.strategy.root_device),
            }
            pl_module.log_dict(values, batch_size=clip.real.shape[0])
            self._reset()


def peak_memory(device: torch.device) -> dict[str, float]:
    """Return the peak memory in GiB so far: of the tensors on a GPU, or of the process on a CPU.

    Returns:
        ``memory/peak_gib``; empty where it is unknown (CPUs under Windows).
    """
    if device.type == "cuda":
        return {"memory/peak_gib": torch.cuda.max_memory_allocated(device) / 2**30}
    if sys.platform == "win32":
        return {}
    import resource

    # counted in kibibytes, on macOS in bytes
    per_gib = 2**30 if sys.platform == "darwin" else 2**20
    return {"memory/peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_gib}
