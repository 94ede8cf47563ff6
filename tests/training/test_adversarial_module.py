"""A finer scale that joins learns alone for some epochs; then all scales learn, and the rates of all networks fall."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.strategies import DDPStrategy
from torch import Tensor

from vid2vid import Condition, ImageModule, Vid2VidDataModule, Vid2VidModule
from vid2vid.errors import ConfigError
from vid2vid.training.adversarial_module import step_seed

Modules = Callable[..., Vid2VidModule]
ImageModules = Callable[..., ImageModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]

HEADS = ("hallucination_head", "flow_head", "mask_head")
"""Of a coarser scale only its features are looked at, not its frames, unless the gradient runs through the past."""


def weights(module: pl.LightningModule) -> dict[str, Tensor]:
    return {name: parameter.detach().clone() for name, parameter in module.named_parameters()}


def moved(before: dict[str, Tensor], after: dict[str, Tensor], prefix: str = "") -> set[str]:
    return {name for name in before if name.startswith(prefix) and not torch.equal(before[name], after[name])}


class Diary(pl.Callback):
    """Keeps the weights before the first epoch and after each, the rates of each, and what Adam remembers."""

    def __init__(self) -> None:
        self.weights: list[dict[str, Tensor]] = []
        self.rates: list[list[float]] = []
        self.remembered: list[int] = []

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.weights.append(weights(pl_module))

    def on_train_batch_start(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401
        self.rates.append([group["lr"] for optimizer in trainer.optimizers for group in optimizer.param_groups])

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.weights.append(weights(pl_module))
        self.remembered.append(len(trainer.optimizers[0].state))


@pytest.fixture(scope="module")
def diary(small_module: Modules, street_data: DataModules, quiet_trainer: Trainers) -> Diary:
    """What was written down in one training, which is not to be changed."""
    torch.manual_seed(0)
    diary = Diary()
    trainer = quiet_trainer(max_epochs=4, limit_train_batches=1, limit_val_batches=0, callbacks=[diary])
    trainer.fit(progressive(small_module), street_data())
    return diary


def progressive(small_module: Modules, **optimizer: float) -> Vid2VidModule:
    settings = {"freeze_coarse_epochs": 2, "lr": 1e-3, "decay_from": 0.25, "ema_decay": 0.5, **optimizer}
    return small_module(generator={"scales": 3, "base_channels": 4}, optimizer=settings)


def test_only_the_finest_scale_learns_at_first(diary: Diary) -> None:
    start, *epochs = diary.weights
    for after in epochs[:2]:
        assert not moved(start, after, "generator.frame.scales.0.")
        assert not moved(start, after, "generator.frame.scales.1.")
        # the running average stands as still, bit for bit
        assert not moved(start, after, "average.module.frame.scales.0.")
    for before, after in zip(diary.weights, epochs, strict=False):
        for part in ("generator.frame.scales.2.", "discriminators.image.", "discriminators.video."):
            assert moved(before, after, part), part


def test_then_the_coarser_scales_learn_too(diary: Diary) -> None:
    _, _, before, *epochs = diary.weights
    for after in epochs:
        for scale in ("generator.frame.scales.0.", "generator.frame.scales.1."):
            names = {name for name in before if name.startswith(scale)}
            assert moved(before, after, scale) == {name for name in names if name.split(".")[4] not in HEADS}
        before = after


def test_adam_knows_nothing_of_what_stands_still(diary: Diary) -> None:
    start = diary.weights[0]
    finest = sum(name.startswith("generator.frame.scales.2.") for name in start)
    heads = sum(name.startswith("generator.") and name.split(".")[4] in HEADS for name in start) * 2 // 3
    everything = sum(name.startswith("generator.") for name in start)
    assert diary.remembered == [finest, finest, everything - heads, everything - heads]


def test_the_rates_of_all_networks_fall(diary: Diary) -> None:
    assert [pytest.approx([1e-3 * factor] * 3) for factor in (1, 1, 2 / 3, 1 / 3)] == diary.rates


def test_a_training_in_which_the_coarser_scales_never_learn_is_refused(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    with pytest.raises(
        ConfigError, match=r"optimizer\.freeze_coarse_epochs=2 must be below the number of epochs \(2\)"
    ):
        quiet_trainer(max_epochs=2, limit_val_batches=0).fit(progressive(small_module), street_data())


def test_data_with_other_conditions_are_refused(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    data = street_data()
    for condition in (Condition(kind="edges"), Condition(label_ids=data.condition.label_ids[::-1])):
        with pytest.raises(ConfigError, match=r"this model is for .* make it with condition=data\.condition"):
            quiet_trainer(max_epochs=1).fit(small_module(condition), data)


class StopAmid(pl.Callback):
    """Saves after the first batch of the training, and stops it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_train_batch_end(self, trainer: pl.Trainer, *args: Any) -> None:  # noqa: ANN401
        trainer.save_checkpoint(self.path)
        trainer.should_stop = True


