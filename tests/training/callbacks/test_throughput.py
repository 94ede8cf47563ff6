"""What is logged of the run itself."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import pytorch_lightning as pl

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.training.callbacks.throughput import ThroughputMonitor
from vid2vid.types import Clip

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]


class SlowSteps(pl.Callback):
    """Makes each step take at least some time, before or after the batch has come."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def on_train_batch_start(self, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Wait."""
        time.sleep(self.seconds)


@pytest.mark.slow
def test_speed_and_waiting_are_logged(
    small_module: Modules,
    street_data: DataModules,
    quiet_trainer: Trainers,
    monkeypatch: Any,  # noqa: ANN401
) -> None:
    data = street_data(batch_size=1)
    collate = Clip.stack

    def slow(clips: list[Clip]) -> Clip:
        time.sleep(0.2)
        return collate(clips)

    monkeypatch.setattr(Clip, "stack", slow)
    trainer = quiet_trainer(callbacks=[ThroughputMonitor(2), SlowSteps(0.1)])
    trainer.fit(small_module(), data)
    values = {name: float(value) for name, value in trainer.callback_metrics.items()}
    # a clip of 6 frames takes at least 0.3 s, two thirds of them waiting, and what the step itself takes
    assert 0 < values["speed/clips_per_s"] < 1 / 0.3
    assert values["speed/frames_per_s"] == pytest.approx(6 * values["speed/clips_per_s"])
    assert 0.01 < values["speed/data_wait"] < 0.67
    assert 0.1 < values["memory/peak_gib"] < 20
