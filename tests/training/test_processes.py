"""Two processes on the CPU train one model: their weights stay equal, bit for bit, and they share the data."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from vid2vid import Clip, Vid2VidDataModule, Vid2VidModule
from vid2vid.training import PreviewCallback

STRATEGY = "ddp_fork_find_unused_parameters_true"


class Diary(pl.Callback):
    """Each process writes down which clips it got, and its weights at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[list[str]] = []

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        # each process looks at other frames, as with seeds of its own
        torch.manual_seed(trainer.global_rank)

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        clip: Clip = args[1]
        self.names.append(clip.names)

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        content = {"names": self.names, "weights": dict(pl_module.state_dict()), "step": trainer.global_step}
        torch.save(content, self.folder / f"{trainer.global_rank}.pt")


@pytest.fixture(scope="module")
def diaries(
    small_module: Callable[..., Vid2VidModule],
    street_data: Callable[..., Vid2VidDataModule],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("ddp")
    trainer = pl.Trainer(
        default_root_dir=folder,
        accelerator="cpu",
        devices=2,
        strategy=STRATEGY,
        max_epochs=2,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[Diary(folder), PreviewCallback(folder / "previews")],
    )
    torch.manual_seed(3)
    module = small_module(rollout={"chunk_frames": 2})
    trainer.fit(module, street_data(batch_size=1, clip_frames=4))
    return folder, [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(2)]


def test_the_processes_hold_the_same_weights(diaries: tuple[Path, list[dict[str, Any]]]) -> None:
    _, (first, second) = diaries
    assert first["step"] == second["step"] > 0
    assert list(first["weights"]) == list(second["weights"])
    for name, value in first["weights"].items():
        assert torch.equal(value, second["weights"][name]), name


def test_the_processes_share_the_clips(diaries: tuple[Path, list[dict[str, Any]]]) -> None:
    _, (first, second) = diaries
    per_epoch = len(first["names"]) // 2
    assert per_epoch == 4
    for epoch in (slice(0, per_epoch), slice(per_epoch, None)):
        mine, others = ({name for names in diary["names"][epoch] for name in names} for diary in (first, second))
        assert len(mine) == len(others) == per_epoch
        assert not mine & others
    assert first["names"][:per_epoch] != first["names"][per_epoch:]


def test_one_process_writes_the_files(diaries: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, _ = diaries
    names = {path.name for path in (folder / "previews").iterdir()}
    assert names == {"epoch_0001.png", "epoch_0001.mp4", "epoch_0002.png", "epoch_0002.mp4"}
    assert len(list((folder / "checkpoints").glob("*.ckpt"))) == 1
