"""Conditions that are prepared once: whole windows give what windows of single frames give."""

import pytest
import torch

from vid2vid.config import GeneratorConfig
from vid2vid.generator import Conditions, Generator
from vid2vid.ops import LabelCode, dense


@pytest.mark.parametrize("labels", [True, False])
def test_frames_that_are_prepared_one_by_one_are_those_of_the_window(labels: bool) -> None:
    generator = Generator(GeneratorConfig(scales=3, base_channels=8, downsamples=1, blocks=2), 9)
    ids = torch.randint(9, (2, 3, 1, 21, 34), dtype=torch.uint8)
    code = LabelCode(ids, 9) if labels else torch.rand(2, 3, 9, 21, 34)
    with torch.no_grad():
        whole = generator.prepare(code)
        videos = []
        for b in range(2):
            frames = [generator.prepare(code[b : b + 1, t : t + 1]) for t in range(3)]
            videos.append(Conditions.join(frames, 1))
        together = Conditions.join(videos, 0)
    assert together.size == whole.size == (21, 34)
    assert isinstance(whole.scales[-1], LabelCode) == labels
    for one, other in zip(together.scales, whole.scales, strict=True):
        assert one.shape == other.shape
        assert torch.equal(dense(one), dense(other))
    assert torch.equal(dense(whole[:, 1:].scales[0]), dense(whole.scales[0])[:, 1:])
