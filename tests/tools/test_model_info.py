"""What a model is, in rows."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from vid2vid import ImageModule, Vid2VidModule
from vid2vid.tools.model_info import model_info, step_operations
from vid2vid.training.checkpoints.serialization import save
from vid2vid.training.training_facts import TrainingFacts


def test_operations_of_a_convolution_are_counted(small_image: Callable[..., ImageModule]) -> None:
    module = small_image()
    once, four_times = (step_operations(module, side, 2 * side) for side in (16, 32))
    assert 3.9 < four_times / once < 4.1
    # the first layer alone: two operations for each weight and pixel
    first = next(layer for layer in module.generator.modules() if isinstance(layer, torch.nn.Conv2d))
    assert once > 2 * first.weight.numel() * 16 * 32


def test_a_checkpoint(small_module: Callable[..., Vid2VidModule], tmp_path: Path) -> None:
    module = small_module(generator={"form": "efficient", "downsamples": 2})
    save(module, tmp_path / "a.ckpt")
    rows = model_info(tmp_path / "a.ckpt")
    assert rows["generator"] == "form efficient, channels 4, spatial scales 1, past frames 2"
    assert rows["parameters"] == f"{sum(p.numel() for p in module.generator.parameters()):,}"
    # nothing is told of what is not known
    assert not {"trained at", "trained on", "training", "operations"} & set(rows)
    module.facts = TrainingFacts(height=16, width=32, fps=10)
    save(module, tmp_path / "b.ckpt")
    rows = model_info(tmp_path / "b.ckpt")
    assert rows["trained at"] == "32 x 16, 10 frames a second"
    assert rows["operations"].endswith("GFLOP a frame at 32 x 16")


@pytest.mark.parametrize("size", [(16384, 16384), (0, 16)])
def test_no_frame_is_made_that_memory_cannot_hold(
    size: tuple[int, int], small_module: Callable[..., Vid2VidModule], tmp_path: Path
) -> None:
    module = small_module()
    module.facts = TrainingFacts(height=size[0], width=size[1])
    save(module, tmp_path / "a.ckpt")
    assert "operations" not in model_info(tmp_path / "a.ckpt")
