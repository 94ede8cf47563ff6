"""Real frames of a street, a face and a dancer: read as they are, and trained on for a step."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from vid2vid import Vid2VidDataModule

if TYPE_CHECKING:
    from pytorch_lightning import Trainer

    from vid2vid import Vid2VidModule

KINDS = {"street": "labels", "face": "face", "pose": "pose"}


@pytest.fixture
def sample(request: pytest.FixtureRequest, samples: Path) -> Path:
    """The folder of a sample."""
    return samples / str(request.param)


@pytest.mark.parametrize("sample", KINDS, indirect=True)
def test_each_sample_goes_through_a_training_step(
    sample: Path,
    loader: dict[str, Any],
    small_module: Callable[..., "Vid2VidModule"],
    quiet_trainer: Callable[..., "Trainer"],
) -> None:
    data = Vid2VidDataModule.folder(sample, {**loader, "height": 32, "width": 64})
    assert (data.source.format, data.condition.kind) == ("tasks", KINDS[sample.name])  # type: ignore[attr-defined]
    assert data.condition.densepose == (sample.name == "pose")
    module = small_module(data.condition)
    before = [parameter.detach().clone() for parameter in module.generator.parameters()]
    trainer = quiet_trainer(max_epochs=1, limit_train_batches=1, limit_val_batches=1)
    trainer.fit(module, data)
    assert trainer.global_step > 0
    assert any((a != b).any() for a, b in zip(before, module.generator.parameters(), strict=True))


@pytest.mark.parametrize("sample", ["face", "pose"], indirect=True)
def test_what_is_drawn_lies_on_whom_it_is_of(sample: Path, loader: dict[str, Any]) -> None:
    data = Vid2VidDataModule.folder(sample, {**loader, "height": 108, "width": 192})
    data.setup("fit")
    clip = next(iter(data.val_dataloader()))
    drawn = clip.source[0, 0, :3].numpy().any(axis=0) if sample.name == "pose" else clip.source[0, 0, 0].numpy() > 0
    rows, columns = np.nonzero(drawn)
    if sample.name == "pose":
        # DensePose and OpenPose, which know nothing of each other, find the same person
        assert clip.source[0, 0, 3].numpy()[drawn].astype(bool).mean() > 0.75
    else:
        # 68 points in a picture of 480 x 640
        assert 100 / 480 * 108 < rows.min() < rows.max() < 240 / 480 * 108
        assert 285 / 640 * 192 < columns.min() < columns.max() < 420 / 640 * 192
