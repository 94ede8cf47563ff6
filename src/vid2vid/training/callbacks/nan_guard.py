"""A callback that stops a training when a loss is infinite or NaN, before it spoils a checkpoint."""

from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch
from torch import Tensor

from vid2vid.errors import TrainingError


class _Seen(NamedTuple):
    epoch: int
    batch: int
    clips: list[str]
    losses: dict[str, Tensor]


class NanGuard(pl.Callback):
    """Stops the training when a loss is infinite or NaN.

    The losses of several batches are checked at once: waiting for each would stall the device. They are also checked
    before every checkpoint, so that the last one written is sound.

    Args:
        every: Batches that are checked together.
    """

    def __init__(self, every: int = 10) -> None:
        self.every = every
        self._seen: list[_Seen] = []

    def on_train_batch_end(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Keep the losses of a batch.

        Raises:
            TrainingError: A loss since the last check is not finite.
        """
        _, _, clip, batch = args[:4]
        losses = {name: value for name, value in trainer.callback_metrics.items() if name.startswith("train/")}
        # a module of somebody else may log nothing under this name
        if losses:
            self._seen.append(_Seen(trainer.current_epoch, batch, clip.names, losses))
        if len(self._seen) >= self.every:
            self._check()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Check the last batches of an epoch."""
        self._check()

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Refuse to save after a loss that is not finite.

        Raises:
            TrainingError: There is one.
        """
        self._check()

    def _check(self) -> None:
        seen, self._seen = self._seen, []
        if not seen:
            return
        finite = torch.stack([torch.stack([v.isfinite().all() for v in one.losses.values()]).all() for one in seen])
        if bool(finite.all()):
            return
        bad = seen[int(finite.int().argmin())]
        terms = [
            f"{name.removeprefix('train/')} is {value:g}"
            for name, value in bad.losses.items()
            if not bool(value.isfinite().all())
        ]
        raise TrainingError(
            f"epoch {bad.epoch}, batch {bad.batch}, on the clips {', '.join(bad.clips)}: {', '.join(terms)}. No "
            "checkpoint was written since; resume from the last one with a lower optimizer.lr, or with "
            "optimizer.clip_norm=1."
        )
