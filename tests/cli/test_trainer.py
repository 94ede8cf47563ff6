"""Lightning's Trainer from settings."""

from pathlib import Path

from pytorch_lightning.loggers import CSVLogger

from vid2vid.cli.trainer import limit, make_trainer, processes
from vid2vid.config import OutputConfig, TrainerConfig
from vid2vid.config.commands import Train
from vid2vid.config.data import ManifestData
from vid2vid.training.callbacks.previews import PreviewCallback
from vid2vid.training.callbacks.progress import TrainingProgress


def test_limits_are_fractions_up_to_1_and_numbers_above() -> None:
    assert [limit(value) for value in (0.0, 0.5, 1.0, 2.0)] == [0.0, 0.5, 1.0, 2]
    assert type(limit(1.0)) is float
    assert type(limit(2.0)) is int


def test_devices_are_a_number_or_chosen_by_lightning() -> None:
    assert processes(TrainerConfig(devices="2", num_nodes=3))["devices"] == 2
    assert processes(TrainerConfig())["devices"] == "auto"


def test_the_trainer_is_as_the_settings_say(tmp_path: Path) -> None:
    settings = Train(
        data=ManifestData(path="nowhere"),
        run_dir=str(tmp_path),
        trainer=TrainerConfig(max_epochs=3, accelerator="cpu", devices="1", limit_train_batches=2, progress=False),
        output=OutputConfig(preview_every=0),
    )
    trainer = make_trainer(settings)
    assert (trainer.max_epochs, trainer.limit_train_batches, trainer.default_root_dir) == (3, 2, str(tmp_path))
    kinds = {type(callback) for callback in trainer.callbacks}  # type: ignore[attr-defined]
    assert not kinds & {PreviewCallback, TrainingProgress}
    assert any(isinstance(logger, CSVLogger) for logger in trainer.loggers)
