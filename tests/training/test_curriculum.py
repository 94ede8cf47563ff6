"""A training whose clips grow, with loader processes that live on from epoch to epoch."""

from collections.abc import Callable
from typing import Any

import pytest
import pytorch_lightning as pl

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.config import LoaderConfig
from vid2vid.errors import ConfigError, DataError

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]


class Lengths(pl.Callback):
    """Notes the length and the number of the clips of each epoch."""

    def __init__(self) -> None:
        self.seen: dict[int, list[int]] = {}
        self.validated: list[int] = []

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Note the epoch of a validation."""
        self.validated.append(trainer.current_epoch)

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        """Note those of a batch."""
        clip = args[1]
        self.seen.setdefault(trainer.current_epoch, []).extend([clip.real.shape[1]] * clip.real.shape[0])


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1])
def test_clips_grow_from_epoch_to_epoch(
    workers: int, small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    lengths = Lengths()
    data = street_data(
        clip_frames=3, clip_double_every=1, clip_frames_max=12, batch_size=3, num_workers=workers, flow_strides=[1, 2]
    )
    trainer = quiet_trainer(max_epochs=4, callbacks=[lengths], limit_val_batches=1)
    trainer.fit(small_module(), data)
    # 3 sequences of 12 frames
    assert lengths.seen == {0: [3] * 12, 1: [6] * 6, 2: [12] * 3, 3: [12] * 3}
    # Lightning would wait for as many batches as the first epoch had
    assert lengths.validated == [0, 1, 2, 3]


def test_it_trains_on_frames_that_lie_apart(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    trainer = quiet_trainer(limit_val_batches=0)
    trainer.fit(small_module(), street_data(clip_frames=4, frame_strides=[1, 3], flow_strides=[1, 2, 3]))
    assert trainer.callback_metrics["train/F/L_W"] > 0


def test_what_cannot_work_is_refused(street_data: DataModules) -> None:
    with pytest.raises(ConfigError, match=r"data\.clip_frames_max must be at least data\.clip_frames=8"):
        LoaderConfig(clip_double_every=5)
    with pytest.raises(ConfigError, match=r"data\.frame_strides must be at least 1, but is 0"):
        LoaderConfig(frame_strides=[0])
    with pytest.raises(DataError, match="has 12 frames, fewer than a clip of 24"):
        street_data(clip_double_every=1, clip_frames_max=24).setup("fit")
