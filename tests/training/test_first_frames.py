"""Where F's past comes from in training: given frames, nothing, or an image generator."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor

from vid2vid import Clip, Condition, ImageModule, Vid2VidDataModule, Vid2VidModule, load
from vid2vid.config import RolloutConfig
from vid2vid.errors import CheckpointError
from vid2vid.generator import conditions_with_context
from vid2vid.training.chunks import ClipTensors, rollout_chunks
from vid2vid.training.first_frames import FirstFrameModel

Images = Callable[..., ImageModule]
Modules = Callable[..., Vid2VidModule]
DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]
PAST = 2
IMAGE = RolloutConfig(3, first_frame="image", image_checkpoint="image.ckpt")


@pytest.fixture
def clip(street_data: DataModules) -> Clip:
    data = street_data()
    data.setup("fit")
    found: Clip = next(iter(data.train_dataloader()))
    return found


def image_file(small_image: Images, trainer: pl.Trainer, path: Path, condition: Condition | None = None) -> Path:
    trainer.strategy.connect(small_image(condition))
    trainer.save_checkpoint(path)
    return path


@pytest.fixture
def image_path(small_image: Images, quiet_trainer: Trainers, tmp_path: Path) -> Path:
    return image_file(small_image, quiet_trainer(), tmp_path / "image.ckpt")


def test_the_image_generators_frames_are_fs_past(small_module: Modules, small_image: Images, clip: Clip) -> None:
    module, image = small_module().eval(), small_image().eval()
    scene = module.clip_tensors(clip, image)
    with torch.no_grad():
        wanted = image(clip.source[:, :PAST])
        whole = module.generator(scene.source, wanted)
    first, *others = rollout_chunks(module.generator, scene, IMAGE)
    assert torch.equal(first.fakes[:, :PAST], wanted)
    assert not torch.equal(wanted, scene.real[:, :PAST])
    assert (first.start, others[-1].stop) == (PAST, 6)
    fakes = torch.cat([chunk.rollout.fake for chunk in (first, *others)], dim=1)
    torch.testing.assert_close(fakes, whole.fake, atol=1e-4, rtol=0)
    torch.testing.assert_close(module.rollout(scene, "image").fake, whole.fake)
    (gradient,) = torch.autograd.grad(fakes.sum(), list(image.parameters())[:1], allow_unused=True)
    assert gradient is None


def test_given_and_empty_pasts_do_not_look_at_them(small_module: Modules, small_image: Images, clip: Clip) -> None:
    module = small_module().eval()
    scene = module.clip_tensors(clip, small_image().eval())
    given, empty = (
        next(rollout_chunks(module.generator, scene, RolloutConfig(first_frame=kind))) for kind in ("given", "empty")
    )
    assert torch.equal(given.fakes[:, :PAST], scene.real[:, :PAST])
    assert (empty.start, empty.fakes.shape[1]) == (0, 4)
    with torch.no_grad():
        whole = module.generator(conditions_with_context(scene.source, PAST), None).fake
        rolled = module.rollout(scene, "empty").fake
    torch.testing.assert_close(empty.fakes, whole[:, :4], atol=1e-5, rtol=0)
    torch.testing.assert_close(rolled, whole, atol=1e-5, rtol=0)
    torch.testing.assert_close(module.rollout(scene).fake, module.rollout(scene, "given").fake)


def test_a_scene_without_them_is_refused(small_module: Modules, clip: Clip) -> None:
    module = small_module()
    scene: ClipTensors = replace(module.clip_tensors(clip), imagined=None)
    with pytest.raises(ValueError, match="encoded without one"):
        next(rollout_chunks(module.generator, scene, IMAGE))


def test_it_trains_and_the_image_generator_stays_as_it_is(
    small_module: Modules, street_data: DataModules, quiet_trainer: Trainers, image_path: Path, tmp_path: Path
) -> None:
    module = small_module(rollout={"first_frame": "image", "image_checkpoint": str(image_path)})
    names = set(module.state_dict())
    before = next(module.generator.parameters()).detach().clone()
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=1)
    trainer.fit(module, street_data())
    image = module.first_frame_model()
    assert isinstance(image, ImageModule)
    saved: dict[str, Tensor] = torch.load(image_path, weights_only=True)["state_dict"]
    for name, value in image.state_dict().items():
        assert torch.equal(value, saved[name]), name
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in image.parameters())
    assert not torch.equal(next(module.generator.parameters()), before)
    assert trainer.callback_metrics["train/F/L_W"] > 0
    assert set(module.state_dict()) == names
    trainer.save_checkpoint(tmp_path / "video.ckpt")
    assert set(torch.load(tmp_path / "video.ckpt", weights_only=True)["state_dict"]) == names
    # synthesis needs it no more
    image_path.unlink()
    assert load(tmp_path / "video.ckpt", Vid2VidModule).rollout_config.first_frame == "image"


def test_a_training_uses_them(
    small_module: Modules,
    street_data: DataModules,
    quiet_trainer: Trainers,
    image_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = small_module(rollout={"first_frame": "image", "image_checkpoint": str(image_path)})
    seen: list[ClipTensors] = []
    scene_of = Vid2VidModule.clip_tensors

    def watched(self: Vid2VidModule, clip: Clip, image: FirstFrameModel | None = None) -> ClipTensors:
        seen.append(scene_of(self, clip, image))
        return seen[-1]

    monkeypatch.setattr(Vid2VidModule, "clip_tensors", watched)
    pasts: list[list[Tensor]] = []
    module.generator.register_forward_pre_hook(lambda network, inputs: pasts.append(inputs[1]))
    quiet_trainer(limit_train_batches=1, limit_val_batches=0).fit(module, street_data())
    (scene,) = seen
    image = module.first_frame_model()
    assert image is not None
    with torch.no_grad():
        wanted = image.images(scene.source[:, :PAST])
    assert torch.equal(pasts[0][-1], wanted)


def test_what_is_no_fitting_image_generator_is_refused_before_the_first_step(
    small_module: Modules,
    small_image: Images,
    street_data: DataModules,
    quiet_trainer: Trainers,
    tmp_path: Path,
) -> None:
    video, edges = tmp_path / "video.ckpt", tmp_path / "edges.ckpt"
    trainer = quiet_trainer()
    trainer.strategy.connect(small_module())
    trainer.save_checkpoint(video)
    image_file(small_image, quiet_trainer(), edges, Condition(kind="edges"))
    messages = {
        tmp_path / "none.ckpt": r"none\.ckpt: there is no such checkpoint",
        video: r"video\.ckpt: this is a video model; an image generator",
        edges: r"edges\.ckpt: was trained on conditions of 1 channels \(edges\), .* have 9 \(labels\)",
    }
    for path, message in messages.items():
        module = small_module(rollout={"first_frame": "image", "image_checkpoint": str(path)})
        trainer = quiet_trainer()
        with pytest.raises(CheckpointError, match=message):
            trainer.fit(module, street_data())
        assert trainer.global_step == 0
