"""A new kind of condition works everywhere once its facts and its class are registered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pytorch_lightning import Trainer
from torch import Tensor

from vid2vid import Condition, Vid2VidDataModule, Vid2VidModule
from vid2vid.condition import KINDS, KindFacts
from vid2vid.config import FolderConfig, VideoConfig
from vid2vid.data.conditions import KIND_CLASSES, ConditionKind, encode, kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.errors import ConfigError
from vid2vid.video import write_labels
from vid2vid.visual import condition_picture

Pixels = NDArray[np.uint8]

FRAMES, SIZE = 8, (32, 64)


class Checker(ConditionKind):
    """A checkerboard that is brighter where the real frame is, and its negative."""

    def planes(self, frames: Pixels, crop_resize: CropResize, path: Path, indices: range) -> Pixels:
        grey = crop_resize.images(frames)[..., 0]
        ys, xs = np.indices(grey.shape[1:])
        board = np.where((ys + xs) % 2 == 0, grey, 0).astype(np.uint8)
        return np.stack([board, 255 - board], axis=1)

    def encode(self, source: Tensor, instance: Tensor | None = None) -> Tensor:
        return source.float() / 255

    def picture(self, planes: Pixels) -> Pixels:
        return np.repeat(planes[0][..., None], 3, axis=2)


@pytest.fixture
def checker(monkeypatch: pytest.MonkeyPatch) -> Condition:
    """A condition of a kind that only the two registries know."""
    monkeypatch.setitem(KINDS, "checker", KindFacts(lambda _: 2, stored=""))
    monkeypatch.setitem(KIND_CLASSES, "checker", Checker)
    return Condition("checker")


def test_every_kind_has_facts_and_a_class() -> None:
    assert list(KINDS) == list(KIND_CLASSES)


def test_a_registered_kind_goes_from_the_files_to_a_training_step(
    checker: Condition,
    tmp_path: Path,
    small_module: Callable[..., Vid2VidModule],
    quiet_trainer: Callable[..., Trainer],
) -> None:
    video = tmp_path / "a.mkv"
    write_labels(video, np.random.default_rng(0).integers(0, 256, (FRAMES, *SIZE), np.uint8), fps=25)
    sequences = [VideoSequence(split, split, video, video, FRAMES) for split in ("train", "val")]
    Manifest(checker, sequences).save(tmp_path / "manifest.json")
    loader: dict[str, Any] = {"num_workers": 0, "clip_frames": 4, "batch_size": 1, "flow_strides": [1]}
    data = Vid2VidDataModule(tmp_path, {**loader, "flow_cache": False})
    data.setup("fit")
    clip = next(iter(data.val_dataloader()))
    assert clip.source.shape == (1, FRAMES, 2, *SIZE)
    code = encode(checker, clip.source)
    assert (code.shape[2], float(code.min()), float(code.max())) == (2, 0, 1)
    np.testing.assert_array_equal(condition_picture(checker, clip.source[0, 0])[..., 1], clip.source[0, 0, 0])
    streamed = np.concatenate(list(kind_of(checker).stream(video, CropResize())))
    np.testing.assert_array_equal(streamed, clip.source[0])
    module = small_module(checker)
    before = [parameter.clone() for parameter in module.generator.parameters()]
    quiet_trainer(max_steps=1, limit_train_batches=1, limit_val_batches=0).fit(module, data)
    after = module.generator.parameters()
    assert any(not torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_the_settings_know_a_registered_kind(checker: Condition) -> None:
    assert checker.channels == checker.source_channels == 2
    assert not checker.has_labels
    assert checker.from_frames
    assert FolderConfig("data", condition="checker").condition == "checker"


def test_kinds_that_cannot_be_extracted_say_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be extracted"):
        KIND_CLASSES["image"].extract(tmp_path / "a.mp4", "a", VideoConfig("a.mp4"), tmp_path)
