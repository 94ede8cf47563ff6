"""Batches that are larger than the memory are refused before the first one."""

from collections.abc import Callable
from typing import Any

import pytest
from pytorch_lightning import Trainer
from torch import Tensor

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.errors import ConfigError
from vid2vid.training import activations
from vid2vid.training.activations import bytes_per_pixel

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., Trainer]


@pytest.fixture
def few_pixels_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activations, "_LARGE", 0)


@pytest.mark.usefixtures("few_pixels_are_many")
def test_a_batch_beyond_the_memory_is_refused(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activations, "machine_memory", lambda: 2**18)
    module = small_module()
    with pytest.raises(ConfigError, match=r"a batch of 2 clips of 32 x 64 needs .* lower data\.height and data\.width"):
        quiet_trainer(max_steps=1).fit(module, street_data())
    # the same module trains when there is enough
    monkeypatch.setattr(activations, "machine_memory", lambda: 2**33)
    trainer = quiet_trainer(max_steps=1)
    trainer.fit(module, street_data())
    assert trainer.global_step == 1


def test_the_estimate_grows_with_the_chunk_and_changes_nothing(small_module: Modules, street_data: DataModules) -> None:
    data = street_data()
    data.prepare_data()
    data.setup("fit")

    def measured(precision: str = "32-true", **rollout: Any) -> float:  # noqa: ANN401 - any setting
        module = small_module(rollout=rollout, generator={"norm": "batch"})
        before: dict[str, Tensor] = {name: value.clone() for name, value in module.state_dict().items()}
        found = bytes_per_pixel(module, data, module.training_chunks, module.generator.config.multiple, precision)
        assert all(value.equal(before[name]) for name, value in module.state_dict().items())
        return found

    one, four, recomputed = measured(chunk_frames=1), measured(chunk_frames=4), measured(chunk_frames=4, recompute=True)
    assert 3 * one < four < 5 * one
    assert recomputed < four / 2
    assert one / 2 <= measured("bf16-mixed", chunk_frames=1) < 0.9 * one
