"""What is known of a training is noted while it runs, and travels with the weights."""

from collections.abc import Callable
from pathlib import Path

import pytest
import pytorch_lightning as pl

from vid2vid import Vid2VidDataModule, Vid2VidModule, load
from vid2vid.errors import CheckpointError
from vid2vid.training.checkpoints.model_folder import SETTINGS
from vid2vid.training.training_facts import TrainingFacts, changed_settings


def test_a_training_notes_what_it_was(
    small_module: Callable[..., Vid2VidModule],
    street_data: Callable[..., Vid2VidDataModule],
    quiet_trainer: Callable[..., pl.Trainer],
    tmp_path: Path,
) -> None:
    module = small_module(optimizer={"lr": 0.001})
    assert module.facts == TrainingFacts()
    trainer = quiet_trainer(limit_train_batches=2, limit_val_batches=0)
    trainer.fit(module, street_data(batch_size=1))
    facts = module.facts
    assert (facts.data, facts.sequences, facts.frames, facts.fps) == ("data", 3, 36, 10)
    assert (facts.height, facts.width, facts.clip_frames, facts.batch_size, facts.batches) == (32, 64, 6, 1, 2)
    assert "optimizer.lr=0.001" in facts.settings
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    assert load(tmp_path / "a.ckpt").facts == facts
    other = quiet_trainer()
    other.strategy.connect(load(tmp_path / "a.ckpt"))
    other.save_checkpoint(tmp_path / "again.ckpt", weights_only=True)
    assert load(tmp_path / "again.ckpt").facts == facts
    module.save_pretrained(tmp_path / "model")
    assert load(tmp_path / "model").facts == facts
    # a model that comes from elsewhere may hold anything
    text = (tmp_path / "model" / SETTINGS).read_text()
    (tmp_path / "model" / SETTINGS).write_text(text.replace('"height": 32', '"height": 1000000'))
    with pytest.raises(CheckpointError, match="height must be at least 0 and at most"):
        load(tmp_path / "model")


def test_settings_that_differ_from_the_defaults(small_module: Callable[..., Vid2VidModule]) -> None:
    module = small_module(generator={"foreground": "prior", "foreground_labels": ["car", "person"]})
    changed = changed_settings("video", module.hparams)
    assert "generator.base_channels=4" in changed
    assert "generator.foreground_labels=[car,person]" in changed
    assert not any(setting.startswith(("optimizer.", "condition", "encoder")) for setting in changed)


def test_of_paths_the_last_name_alone() -> None:
    parts = {"objective": {"teacher_checkpoint": "/home/ann/runs/teacher.ckpt"}}
    assert changed_settings("video", parts) == ["objective.teacher_checkpoint=teacher.ckpt"]
