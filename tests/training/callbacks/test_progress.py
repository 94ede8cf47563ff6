"""The progress bar."""

from collections.abc import Callable

import pytest
import pytorch_lightning as pl

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.training.callbacks.progress import TrainingProgress

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]


def test_the_progress_bar_speaks_of_the_papers_terms(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = quiet_trainer(enable_progress_bar=True, callbacks=[TrainingProgress()])
    trainer.fit(small_module(), street_data(val_frames=4))
    shown = "".join(capsys.readouterr())
    for term in (" F/L_W=", " F/L_I=", " D/L_V=", " val/psnr="):
        assert term in shown or term.replace(" ", "[") in shown, term
    assert "train/" not in shown
    assert "it/s" in shown
