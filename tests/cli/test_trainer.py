"""Lightning's Trainer from settings."""

from pathlib import Path

import pytest
import torch
from pytorch_lightning.loggers import CSVLogger

from vid2vid.cli.trainer import limit, make_trainer, new_trainer, processes
from vid2vid.config import OutputConfig, TrainerConfig, build
from vid2vid.config.commands import Train
from vid2vid.config.data import ManifestData
from vid2vid.errors import ConfigError
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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"accelerator": "foo"}, r"^trainer\.accelerator='foo' is unknown"),
        ({"accelerator": "gpu"}, r"^trainer\.accelerator=gpu: torch finds no NVIDIA GPU .* trainer=cpu"),
        ({"accelerator": "cuda"}, r"^trainer\.accelerator=cuda: torch finds no NVIDIA GPU .* trainer=cpu"),
        ({"accelerator": "tpu"}, r"trainer\.accelerator=tpu.* cannot be used on this machine"),
        ({"strategy": "foo"}, r"^trainer\.strategy='foo' is unknown"),
        ({"precision": "64-true"}, r"^trainer\.precision=64-true cannot work"),
    ],
)
def test_what_this_machine_does_not_have_is_said(
    settings: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=message):
        new_trainer(build(TrainerConfig, {"accelerator": "cpu", "devices": "1", **settings}, "trainer"), logger=False)