@pytest.mark.slow
def test_a_training_that_goes_on_amid_an_epoch_keeps_the_coarser_scales_still(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    path = tmp_path / "amid.ckpt"
    few = {"max_epochs": 3, "limit_train_batches": 2, "limit_val_batches": 0}
    quiet_trainer(**few, callbacks=[StopAmid(path)]).fit(progressive(small_module), street_data())
    diary, module = Diary(), progressive(small_module)
    quiet_trainer(**few, callbacks=[diary]).fit(module, street_data(), ckpt_path=path)
    start, *epochs = diary.weights
    assert [bool(moved(start, after, "generator.frame.scales.0.")) for after in epochs] == [False, False, True]


def test_a_local_enhancer_learns_alone_with_the_last_layer(
    small_image: ImageModules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    diary = Diary()
    module = small_image(image={"scales": 2}, optimizer={"freeze_coarse_epochs": 1})
    trainer = quiet_trainer(max_epochs=2, limit_train_batches=1, limit_val_batches=0, callbacks=[diary])
    trainer.fit(module, street_data())
    start, alone, together = diary.weights
    assert {name.split(".")[1] for name in moved(start, alone, "generator.")} == {"scales", "head"}
    assert not moved(start, alone, "generator.scales.0.")
    assert moved(alone, together, "generator.scales.0.")


class Keep(pl.Callback):
    """Each process writes down its weights at the end."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder, self.seed = folder, seed

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        torch.manual_seed(self.seed + trainer.global_rank)

    def on_fit_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        torch.save(weights(pl_module), self.folder / f"{trainer.global_rank}.pt")


def test_two_processes_hold_the_same_coarse_weights(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    module = small_module(generator={"scales": 2}, optimizer={"freeze_coarse_epochs": 1})
    before = weights(module)
    strategy = {"devices": 2, "strategy": "ddp_fork_find_unused_parameters_true"}
    few = {"max_epochs": 2, "limit_train_batches": 1, "limit_val_batches": 0}
    quiet_trainer(**strategy, **few, callbacks=[Keep(tmp_path)]).fit(module, street_data(batch_size=1, clip_frames=4))
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    assert moved(before, first, "generator.frame.scales.0.")
    assert not moved(first, second)


def test_the_processes_make_lead_ins_of_the_same_length(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    # no window ends in frame 3: D_V has no backward pass there, for which a process that learns from another frame
    # would wait; with this seed one alone would draw frame 3
    rollout = {"chunk_frames": 1, "lead_in": 3}
    module = small_module(rollout=rollout, discriminators={"video_windows": "sparse"})
    strategy = DDPStrategy(start_method="fork", find_unused_parameters=True, timeout=timedelta(minutes=1))
    few = {"limit_train_batches": 2, "limit_val_batches": 0}
    trainer = quiet_trainer(devices=2, strategy=strategy, **few, callbacks=[Keep(tmp_path, seed=2)])
    trainer.fit(module, street_data(batch_size=1, clip_frames=6))
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2))
    assert not moved(first, second)


def test_draws_differ_from_batch_to_batch() -> None:
    places = [(0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (2**64 - 1, 0, 0, 0)]
    assert len({*(step_seed(*place) for place in places), step_seed(0, 0, 0)}) == len(places) + 1
    assert step_seed(1, 2, 3, 4) == step_seed(1, 2, 3, 4) < 2**64


@pytest.mark.slow
@pytest.mark.parametrize("batches", [1, 2, 1.0])
def test_overfitting_sees_the_same_clips_in_each_epoch(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, batches: float
) -> None:
    names: list[list[str]] = []

    class Names(pl.Callback):
        def on_train_batch_end(self, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
            names.append(args[3].names)

    trainer = quiet_trainer(max_epochs=2, overfit_batches=batches, callbacks=[Names()])
    trainer.fit(small_module(), street_data())
    assert len(names) == trainer.global_step > 0
    assert names[: len(names) // 2] == names[len(names) // 2 :]


@pytest.mark.parametrize(
    ("switch", "message"),
    [
        ({"precision": "64-true"}, "precision=64-true cannot work"),
        ({"precision": "bf16-true"}, "precision=bf16-true cannot work"),
        ({"gradient_clip_val": 1.0}, r"gradient_clip_val=1\.0.* optimizer=.*clip_norm"),
        ({"accumulate_grad_batches": 2}, r"accumulate_grad_batches=2.* raise data\.batch_size"),
    ],
)
def test_switches_of_the_trainer_that_cannot_work_are_refused_and_leave_no_trace(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, switch: dict[str, Any], message: str
) -> None:
    module, data = small_module(), street_data()
    with pytest.raises(ConfigError, match=message):
        quiet_trainer(max_steps=1, **switch).fit(module, data)
    trainer = quiet_trainer(max_steps=1)
    trainer.fit(module, data)
    assert trainer.global_step == 1


def test_testing_is_validation_and_predicting_is_refused(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module, data = small_module(), street_data()
    (tested,) = quiet_trainer(limit_test_batches=1).test(module, data, verbose=False)
    (validated,) = quiet_trainer(limit_val_batches=1).validate(module, data, verbose=False)
    assert tested == validated
    with pytest.raises(ConfigError, match=r"trainer\.predict makes no videos: use `vid2vid synthesize`"):
        quiet_trainer().predict(module, data)
