"""Frames that are larger than the memory are refused before they are made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vid2vid import Condition, ImageModule, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.errors import ConfigError
from vid2vid.synthesis import frame_memory, synthesize
from vid2vid.synthesis.frame_memory import check_frame_memory, frame_bytes_per_pixel
from vid2vid.training import activations
from vid2vid.video import write_labels, write_video

LABELS = Condition(label_ids=[0, 1, 2])


@pytest.mark.parametrize(
    "generator",
    [{}, {"scales": 2}, {"use_flow": False}, {"foreground": "prior", "foreground_labels": ["1"]}],
    ids=str,
)
def test_the_estimate_counts_wide_layers_and_changes_nothing(
    generator: dict[str, Any], small_module: Callable[..., Vid2VidModule]
) -> None:
    def bytes_of(channels: int) -> float:
        module = small_module(LABELS, generator={**generator, "base_channels": channels}).eval()
        before = {name: value.clone() for name, value in module.state_dict().items()}
        found = frame_bytes_per_pixel(module)
        assert all(value.equal(before[name]) for name, value in module.state_dict().items())
        # with no hook left behind, and the same once more
        assert not any(layer._forward_hooks for layer in module.modules())
        assert frame_bytes_per_pixel(module) == found
        return found

    few, many = bytes_of(4), bytes_of(32)
    # the conditions of 3 labels and times, and a layer that gives its channels, at the finer of two scales half of them
    assert few > 4 * 3 * 3
    assert many > 4 * 32
    assert few < many < 9 * few


def test_an_image_generator_is_estimated(small_image: Callable[..., ImageModule]) -> None:
    assert frame_bytes_per_pixel(small_image(LABELS).eval()) > 4 * 3


def test_frames_beyond_the_memory_are_refused(
    small_module: Callable[..., Vid2VidModule], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = small_module(LABELS).eval()
    with pytest.raises(
        ConfigError, match=r"a frame of 2000000 x 2000000 needs .* in this model.* lower height and wid"
    ):
        check_frame_memory(module, 2_000_000, 2_000_000)
    monkeypatch.setattr(activations, "machine_memory", lambda: 2**10)
    check_frame_memory(module, 64, 64)
    with pytest.raises(ConfigError, match="a frame of 2048 x 2048"):
        check_frame_memory(module, 2048, 2048)


@pytest.mark.parametrize("settings", [{"height": 8192, "width": 16384}, {}], ids=["given", "as the source"])
def test_a_synthesis_beyond_the_memory_leaves_nothing(
    settings: dict[str, Any],
    small_module: Callable[..., Vid2VidModule],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    source, first, output = tmp_path / "labels.mkv", tmp_path / "first.mp4", tmp_path / "out.mp4"
    write_labels(source, [np.zeros((32, 64), np.uint8)] * 3, fps=25)
    write_video(first, [np.zeros((32, 64, 3), np.uint8)] * 2, fps=25)
    module = small_module(LABELS)
    config = SynthesisConfig(checkpoint=Path("none"), source=source, output=output, first=first, **settings)
    monkeypatch.setattr(frame_memory, "_LARGE", 0)
    with monkeypatch.context() as patch:
        patch.setattr(activations, "machine_memory", lambda: 2**12)
        with pytest.raises(ConfigError, match=r"in this model, but only .* are available"):
            synthesize(module, config)
        assert sorted(tmp_path.iterdir()) == [first, source]
    if not settings:
        # the same module works where there is enough
        assert synthesize(module, config) == 3
        assert torch.is_inference_mode_enabled() is False
