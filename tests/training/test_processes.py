"""Two processes on the CPU train one model: their weights stay equal, bit for bit, and they share the data."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.strategies import FSDPStrategy

from vid2vid import Clip, Vid2VidDataModule, Vid2VidModule
from vid2vid.config import OutputConfig
from vid2vid.errors import ConfigError
from vid2vid.training.callbacks.previews import PreviewCallback
from vid2vid.training.checkpoints.saving import AtomicCheckpointIO, CheckpointCallback
from vid2vid.training.checkpoints.serialization import save

STRATEGY = "ddp_fork_find_unused_parameters_true"


class Diary(pl.Callback):
    """Each process writes down which clips it got, and its weights at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[list[str]] = []

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
        clip: Clip = args[1]
        self.names.append(clip.names)

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        content = {"names": self.names, "weights": dict(pl_module.state_dict()), "step": trainer.global_step}
        self.folder.mkdir(exist_ok=True)
        torch.save(content, self.folder / f"{trainer.global_rank}.pt")


Fit = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def fit(small_module: Callable[..., Vid2VidModule], street_data: Callable[..., Vid2VidDataModule]) -> Fit:
    """Trains in a folder with some processes, and returns their diaries."""

    def run(folder: Path, devices: int = 2, checkpoint: Path | None = None, **options: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        torch.manual_seed(3)
        module = small_module(**{"rollout": {"chunk_frames": 2}, **options.pop("parts", {})})
        batch_size = options.pop("batch_size", 0)
        output = OutputConfig(checkpoint_every_batches=1, keep_checkpoints=-1)
        trainer = pl.Trainer(
            default_root_dir=folder,
            accelerator="cpu",
            devices=devices,
            strategy=STRATEGY if devices > 1 else "auto",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            plugins=[AtomicCheckpointIO()],
            callbacks=[
                Diary(folder),
                PreviewCallback(folder / "previews"),
                CheckpointCallback(folder / "checkpoints", output),
            ],
            **{"max_epochs": 2, **options},
        )
        data = street_data(batch_size=batch_size or 2 // devices, clip_frames=4)
        trainer.fit(module, data, ckpt_path=checkpoint, weights_only=True)
        return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(devices)]

    return run


@pytest.fixture(scope="module")
def diaries(fit: Fit, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("ddp")
    return folder, fit(folder)


@pytest.mark.slow
def test_the_processes_hold_the_same_weights(diaries: tuple[Path, list[dict[str, Any]]]) -> None:
    _, (first, second) = diaries
    assert first["step"] == second["step"] > 0
    assert list(first["weights"]) == list(second["weights"])
    for name, value in first["weights"].items():
        assert torch.equal(value, second["weights"][name]), name


@pytest.mark.slow
def test_the_processes_share_the_clips(diaries: tuple[Path, list[dict[str, Any]]]) -> None:
    _, (first, second) = diaries
    per_epoch = len(first["names"]) // 2
    assert per_epoch == 4
    for epoch in (slice(0, per_epoch), slice(per_epoch, None)):
        mine, others = ({name for names in diary["names"][epoch] for name in names} for diary in (first, second))
        assert len(mine) == len(others) == per_epoch
        assert not mine & others
    assert first["names"][:per_epoch] != first["names"][per_epoch:]


@pytest.mark.slow
def test_one_process_writes_the_files(diaries: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, _ = diaries
    names = {path.name for path in (folder / "previews").iterdir()}
    assert names == {"epoch_0001.png", "epoch_0001.mp4", "epoch_0002.png", "epoch_0002.mp4"}
    # one after each batch, and last.ckpt
    assert len(list((folder / "checkpoints").iterdir())) == 2 * 4 + 1


@pytest.mark.slow
def test_a_video_discriminator_that_nobody_asks_makes_no_step(
    diaries: tuple[Path, list[dict[str, Any]]], small_module: Callable[..., Vid2VidModule]
) -> None:
    # no window of stride 2 fits 4 frames: Adam must not be given gradients of zero by the synchronisation
    moments = torch.load(diaries[0] / "checkpoints" / "last.ckpt", weights_only=True)["optimizer_states"]["D_V"][
        "state"
    ]
    discriminators = small_module().discriminators.video
    assert list(discriminators) == ["1", "2"]
    assert list(moments) == list(range(len(list(discriminators["1"].parameters()))))
    assert {int(one["step"]) for one in moments.values()} == {2 * 4}


def test_the_processes_learn_from_one_teacher(
    fit: Fit, small_module: Callable[..., Vid2VidModule], tmp_path: Path
) -> None:
    save(small_module(), tmp_path / "teacher.ckpt")
    parts = {"objective": {"teacher_checkpoint": str(tmp_path / "teacher.ckpt")}}
    first, second = fit(tmp_path / "run", parts=parts, max_epochs=1, limit_train_batches=1, limit_val_batches=0)
    assert not any("teacher" in name for name in first["weights"])
    for name, value in first["weights"].items():
        assert torch.equal(value, second["weights"][name]), name


class ShardedOnCPU(FSDPStrategy):
    """Lightning itself refuses the class above on a CPU, but not one of its heirs."""


def test_sharding_is_refused_with_a_reason(
    small_module: Callable[..., Vid2VidModule], quiet_trainer: Callable[..., pl.Trainer]
) -> None:
    module = small_module()
    module.trainer = quiet_trainer(devices=2, strategy=ShardedOnCPU())
    with pytest.raises(ConfigError, match=r"strategy=fsdp cannot train .*ddp_find_unused_parameters_true"):
        module.setup("fit")


@pytest.mark.slow
@pytest.mark.parametrize("stem", ["epoch_0000_batch_000002", "epoch_0000"])
def test_the_processes_go_on_with_their_own_clips(
    stem: str, diaries: tuple[Path, list[dict[str, Any]]], fit: Fit, tmp_path: Path
) -> None:
    folder, wanted = diaries
    found = fit(tmp_path, checkpoint=folder / "checkpoints" / f"{stem}.ckpt")
    for mine, whole in zip(found, wanted, strict=True):
        assert mine["names"] == whole["names"][2 if "batch" in stem else 4 :]
        assert mine["step"] == whole["step"]
        for name, value in mine["weights"].items():
            assert torch.equal(value, whole["weights"][name]), name


@pytest.mark.slow
@pytest.mark.parametrize(("devices", "batch_size"), [(1, 1), (1, 3), (2, 2)])
def test_an_epoch_goes_on_exactly_with_other_processes_and_batches(
    devices: int, batch_size: int, diaries: tuple[Path, list[dict[str, Any]]], fit: Fit, tmp_path: Path
) -> None:
    folder, whole = diaries
    # two processes have had two batches of one clip each of the first epoch
    checkpoint = folder / "checkpoints" / "epoch_0000_batch_000002.ckpt"
    found = fit(tmp_path, devices, checkpoint, batch_size=batch_size)
    begun, rest, second = (
        {name for diary in whole for names in diary["names"][steps] for name in names}
        for steps in (slice(0, 2), slice(2, 4), slice(4, 8))
    )
    steps = zip(*(diary["names"] for diary in found), strict=True)
    names = [name for step in steps for mine in step for name in mine]
    # the ninth clip, which two processes could not share, is trained, too, where one goes on
    left = 5 if devices == 1 else 4
    assert rest <= set(names[:left])
    assert len({*begun, *names[:left]}) == len(begun) + left
    # the second epoch is whole again
    assert second <= set(names[left:])
    assert len(names[left:]) == len(set(names[left:])) == 4 + left


def gradient_descent(module: Vid2VidModule) -> list[torch.optim.Optimizer]:
    """Make optimisers that do not, as Adam does, turn the noise of gradients that are zero into whole steps.

    Longer steps would soon lead over another kink of the losses, behind which the ways part.
    """
    networks = [module.generator, *module.named_discriminators().values()]
    groups = ({"params": list(network.parameters()), "initial_lr": 1e-6} for network in networks)
    return [torch.optim.SGD([group], lr=1e-6) for group in groups]


@pytest.mark.slow
def test_two_processes_do_what_one_does_with_the_double_batch(
    fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vid2VidModule, "configure_optimizers", gradient_descent)
    # everything is shown to the discriminators: nothing is drawn, by which the processes would differ
    # nor is any D_V asked in the last frame's chunk
    discriminators = {"image_draws": 0, "video_windows": "sparse"}
    parts = {"discriminators": discriminators, "rollout": {"chunk_frames": 1}}
    # one process would get the odd clip, too
    options = {"parts": parts, "max_epochs": 3, "limit_train_batches": 4, "limit_val_batches": 0}
    (alone,) = fit(tmp_path / "alone", devices=1, **options)
    both = fit(tmp_path / "both", devices=2, **options)
    assert [names for step in alone["names"] for names in step] == [
        name for step in zip(both[0]["names"], both[1]["names"], strict=True) for names in step for name in names
    ]
    assert alone["step"] == both[0]["step"] == 12
    (begin,) = fit(tmp_path / "begin", devices=1, **{**options, "max_epochs": 0})
    for name, value in alone["weights"].items():
        error, way = (value - both[0]["weights"][name]).norm(), (value - begin["weights"][name]).norm()
        # two halves are rounded otherwise than the whole; unsynchronised, half the way would lie between
        assert error <= 0.05 * way + 1e-6, name
    way = torch.stack([(alone["weights"][name] - value).norm() for name, value in begin["weights"].items()])
    assert way.max() > 1e-4
