"""Stopping a training that has gone wrong, before it spoils a checkpoint."""

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
    """Stops the training when a loss is infinite or no number.

    The losses stay on the device until they are looked at, some batches at once: waiting for each would hold the
    device up. They are looked at before every checkpoint, too, so that the last one written is a good one.

    Args:
        every: Batches that are looked at together.
    """

    def __init__(self, every: int = 10) -> None:
        self.every = every
        self._seen: list[_Seen] = []

    def on_train_batch_end(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Keep the losses of a batch.

        Raises:
            TrainingError: A loss since the last look is no finite number.
        """
        _, _, clip, batch = args[:4]
        losses = {name: value for name, value in trainer.callback_metrics.items() if name.startswith("train/")}
        self._seen.append(_Seen(trainer.current_epoch, batch, clip.names, losses))
        if len(self._seen) >= self.every:
            self._look()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Look at what is left of an epoch."""
        self._look()

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Refuse to save after a loss that is no finite number.

        Raises:
            TrainingError: There is one.
        """
        self._look()

    def _look(self) -> None:
        seen, self._seen = self._seen, []
        if not seen:
            return
        finite = torch.stack([torch.stack([v.isfinite().all() for v in one.losses.values()]).all() for one in seen])
        if bool(finite.all()):
            return
        bad = seen[int(finite.int().argmin())]
        terms = [f"{name.removeprefix('train/')} is {value:g}" for name, value in bad.losses.items() if _is_bad(value)]
        raise TrainingError(
            f"epoch {bad.epoch}, batch {bad.batch}, on the clips {', '.join(bad.clips)}: {', '.join(terms)}. No "
            "checkpoint was written since; go on from the last one with a lower optimizer.lr, or with "
            "optimizer.clip_norm=1."
        )


def _is_bad(value: Tensor) -> bool:
    return not bool(value.isfinite().all())
