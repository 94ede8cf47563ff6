"""The encoder of styles learns with F, and travels with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from pytorch_lightning import Trainer
from torch import Tensor

from vid2vid import Clip, Condition, Vid2VidDataModule, Vid2VidModule, load
from vid2vid.cli.preflight import parameters
from vid2vid.errors import ConfigError
from vid2vid.generator import Style
from vid2vid.training.chunks import rollout_chunks

Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
ENCODER = {"features": 3, "base_channels": 4, "downsamples": 1}


@pytest.fixture
def clip(street_data: DataModules) -> Clip:
    data = street_data(clip_frames=5)
    data.prepare_data()
    data.setup("fit")
    loaded: Clip = next(iter(data.train_dataloader()))
    return loaded


def test_without_an_encoder_nothing_changes(small_module: Modules) -> None:
    torch.manual_seed(1)
    plain = small_module()
    torch.manual_seed(1)
    off = small_module(encoder={"features": 0})
    for (name, one), (other, two) in zip(plain.state_dict().items(), off.state_dict().items(), strict=True):
        assert name == other
        assert torch.equal(one, two)
    with pytest.raises(ConfigError, match=r"no encoder of styles: train one with encoder\.features=3"):
        off(torch.zeros(1, 3, 1, 16, 16, dtype=torch.uint8), style=Style(torch.zeros(9, 3)))


def test_it_learns_with_f_and_is_kept_in_the_checkpoint(
    small_module: Modules, street_data: DataModules, quiet_trainer: Callable[..., Trainer], tmp_path: Path
) -> None:
    module = small_module(encoder=ENCODER, optimizer={"ema_decay": 0.5})
    before = {name: tensor.clone() for name, tensor in module.generator.styles.network.state_dict().items()}  # type: ignore[union-attr]
    trainer = quiet_trainer(limit_train_batches=2, limit_val_batches=1)
    trainer.fit(module, street_data(val_frames=4))
    after = module.generator.styles
    assert after is not None
    assert all(not torch.equal(before[name], tensor) for name, tensor in after.network.state_dict().items())
    assert int((after.mean.table.abs().sum(1) > 0).sum()) > 4
    trainer.save_checkpoint(tmp_path / "styled.ckpt")
    loaded = load(tmp_path / "styled.ckpt")
    averaged = module.synthesis_generator.styles
    assert averaged is not None
    assert torch.equal(loaded.synthesis_generator.require_encoder().mean.table, averaged.mean.table)
    source = torch.randint(9, (1, 3, 1, 16, 16), dtype=torch.uint8)
    with torch.no_grad():
        assert torch.equal(loaded(source).fake, module.eval()(source).fake)
    assert "encoder E" in parameters(loaded)


def test_gradients_reach_it_in_every_chunk(small_module: Modules, clip: Clip) -> None:
    module = small_module(encoder=ENCODER)
    styles = module.generator.require_encoder()
    config = replace(module.rollout_config, chunk_frames=1)
    for chunk in rollout_chunks(module.generator, module.clip_tensors(clip), config):
        gradients = torch.autograd.grad(
            chunk.rollout.fake.square().mean(), list(styles.parameters()), allow_unused=True
        )
        assert any(gradient is not None and gradient.abs().max() > 0 for gradient in gradients)


def test_each_frame_is_told_what_its_own_real_frame_looks_like(small_module: Modules, clip: Clip) -> None:
    """In a roll-out from nothing, frame t depends on the real frames up to t, as far as F's window goes."""
    module = small_module(encoder=ENCODER).eval()
    config = replace(module.rollout_config, first_frame="empty", chunk_frames=2)

    def fakes(changed: int | None) -> Tensor:
        scene = module.clip_tensors(clip)
        if changed is not None:
            real = scene.real.clone()
            real[:, changed, :, :8] *= -1
            scene = replace(scene, real=real)
        with torch.no_grad():
            return list(rollout_chunks(module.generator, scene, config))[-1].fakes

    difference = (fakes(2) - fakes(None)).abs().flatten(2).amax(2).amax(0)
    assert not difference[:2].any()
    assert difference[2:].min() > 0


def test_synthesis_knows_the_looks_of_the_frame_that_it_begins_with_only(small_module: Modules, clip: Clip) -> None:
    module = small_module(encoder=ENCODER).eval()
    scene = module.clip_tensors(clip)
    later = scene.real.clone()
    later[:, 2:] *= -1
    with torch.no_grad():
        rolled = module.rollout(scene).fake
        assert torch.equal(rolled, module.rollout(replace(scene, real=later)).fake)
        # from nothing it knows none of them
        nothing = module.rollout(scene, "empty").fake
        assert torch.equal(nothing, module.rollout(replace(scene, real=-scene.real), "empty").fake)


def test_discriminators_see_the_conditions_alone(small_module: Modules) -> None:
    plain, styled = small_module(), small_module(encoder=ENCODER)
    assert [p.shape for p in plain.discriminators.parameters()] == [p.shape for p in styled.discriminators.parameters()]
    assert styled.generator.condition_channels == plain.generator.condition_channels + 3


@pytest.mark.parametrize("kind", ["edges", "image"])
def test_conditions_without_labels_have_one_look_for_all_of_a_frame(kind: str, small_module: Modules) -> None:
    with pytest.raises(ConfigError, match=r"generator\.norm=instance normalises away; set generator\.norm=batch"):
        small_module(Condition(kind=kind), encoder=ENCODER)
    module = small_module(Condition(kind=kind), generator={"norm": "batch"}, encoder=ENCODER)
    planes = module.condition.source_channels
    source = torch.randint(256, (1, 4, planes, 16, 16), dtype=torch.uint8)
    clip = Clip(source, torch.randint(256, (1, 4, 3, 16, 16), dtype=torch.uint8))
    scene = module.clip_tensors(clip)
    chunk = next(iter(rollout_chunks(module.generator, scene, module.rollout_config)))
    assert chunk.rollout.fake.isfinite().all()
    assert module.generator.require_encoder().mean.table.shape == (1, 3)
    module.eval()
    with torch.no_grad():
        one, two = (module(source, style=Style(torch.full((1, 3), value))).fake for value in (-1.0, 1.0))
    assert (one - two).abs().mean() > 1e-4
