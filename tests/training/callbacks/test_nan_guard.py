"""A loss that is no number stops the training, by name, and no checkpoint is written after it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.errors import TrainingError
from vid2vid.training.callbacks.nan_guard import NanGuard

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]


class Poison(pl.Callback):
    """Makes one of F's weights infinite before a batch."""

    def __init__(self, batch: int) -> None:
        self.batch = batch

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        """Do it."""
        if args[1] == self.batch:
            assert isinstance(pl_module, Vid2VidModule)
            with torch.no_grad():
                next(pl_module.generator.parameters()).fill_(float("inf"))


@pytest.mark.parametrize("every", [1, 50])
def test_a_loss_that_is_no_number_is_named(
    every: int, small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    saving = ModelCheckpoint(tmp_path, filename="{step}", every_n_train_steps=1, save_top_k=-1, save_last=True)
    trainer = quiet_trainer(callbacks=[Poison(2), NanGuard(every), saving], enable_checkpointing=True)
    with pytest.raises(TrainingError, match=r"epoch 0, batch 2, on the clips train-0000.*F/L_W is nan") as caught:
        trainer.fit(small_module(), street_data(batch_size=1))
    assert "optimizer.clip_norm" in str(caught.value)
    last = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert all(value.isfinite().all() for value in last["state_dict"].values() if value.is_floating_point())
    assert len(list(tmp_path.glob("step=*.ckpt"))) == 2


def test_a_sound_training_goes_on(small_module: Modules, street_data: DataModules, quiet_trainer: Trainers) -> None:
    trainer = quiet_trainer(callbacks=[NanGuard(2)])
    trainer.fit(small_module(), street_data(batch_size=1))
    assert trainer.fit_loop.epoch_loop.batch_progress.total.completed == 6
