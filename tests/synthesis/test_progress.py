"""The file from which a synthesis is resumed, and what frames depend on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from vid2vid import Condition, ImageModule, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.errors import ConfigError, DataError
from vid2vid.generator import Style
from vid2vid.synthesis.progress import STATE_FILE, Progress, frame_dependencies
from vid2vid.video import RawVideo


def test_progress_is_read_again_with_the_same_settings_only(tmp_path: Path) -> None:
    settings = {"fps": "10", "style": "mean"}
    Progress(6, settings, {"0.made": torch.tensor(6)}).write(tmp_path)
    again = Progress.read(tmp_path, settings)
    assert (again.frames, again.settings, int(again.tensors["0.made"])) == (6, settings, 6)
    with pytest.raises(
        ConfigError, match=r"other settings: fps was 10, is 20; edit was None, is remove car\. Give the same"
    ):
        Progress.read(tmp_path, {**settings, "fps": "20", "edit": "remove car"})
    for damaged in (b"", b"half"):
        (tmp_path / STATE_FILE).write_bytes(damaged)
        with pytest.raises(DataError, match=r"state\.safetensors: cannot be read .* delete the folder"):
            Progress.read(tmp_path, settings)


def test_all_that_frames_depend_on_is_described(
    small_module: Callable[..., Vid2VidModule], small_image: Callable[..., ImageModule], tmp_path: Path
) -> None:
    module, mask = small_module(), tmp_path / "mask.mkv"
    mask.write_bytes(b"1234")
    config = SynthesisConfig(source="a.mkv", output="a.mp4", foreground=mask, crop=[0, 0, 8, 8])

    def described(
        source: Path | RawVideo = Path("a.mkv"),
        model: Vid2VidModule = module,
        image: ImageModule | None = None,
        style: Style | None = None,
        **changes: Any,  # noqa: ANN401 - any setting
    ) -> dict[str, str]:
        return frame_dependencies(replace(config, **changes), source, model, image, style)

    usual = described()
    assert usual["crop"] == "[0, 0, 8, 8]"
    assert described(output="b.mp4") == described(resume=True) == described(device="cpu") == usual
    raw = described(RawVideo(4, 6))
    assert raw["source"] == "raw frames of 4 x 6"
    others = [raw, described(key_every=9), described(style=Style(torch.zeros(9, 3))), described(image=small_image())]
    assert all(other != usual for other in [*others, described(model=small_module())])
    mask.write_bytes(b"12345")
    assert described()["foreground"] != usual["foreground"]


def test_weights_that_learnt_other_colours_of_objects_are_another_model(
    small_module: Callable[..., Vid2VidModule],
) -> None:
    condition = Condition(label_ids=[7, 26], label_names=["road", "car"], instance_edges=True)
    module = small_module(condition, generator={"object_memory": True})
    assert module.class_colours is not None

    def described() -> dict[str, str]:
        return frame_dependencies(SynthesisConfig(source="a.mkv", output="a.mp4"), Path("a.mkv"), module, None, None)

    untrained = described()
    module.class_colours.table[1, 0] = torch.tensor([1.0, -1.0, -1.0, 1.0])
    red = described()
    module.class_colours.table[1, 0] = torch.tensor([-1.0, -1.0, 1.0, 1.0])
    blue = described()
    assert untrained["checkpoint"] == red["checkpoint"] == blue["checkpoint"]
    assert "learnt colours" not in untrained
    assert red["learnt colours"] != blue["learnt colours"]


def test_an_altered_state_is_refused(tmp_path: Path) -> None:
    Progress(3, {"width": "8"}, {"0.left": torch.zeros(5)}).write(tmp_path)
    assert Progress.read(tmp_path, {"width": "8"}).frames == 3
    path = tmp_path / "state.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="it was altered"):
        Progress.read(tmp_path, {"width": "8"})
