"""The first layers over labels: the table gives what the convolution over one-hot channels gives."""

from typing import Any

import pytest
import torch
from torch import Tensor

from vid2vid.config import GeneratorConfig
from vid2vid.generator import FrameGenerator, Generator, label_lookup
from vid2vid.generator.blocks import head
from vid2vid.generator.label_lookup import look_up, lookup_is_faster
from vid2vid.ops import LabelCode, instance_edges

CLASSES = 11  # looked up in float32, not in half precision
FORMS: dict[str, dict[str, Any]] = {
    "one scale": {},
    "foreground": {"foreground": "prior"},
    "two scales, overwritten foreground": {"foreground": "overwrite", "scales": 2},
    "three frames, no flow": {"past_frames": 3, "use_flow": False},
    "residual heads": {"finer_heads": "residual", "scales": 2},
}


def code(frames: int = 3, height: int = 19, width: int = 26, edges: bool = False, features: int = 0) -> LabelCode:
    """Draw labels in blocks, so that borders and plain areas are both there, with some further channels."""
    blocks = torch.randint(CLASSES, (2, frames, 1, (height + 3) // 4, (width + 3) // 4), dtype=torch.uint8)
    ids = blocks.repeat_interleave(4, 3).repeat_interleave(4, 4)[..., :height, :width]
    style = torch.randn(2, frames, features, height, width) if features else None
    return LabelCode(ids, CLASSES, instance_edges(ids) if edges else None, style)


@pytest.mark.parametrize(("edges", "features"), [(False, 0), (True, 0), (False, 2), (True, 3)])
@pytest.mark.parametrize("size", [(19, 26), (4, 5), (64, 8)])
def test_the_table_gives_what_the_convolutions_give(
    size: tuple[int, int], edges: bool, features: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_lookup, "_BLOCK", 50)
    labels = code(3, *size, edges, features)
    stems = [head(labels.shape[1] * labels.shape[2], width) for width in (5, 8)]
    with torch.no_grad():
        looked_up = look_up(stems, labels)
        for stem, result in zip(stems, looked_up, strict=True):
            torch.testing.assert_close(result, stem(labels.dense().flatten(1, 2)), rtol=0, atol=2e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("edges", "features"), [(False, 0), (True, 0), (True, 2)])
def test_f_makes_the_same_frame_of_labels_as_of_their_one_hot_code(form: str, edges: bool, features: int) -> None:
    config = GeneratorConfig(base_channels=4, downsamples=1, blocks=2, **FORMS[form])
    labels = code(config.past_frames + 1, edges=edges, features=features)
    generator = Generator(config, labels.shape[2]).eval()
    foreground = None if config.foreground == "none" else torch.rand(2, 1, 19, 26)
    past = torch.rand(2, config.past_frames, 3, 19, 26) * 2 - 1
    with torch.no_grad():
        assert isinstance(generator.prepare(labels).scales[-1], LabelCode)
        for before in (None, past):
            frame = generator.step(labels, before, foreground)
            expected = generator.step(labels.dense(), before, foreground)
            for one, other in zip(frame.tensors, expected.tensors, strict=True):
                torch.testing.assert_close(one, other, rtol=0, atol=1e-4)


def test_labels_are_looked_up_only_where_that_is_faster() -> None:
    few, many = LabelCode(torch.zeros(1, 3, 1, 8, 8), 2), LabelCode(torch.zeros(1, 3, 1, 8, 8), CLASSES)
    assert not lookup_is_faster(many), "with gradients the convolution stays"
    with torch.no_grad():
        assert lookup_is_faster(many)
        assert not lookup_is_faster(few)
        with torch.autocast("cpu", torch.bfloat16):
            assert not lookup_is_faster(many)
        frame = FrameGenerator(GeneratorConfig(base_channels=2, downsamples=1, blocks=2), 2)
        (written,) = frame.conditions(few).scales
        assert isinstance(written, Tensor)


def test_half_precision_goes_on_in_half_precision() -> None:
    labels = code()
    stem = head(labels.shape[1] * labels.shape[2], 4)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        (result,) = look_up([stem], labels)
    assert result.dtype == torch.bfloat16
    with torch.no_grad():
        torch.testing.assert_close(result.float(), look_up([stem], labels)[0], rtol=1e-2, atol=1e-2)


def test_every_class_index_and_plain_areas_are_looked_up() -> None:
    # indices above 127 must not turn negative; the left half is plain, but for one pixel of one frame
    ids = torch.arange(256, dtype=torch.uint8).view(16, 16).repeat(3, 2, 4)[None, :, None]
    ids[..., :32] = 250
    ids[0, 1, 0, 20, 10] = 3
    labels = LabelCode(ids, 256)
    stem = head(3 * 256, 4)
    with torch.no_grad():
        (result,) = look_up([stem], labels)
        torch.testing.assert_close(result, stem(labels.dense().flatten(1, 2)), rtol=0, atol=2e-6)
