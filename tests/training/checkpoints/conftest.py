"""Trainings of three epochs of five batches, which the tests of checkpoints share."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.config import OutputConfig
from vid2vid.training.checkpoints.saving import AtomicCheckpointIO, CheckpointCallback
from vid2vid.training.loggers import MetricsTable

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Fit = Callable[..., tuple[Vid2VidModule, pl.Trainer]]
PARTS: dict[str, dict[str, Any]] = {
    "discriminators": {"image_draws": 1, "video_draws": 1},
    "optimizer": {"ema_decay": 0.9, "decay_from": 0.0},
    "rollout": {"chunk_frames": 2},
}
EPOCHS, BATCHES = 3, 5


@pytest.fixture(scope="session")
def fit(small_module: Modules, street_data: DataModules) -> Fit:
    """Trains in a folder; 5 batches an epoch."""

    def run(
        folder: Path,
        checkpoint: Path | None = None,
        workers: int = 0,
        callbacks: tuple[pl.Callback, ...] = (),
        planes: tuple[str, ...] = (),
        epochs: int = EPOCHS,
        parts: Mapping[str, dict[str, Any]] = PARTS,
        **output: Any,  # noqa: ANN401 - settings
    ) -> tuple[Vid2VidModule, pl.Trainer]:
        torch.manual_seed(3)
        data = street_data(clip_frames=4, num_workers=workers, planes=[*planes])
        module = small_module(data.condition if planes else None, **parts)
        trainer = pl.Trainer(
            default_root_dir=folder,
            accelerator="cpu",
            devices=1,
            max_epochs=epochs,
            log_every_n_steps=1,
            enable_progress_bar=False,
            enable_model_summary=False,
            logger=[MetricsTable(folder)],
            plugins=[AtomicCheckpointIO()],
            callbacks=[*callbacks, CheckpointCallback(folder / "checkpoints", OutputConfig(**output))],
        )
        trainer.fit(module, data, ckpt_path=checkpoint, weights_only=True)
        return module, trainer

    return run


@pytest.fixture(scope="session")
def whole(fit: Fit, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Vid2VidModule, pl.Trainer]:
    """A training that was never stopped, with a checkpoint of every batch."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, *fit(folder, checkpoint_every=1, checkpoint_every_batches=1, keep_checkpoints=-1)


@pytest.fixture(scope="session")
def assert_same() -> Callable[..., None]:
    """Compares everything that a training changes: weights, their average, moments of all optimisers, rates, steps."""

    def state(module: Vid2VidModule, trainer: pl.Trainer) -> Iterator[torch.Tensor]:
        """Everything that a training changes: weights, their average, and the moments of all optimisers."""
        yield from module.state_dict().values()
        for optimizer in trainer.optimizers:
            for moments in optimizer.state_dict()["state"].values():
                yield from moments.values()

    def compare(found: tuple[Vid2VidModule, pl.Trainer], wanted: tuple[Vid2VidModule, pl.Trainer]) -> None:
        assert all(torch.equal(a, b) for a, b in zip(state(*found), state(*wanted), strict=True))
        assert found[1].global_step == wanted[1].global_step == EPOCHS * BATCHES
        for a, b in zip(found[1].optimizers, wanted[1].optimizers, strict=True):
            assert a.param_groups[0]["lr"] == b.param_groups[0]["lr"]

    return compare
