"""The image generator as a model of its own: it learns, it is kept in checkpoints, and nothing else is taken for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from vid2vid import Clip, Condition, ImageModule, Vid2VidDataModule, Vid2VidModule, load
from vid2vid.data.conditions import encode
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.metrics.image_quality import psnr
from vid2vid.ops import to_images

Images = Callable[..., ImageModule]
Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]
COLOURS = torch.tensor([[200, 40, 40], [30, 180, 60], [50, 70, 220]], dtype=torch.uint8)
CONDITION = Condition(label_ids=[0, 1, 2])
FRAMES, SIZE = 3, 16


def weights(network: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()]).clone()


def painted(number: int) -> Clip:
    """A clip of rectangles in three classes, each in its colour."""
    random = torch.Generator().manual_seed(number)
    blocks = torch.randint(3, (1, FRAMES, 1, 4, 4), generator=random, dtype=torch.uint8)
    source = blocks.repeat_interleave(SIZE // 4, -1).repeat_interleave(SIZE // 4, -2)
    return Clip(source, COLOURS[source[:, :, 0].long()].movedim(-1, 2), names=[str(number)])


def clips(first: int, count: int) -> DataLoader[Clip]:
    dataset: Any = [painted(first + i) for i in range(count)]
    return DataLoader(dataset, 2, collate_fn=Clip.stack)


@pytest.mark.slow
def test_it_learns_the_colours_of_the_classes(small_image: Images, quiet_trainer: Trainers) -> None:
    module = small_image(
        CONDITION, objective={"reconstruction_weight": 10.0}, optimizer={"lr": 2e-3, "discriminator_lr": 2e-4}
    )
    losses: list[float] = []

    class Diary(pl.Callback):
        def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
            losses.append(float(trainer.callback_metrics["train/F/reconstruction"]))

    held_out = clips(1000, 4)
    (before,) = quiet_trainer().validate(module, held_out, verbose=False)
    quiet_trainer(limit_val_batches=0, callbacks=[Diary()]).fit(module, clips(0, 160))
    (after,) = quiet_trainer().validate(module, held_out, verbose=False)
    assert len(losses) == 80
    assert sum(losses[-5:]) < sum(losses[:5]) / 2
    assert after["val/psnr"] > before["val/psnr"] + 5


def test_a_step_shows_all_frames_to_the_generator_and_changes_both_networks(
    small_image: Images, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module = small_image(objective={"reconstruction_weight": 1.0}, optimizer={"ema_decay": 0.5})
    shapes: list[tuple[int, ...]] = []
    module.generator.register_forward_hook(lambda network, inputs, output: shapes.append(tuple(inputs[0].shape)))
    before = weights(module.generator), weights(module.discriminator)
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=0)
    trainer.fit(module, street_data(clip_frames=5, batch_size=2))
    assert shapes == [(10, 9, 32, 64)]
    for old, network in zip(before, (module.generator, module.discriminator), strict=True):
        assert (weights(network) != old).float().mean() > 0.9
    logged = {name for name in trainer.callback_metrics if name.startswith("train/")}
    terms = ("D/L_I", "D/accuracy_L_I", "F/L_I", "F/feature_matching", "F/reconstruction")
    assert logged == {f"train/{term}" for term in terms}


def test_the_gradients_are_clipped_and_the_rates_fall(
    small_image: Images, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    norms: list[float] = []
    rates: list[list[float]] = []

    class Spy(pl.Callback):
        def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
            for optimizer in trainer.optimizers:
                optimizer.register_step_post_hook(self.note)

        def note(self, optimizer: torch.optim.Optimizer, *args: Any) -> None:  # noqa: ANN401 - torch's signature
            (group,) = optimizer.param_groups
            norms.append(float(torch.cat([p.grad.flatten() for p in group["params"] if p.grad is not None]).norm()))

        def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *args: Any) -> None:  # noqa: ANN401
            rates.append([optimizer.param_groups[0]["lr"] for optimizer in trainer.optimizers])

    module = small_image(optimizer={"lr": 0.4, "discriminator_lr": 0.2, "clip_norm": 1e-3, "decay_from": 0.0})
    trainer = quiet_trainer(max_epochs=2, limit_train_batches=1, limit_val_batches=0, callbacks=[Spy()])
    trainer.fit(module, street_data())
    assert len(norms) == 4
    assert norms == pytest.approx([1e-3] * 4, rel=1e-2)
    assert rates == [pytest.approx([0.4, 0.2]), pytest.approx([0.2, 0.1])]


def test_the_validation_compares_every_frame(
    small_image: Images, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module, data = small_image(), street_data(val_frames=4)
    (found,) = quiet_trainer().validate(module, data, verbose=False)
    (clip,) = data.val_dataloader()
    with torch.no_grad():
        wanted = psnr(module.eval()(clip.source), to_images(clip.real))
    assert found == {"val/psnr": pytest.approx(float(wanted), abs=1e-3)}


def test_instance_edges_are_seen(small_image: Images) -> None:
    module = small_image(Condition(label_ids=[0, 1, 2], instance_edges=True)).eval()
    source = torch.randint(3, (2, 3, 1, 18, 25), dtype=torch.uint8)
    instance = torch.randint(4, (2, 3, 1, 18, 25))
    with torch.no_grad():
        found = module(source, instance)
        frame = module.generator(encode(module.condition, source, instance)[1, 2][None])[0]
        other = module(source, torch.zeros_like(instance))
    assert found.shape == (2, 3, 3, 18, 25)
    torch.testing.assert_close(found[1, 2], frame, atol=1e-5, rtol=0)
    assert not torch.equal(found, other)


# ---- checkpoints ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(
    small_image: Images, street_data: DataModules, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ImageModule, Path]:
    """A trained image module with a running average, and its checkpoint."""
    path = tmp_path_factory.mktemp("image") / "image.ckpt"
    module = small_image(optimizer={"lr": 1e-2, "ema_decay": 0.5})
    trainer = pl.Trainer(
        accelerator="cpu",
        max_epochs=1,
        limit_train_batches=3,
        limit_val_batches=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(module, street_data())
    trainer.save_checkpoint(path)
    return module, path


def test_the_loaded_module_is_the_trained_one(trained: tuple[ImageModule, Path]) -> None:
    module, path = trained
    source = torch.randint(9, (2, 3, 1, 30, 42), dtype=torch.uint8)
    with torch.no_grad():
        wanted, raw = module.eval()(source), module.generator(encode(module.condition, source))
        for loaded in (load(path, ImageModule), load(str(path)), ImageModule.load_from_checkpoint(path).eval()):
            assert isinstance(loaded, ImageModule)
            assert dict(loaded.hparams) == dict(module.hparams)
            assert torch.equal(loaded(source), wanted)
    # it is the running average that synthesises
    assert (wanted - raw).abs().max() > 1e-3


def test_the_checkpoint_holds_plain_settings(trained: tuple[ImageModule, Path]) -> None:
    content = torch.load(trained[1], weights_only=True)
    assert set(content["hyper_parameters"]) == {"condition", "image", "discriminator", "objective", "optimizer"}
    assert type(content["hyper_parameters"]["image"]) is dict
    assert content["hyper_parameters"]["image"]["base_channels"] == 8
    assert {name.split(".")[0] for name in content["state_dict"]} == {"generator", "average", "discriminator"}


def test_a_training_goes_on_from_it(
    trained: tuple[ImageModule, Path], small_image: Images, street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module, path = trained
    resumed = small_image(optimizer={"lr": 1e-2, "ema_decay": 0.5})
    trainer = quiet_trainer(max_epochs=1)
    trainer.fit(resumed, street_data(), ckpt_path=path, weights_only=True)
    assert all(torch.equal(value, module.state_dict()[name]) for name, value in resumed.state_dict().items())
    assert trainer.optimizers[1].state_dict()["state"][0]["step"] == 3


def test_each_kind_of_checkpoint_is_refused_for_the_other(
    trained: tuple[ImageModule, Path], small_module: Modules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match=r"image\.ckpt: this is an image generator; a video model .*is needed"):
        load(trained[1], Vid2VidModule)
    trainer = quiet_trainer()
    trainer.strategy.connect(small_module())
    trainer.save_checkpoint(tmp_path / "video.ckpt", weights_only=True)
    assert isinstance(load(tmp_path / "video.ckpt"), Vid2VidModule)
    with pytest.raises(CheckpointError, match=r"video\.ckpt: this is a video model; an image generator .*is needed"):
        load(tmp_path / "video.ckpt", ImageModule)


def test_other_files_are_refused(trained: tuple[ImageModule, Path], tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"none\.ckpt: there is no such checkpoint"):
        load(tmp_path / "none.ckpt")
    torch.save({"state_dict": {}, "hyper_parameters": {"condition": {}}}, tmp_path / "odd.ckpt")
    with pytest.raises(CheckpointError, match=r"odd\.ckpt: is not a checkpoint that `vid2vid train` wrote"):
        load(tmp_path / "odd.ckpt")
    content = torch.load(trained[1], weights_only=True)
    del content["state_dict"]["generator.head.1.weight"]
    torch.save(content, tmp_path / "odd.ckpt")
    with pytest.raises(CheckpointError, match=r"(?s)odd\.ckpt: its weights do not fit .*generator\.head\.1\.weight"):
        load(tmp_path / "odd.ckpt")


def test_a_checkpoint_of_other_conditions_is_refused(trained: tuple[ImageModule, Path]) -> None:
    assert load(trained[1], condition=trained[0].condition)
    for other in (Condition(kind="edges"), Condition(label_ids=list(range(9)))):
        with pytest.raises(CheckpointError, match=r"image\.ckpt: was trained on conditions of 9 channels \(labels\)"):
            load(trained[1], condition=other)


def test_unknown_settings_are_refused(small_image: Images) -> None:
    with pytest.raises(ConfigError, match=r"image\.block is not a setting\. Did you mean image\.blocks\?"):
        small_image(image={"block": 3})
    with pytest.raises(ConfigError, match=r"discriminator\.layer is not a setting"):
        small_image(discriminator={"layer": 3})
