"""W begins from the motion vectors of the data in each form of F, and says what it needs."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from vid2vid import Condition
from vid2vid.condition import planes_of
from vid2vid.config import GeneratorConfig
from vid2vid.data.conditions import encode, encode_compactly
from vid2vid.errors import ConfigError
from vid2vid.generator import Generator
from vid2vid.generator.motion_prior import MotionPrior

CONDITION = Condition(label_ids=list(range(40)), planes=planes_of(["depth", "motion", "normals"]))


@pytest.mark.parametrize("form", [{"form": "paper"}, {"form": "efficient"}, {"form": "paper", "scales": 2}])
def test_a_flow_drawn_as_nothing_is_the_motion_of_the_data(form: dict[str, Any]) -> None:
    """Also where labels are not written out, and at twice as many pixels on the finer scale."""
    config = GeneratorConfig(base_channels=8, downsamples=2, blocks=2, finer_blocks=1, motion_prior=True, **form)
    prior = MotionPrior.of(CONDITION, config)
    assert prior == MotionPrior(41, 16.0)
    generator = Generator(config, CONDITION.channels, motion_prior=prior).eval()
    for name, parameter in generator.named_parameters():
        if "flow_head" in name:
            parameter.data.zero_()
    labels = torch.randint(40, (1, 3, 1, 16, 24), dtype=torch.uint8)
    planes = torch.rand(1, 3, 6, 16, 24) + 0.1
    planes[:, :, 1:3] = torch.tensor([6.0, -3.0]).view(2, 1, 1)
    past = torch.rand(1, 2, 3, 16, 24) * 2 - 1
    with torch.no_grad():
        frame = generator.step(encode(CONDITION, labels, planes=planes), past)
        compact = generator.step(encode_compactly(CONDITION, labels, planes=planes), past)
        torch.testing.assert_close(frame.flow, planes[:, -1, 1:3])
        torch.testing.assert_close(compact.fake, frame.fake, rtol=0, atol=1e-5)
        without = Generator(replace(config, motion_prior=False), CONDITION.channels).eval()
        without.load_state_dict(generator.state_dict())
        assert not without.step(encode(CONDITION, labels, planes=planes), past).flow.any()


def test_without_an_optional_plane_it_is_the_motion_of_objects() -> None:
    """Video by video, in one batch."""
    condition = Condition(
        label_ids=[7, 26], object_motion=True, planes=planes_of([{"name": "motion", "optional": 0.5}])
    )
    config = GeneratorConfig(form="efficient", motion_prior=True)
    prior = MotionPrior.of(condition, config)
    assert prior == MotionPrior(5, 16.0, MotionPrior(2))
    planes = torch.full((2, 2, 2, 16, 24), 3.0)
    planes[1] = torch.nan
    ids = torch.zeros(2, 2, 1, 16, 24, dtype=torch.int32)
    ids[:, 0, :, 4:10, 6:14] = ids[:, 1, :, 6:12, 8:16] = 26001
    code = encode(condition, torch.zeros(2, 2, 1, 16, 24, dtype=torch.uint8), ids, planes)
    given, of_objects = prior.flow(code, 0)
    assert (given == 3).all()
    assert torch.equal(of_objects, MotionPrior(2).flow(code, 0)[1])
    assert of_objects[:, 8, 10].tolist() == [-2.0, -2.0]


def test_what_cannot_begin_from_motion_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"generator\.motion_prior=true: .* data\.planes=\[motion\]"):
        MotionPrior.of(replace(CONDITION, planes=[]), GeneratorConfig(motion_prior=True))
    with pytest.raises(ConfigError, match=r"has no effect with generator\.use_flow=false"):
        GeneratorConfig(motion_prior=True, use_flow=False)
    assert MotionPrior.of(CONDITION, GeneratorConfig()) is None
    with pytest.raises(ConfigError, match="scaling=motion needs channels=2 and half above 0, but has channels="):
        planes_of([{"name": "motion", "channels": 3}])
