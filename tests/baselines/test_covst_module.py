"""COVST as a model: it begins with an image generator, learns to be steadier than that, and is kept in checkpoints."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from vid2vid import Condition, ImageModule, Vid2VidDataModule, Vid2VidModule, load
from vid2vid.baselines import CovstFrames, CovstModule
from vid2vid.data.conditions import encode
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.street import street_condition
from vid2vid.training.checkpoints.partial import load_fitting_weights
from vid2vid.types import Flow

Images = Callable[..., ImageModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]
SMALL: dict[str, dict[str, Any]] = {
    "style": {"base_channels": 8, "downsamples": 1, "blocks": 1},
    "covst": {"mask_channels": 4},
    "discriminator": {"base_channels": 4, "layers": 2, "scales": 2},
}


def small(condition: Condition | None = None, **parts: dict[str, Any]) -> CovstModule:
    """Make a module with small networks; keywords are settings of its parts, added to the small ones."""
    settings = {name: {**SMALL.get(name, {}), **parts.get(name, {})} for name in {**SMALL, **parts}}
    return CovstModule(condition or street_condition(), **settings)


def weights(network: nn.Module) -> Tensor:
    """Return a copy of all parameters, one after the other."""
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()]).clone()


def fit(module: pl.LightningModule, data: Vid2VidDataModule, **options: Any) -> pl.Trainer:  # noqa: ANN401 - any option
    """Train without a word, nothing validated or written."""
    silent = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    quiet = {"accelerator": "cpu", "devices": 1, "enable_model_summary": False, "num_sanity_val_steps": 0, **silent}
    trainer = pl.Trainer(**{**quiet, "limit_val_batches": 0, "max_epochs": 1, **options})
    trainer.fit(module, data)
    return trainer


@pytest.fixture(scope="module")
def image(
    small_image: Images, street_data: DataModules, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ImageModule, Path]:
    """An image generator that has learnt some colours, and its checkpoint."""
    torch.manual_seed(0)
    module = small_image(objective={"reconstruction_weight": 10.0}, optimizer={"lr": 5e-3, "discriminator_lr": 1e-4})
    trainer = fit(module, street_data(clip_frames=2, repeats=4), max_epochs=2)
    path = tmp_path_factory.mktemp("image") / "image.ckpt"
    trainer.save_checkpoint(path)
    return module, path


@torch.no_grad()
def temporal_losses(module: CovstModule, data: Vid2VidDataModule) -> dict[str, float]:
    """Return the coherence loss on held-out clips: of the frames as they are, and of each frame's features alone."""
    (clip,) = data.val_dataloader()
    scene = module.clip_tensors(clip)
    fake = module.rollout(scene).fake
    alone = module.generator.decode(module.generator.encode(scene.source), *fake.shape[-2:]).view_as(fake)
    videos = {"carried": fake, "alone": alone}
    flow = scene.flows[1]
    return {name: float(module.objective.consistency(v[:, 1:], v[:, :-1], flow)) for name, v in videos.items()}


@pytest.mark.slow
def test_it_begins_with_an_image_generator_and_becomes_steadier(
    image: tuple[ImageModule, Path], street_data: DataModules, quiet_trainer: Trainers
) -> None:
    objective = {"reconstruction_weight": 10.0, "consistency_weight": 30.0}
    module = small(objective=objective, optimizer={"lr": 2e-3, "discriminator_lr": 1e-4}, rollout={"chunk_frames": 3})
    found = load_fitting_weights(module, image[1])
    assert not found.misshapen
    assert not found.surplus
    assert {name.split(".")[1] for name in found.missing} == {"mask"}
    data = street_data(clip_frames=6, val_frames=8, repeats=4)
    (before,) = quiet_trainer().validate(module, data, verbose=False)
    unsteady = temporal_losses(module, data)
    quiet_trainer(limit_val_batches=0, max_epochs=2).fit(module, data)
    (after,) = quiet_trainer().validate(module, data, verbose=False)
    steady = temporal_losses(module, data)
    # on held-out videos
    assert steady["carried"] < 0.8 * unsteady["carried"]
    assert after["val/warping_error"] < 0.8 * before["val/warping_error"]
    # by what is carried on, not by what the frames are on their own; nor by turning grey
    assert steady["carried"] < 0.9 * steady["alone"]
    assert after["val/psnr"] > before["val/psnr"] - 0.5
    assert after["val/warping_error_real"] == before["val/warping_error_real"]


