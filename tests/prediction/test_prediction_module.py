"""The predictor as a model: it learns what moves and what stays, and is kept in checkpoints."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from vid2vid import Condition, ImageModule, PredictionModule, Vid2VidDataModule, Vid2VidModule, load
from vid2vid.errors import CheckpointError, ConfigError, DataError
from vid2vid.ops import one_hot
from vid2vid.street import street_condition
from vid2vid.training.checkpoints.serialization import save
from vid2vid.types import Clip, Flow, Rollout

DataModules = Callable[..., Vid2VidDataModule]
Trainers = Callable[..., pl.Trainer]

SMALL: dict[str, dict[str, Any]] = {
    "predictor": {"past_frames": 2, "base_channels": 4, "downsamples": 1, "blocks": 2},
    "optimizer": {"lr": 5e-3},
}
STEPS = 60


def small(condition: Condition | None = None, **parts: dict[str, Any]) -> PredictionModule:
    """Make a module with a small network; keywords are settings of its parts, added to the small ones."""
    settings = {name: {**SMALL.get(name, {}), **parts.get(name, {})} for name in {**SMALL, **parts}}
    return PredictionModule(condition or Condition("labels", label_ids=[0, 1]), **settings)


def stripe(batch: int, frames: int, size: tuple[int, int] = (8, 16)) -> Clip:
    """Return clips in which an upright stripe of class 1, three pixels wide, moves a pixel to the right a frame."""
    height, width = size
    x, begin = torch.arange(width), torch.randint(2, 5, (batch, 1, 1))
    left = begin + torch.arange(frames)[None, :, None]
    inside = (x >= left) & (x < left + 3)
    source = inside[:, :, None, None].expand(-1, -1, 1, height, -1).to(torch.uint8)
    vectors = torch.zeros(batch, frames - 1, 2, height, width)
    vectors[:, :, 0] = -1
    flow = Flow(vectors, torch.ones_like(vectors[:, :, :1]))
    return Clip(source, source.expand(-1, -1, 3, -1, -1) * 255, flows={1: flow})


class Stripes(torch.utils.data.Dataset[Clip]):
    """Some batches of stripes."""

    def __len__(self) -> int:
        return STEPS

    def __getitem__(self, index: int) -> Clip:
        return stripe(4, 6)


@pytest.mark.slow
def test_it_learns_how_a_stripe_moves_on(quiet_trainer: Trainers) -> None:
    module = small(objective={"consistency_weight": 0.0, "flow_weight": 1.0}, rollout={"bptt_frames": 2})
    trainer = quiet_trainer(limit_val_batches=0)
    trainer.fit(module, DataLoader(Stripes(), batch_size=None))
    # two chunks of each clip, but a batch counts once
    assert trainer.global_step == STEPS
    logged = {name for name in trainer.callback_metrics if name.startswith("train/")}
    assert logged == {"train/F/labels", "train/F/L_W", "train/F/consistency"}
    clip = stripe(4, 7)
    with torch.no_grad():
        rollout = module(clip.source[:, :2], 5)
    wrong = (rollout.fake.argmax(dim=2, keepdim=True) != clip.source[:, 2:]).float().mean()
    still = (clip.source[:, 1:2] != clip.source[:, 2:]).float().mean()
    assert wrong < still / 3


def test_each_map_is_compared_with_the_true_one_and_its_flow_with_the_reference_of_its_frame() -> None:
    module = small(rollout={"chunk_frames": 2, "bptt_frames": 2})
    clip = stripe(2, 7)
    # entry j belongs to frame j + 1
    clip.flows[1].vectors[:] = torch.arange(1.0, 7).view(1, 6, 1, 1, 1)
    seen: list[tuple[Tensor, ...]] = []

    def flow(rollout: Rollout, previous: Tensor, real: Tensor, reference: Flow) -> dict[str, Tensor]:
        seen.append((rollout.fake, previous[:, :, 0], previous[:, :, 1], real, reference.vectors))
        return {}

    module.objective.flow = flow  # type: ignore[method-assign, assignment]
    module.learn = lambda inputs, terms: terms  # type: ignore[method-assign]
    module.log_losses = lambda losses, clip: None  # type: ignore[method-assign]
    module.training_step(clip, 0)
    assert [len(fake[0]) for fake, *_ in seen] == [2, 2, 1]
    fake, real_before, fake_before, real, vectors = (torch.cat(parts, dim=1) for parts in zip(*seen, strict=True))
    maps = one_hot(clip.source, 2)
    with torch.no_grad():
        whole = module(clip.source[:, :2], 5).fake
    torch.testing.assert_close(fake, whole)
    torch.testing.assert_close(fake_before, torch.cat([maps[:, 1:2], whole[:, :-1]], dim=1))
    assert torch.equal(real, maps[:, 2:])
    assert torch.equal(real_before, maps[:, 1:-1])
    assert vectors[0, :, 0, 0, 0].tolist() == [2, 3, 4, 5, 6]


def test_settings_and_clips_that_cannot_work_are_refused() -> None:
    with pytest.raises(ConfigError, match="needs label maps, but the conditions are 'edges'"):
        small(Condition("edges"))
    with pytest.raises(ConfigError, match=r"rollout\.first_frame: a predictor starts from given label maps"):
        small(rollout={"first_frame": "empty"})
    with pytest.raises(DataError, match=r"clips of 2 frames leave nothing .* raise data\.clip_frames"):
        small().training_step(stripe(1, 2), 0)


# ---- checkpoints ---------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_loaded_goes_on_and_is_taken_for_nothing_else(
    street_data: DataModules, quiet_trainer: Trainers, tmp_path: Path
) -> None:
    average = {"optimizer": {"ema_decay": 0.5, "lr": 1e-2}}
    module = small(street_condition(), **average)
    data = street_data(clip_frames=4, val_frames=5)
    trainer = quiet_trainer(limit_train_batches=1, limit_val_batches=1)
    trainer.fit(module, data)
    assert {"val/miou", "val/pixel_accuracy", "val/flow_error"} <= set(trainer.callback_metrics)
    path = tmp_path / "predictor.ckpt"
    trainer.save_checkpoint(path)
    source = torch.randint(9, (1, 3, 1, 16, 20), dtype=torch.uint8)
    loaded = load(path, PredictionModule)
    with torch.no_grad():
        assert torch.equal(loaded(source, 2).fake, module.eval()(source, 2).fake)
    for other, title in ((Vid2VidModule, "a video model"), (ImageModule, "an image generator")):
        with pytest.raises(CheckpointError, match=f"this is a predictor of label maps; {title} "):
            load(path, other)
    resumed = small(street_condition(), **average)
    again = quiet_trainer(limit_train_batches=1, limit_val_batches=0, max_epochs=2)
    again.fit(resumed, data, ckpt_path=path, weights_only=True)
    assert again.current_epoch == 2
    assert again.optimizers[0].state_dict()["state"][0]["step"] == 2


def test_a_model_that_synthesises_is_no_predictor(small_image: Callable[..., ImageModule], tmp_path: Path) -> None:
    save(small_image(), tmp_path / "image.ckpt")
    with pytest.raises(CheckpointError, match=r"image\.ckpt: this is an image generator; a predictor of label maps"):
        load(tmp_path / "image.ckpt", PredictionModule)