def test_a_step_shows_every_frame_to_d_i_and_changes_both_networks(
    street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module = small(objective={"reconstruction_weight": 1.0}, optimizer={"ema_decay": 0.5}, rollout={"chunk_frames": 4})
    shapes: list[tuple[int, ...]] = []
    module.generator.register_forward_hook(lambda network, inputs, output: shapes.append(tuple(inputs[1].shape)))
    seen: list[int] = []
    module.discriminator.register_forward_hook(lambda network, inputs, output: seen.append(len(inputs[0])))
    networks = (module.generator.scales, module.generator.mask, module.discriminator)
    before = [weights(network) for network in networks]
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=0)
    trainer.fit(module, street_data(clip_frames=6, batch_size=2))
    # four frames, of which the first has no flow, and the two after them
    assert shapes == [(2, 3, 2, 32, 64), (2, 2, 2, 32, 64)]
    for old, network in zip(before, networks, strict=True):
        assert (weights(network) != old).float().mean() > 0.9
    assert module.average is not None
    logged = {name for name in trainer.callback_metrics if name.startswith("train/")}
    terms = ("D/L_I", "D/accuracy_L_I", "F/L_I", "F/feature_matching", "F/reconstruction", "F/consistency")
    assert logged == {f"train/{term}" for term in terms}


def test_the_loss_compares_each_frame_with_the_one_before_it(street_data: DataModules) -> None:
    data = street_data(clip_frames=5)
    data.setup("fit")
    (clip, *_) = data.train_dataloader()
    module = small(rollout={"chunk_frames": 2})
    scene = module.clip_tensors(clip)
    compared: list[tuple[Tensor, Tensor, Tensor]] = []

    def learn(inputs: Any, terms: dict[str, Tensor]) -> dict[str, Tensor]:  # noqa: ANN401
        return terms

    def consistency(fake: Tensor, before: Tensor, reference: Flow) -> Tensor:
        compared.append((fake, before, reference.vectors))
        assert fake.requires_grad
        assert not before.requires_grad
        return fake.mean()

    module.learn, module.objective.consistency = learn, consistency  # type: ignore[method-assign]
    module.log_losses = lambda losses, clip: None  # type: ignore[method-assign]
    module.training_step(clip, 0)
    whole = module.rollout(scene).fake
    assert [len(fake[0]) for fake, *_ in compared] == [1, 2, 1]
    for part, wanted in zip(
        (torch.cat(parts, dim=1) for parts in zip(*compared, strict=True)),
        (whole[:, 1:], whole[:, :-1], scene.flows[1].vectors),
        strict=True,
    ):
        torch.testing.assert_close(part, wanted, atol=1e-5, rtol=1e-5)


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"rollout\.first_frame=image: this model makes its first frame itself"):
        small(rollout={"first_frame": "image", "image_checkpoint": "a.ckpt"})
    with pytest.raises(ConfigError, match=r"covst\.channels is not a setting"):
        small(covst={"channels": 3})


# ---- checkpoints ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(street_data: DataModules, tmp_path_factory: pytest.TempPathFactory) -> tuple[CovstModule, Path]:
    """A trained module with a running average, and its checkpoint."""
    path = tmp_path_factory.mktemp("covst") / "covst.ckpt"
    module = small(optimizer={"lr": 1e-2, "ema_decay": 0.5})
    trainer = fit(module, street_data(), limit_train_batches=2)
    trainer.save_checkpoint(path)
    return module, path


def test_the_loaded_module_is_the_trained_one(trained: tuple[CovstModule, Path]) -> None:
    module, path = trained
    source = torch.randint(9, (2, 3, 1, 30, 42), dtype=torch.uint8)
    flow = torch.randn(2, 2, 2, 30, 42)
    with torch.no_grad():
        wanted = module.eval()(source, flow).fake
        raw: CovstFrames = module.generator(encode(module.condition, source), flow)
        for loaded in (load(path), CovstModule.load_from_checkpoint(path).eval()):
            assert isinstance(loaded, CovstModule)
            assert dict(loaded.hparams) == dict(module.hparams)
            assert torch.equal(loaded(source, flow).fake, wanted)
    # it is the running average that synthesises
    assert (wanted - raw.fake).abs().max() > 1e-3
    content = torch.load(path, weights_only=True)
    assert {name.split(".")[0] for name in content["state_dict"]} == {"generator", "average", "discriminator"}


def test_a_training_goes_on_from_it(
    trained: tuple[CovstModule, Path], street_data: DataModules, quiet_trainer: Trainers
) -> None:
    module, path = trained
    resumed = small(optimizer={"lr": 1e-2, "ema_decay": 0.5})
    trainer = quiet_trainer(max_epochs=2, limit_train_batches=2, limit_val_batches=0)
    trainer.fit(resumed, street_data(), ckpt_path=path, weights_only=True)
    assert trainer.optimizers[0].state_dict()["state"][0]["step"] > 2
    assert trainer.current_epoch == 2
    assert not torch.equal(weights(resumed.generator), weights(module.generator))


@pytest.mark.slow
def test_it_is_taken_for_nothing_else(trained: tuple[CovstModule, Path], image: tuple[ImageModule, Path]) -> None:
    with pytest.raises(CheckpointError, match=r"covst\.ckpt: this is COVST; a video model .*is needed here"):
        load(trained[1], Vid2VidModule)
    with pytest.raises(CheckpointError, match=r"covst\.ckpt: this is COVST; an image generator .*is needed here"):
        load(trained[1], ImageModule)
    assert isinstance(load(image[1]), ImageModule)
