"""F against recordings of the reference implementation: the same weights and inputs, the same frames.

The recordings use batch norm with the statistics of the batch, as the reference does at test time: F stays in training
mode. The bound of 1e-4 leaves room for the rounding of other processors, which a roll-out amplifies.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from vid2vid.generator import Generator
from vid2vid.ops import one_hot
from vid2vid.settings import GeneratorConfig

if TYPE_CHECKING:
    from tests.conftest import Recording

BOUND = 1e-4
NAMES = {
    "model_down_seg": "condition_stem",
    "model_down_img": "past_stem",
    "model_res_img": "image_trunk",
    "model_up_img": "image_up",
    "model_final_img": "hallucination_head",
    "model_res_flow": "flow_trunk",
    "model_up_flow": "flow_up",
    "model_final_flow": "flow_head",
    "model_final_w": "mask_head",
}


def generator_of(recorded: "Recording") -> Generator:
    """Build F with the recorded settings and weights; a weight without a place on either side is an error."""
    config = recorded.config
    settings = GeneratorConfig(
        base_channels=config["ngf"],
        downsamples=config["n_downsample_G"],
        blocks=config["n_blocks"],
        norm=config["norm"],
        use_flow=not config.get("no_flow", False),
    )
    generator = Generator(settings, config["label_nc"])
    generator.frame.load_state_dict({_renamed(key): value for key, value in recorded.group("netG0").items()})
    return generator


def _renamed(key: str) -> str:
    module, rest = key.split(".", 1)
    return f"{NAMES[module]}.{rest.replace('conv_block', 'body')}"


def distance(a: Tensor, b: Tensor) -> float:
    """Return the largest difference."""
    assert a.shape == b.shape
    return (a - b).abs().max().item()


@torch.no_grad()
def test_one_step_equals_the_reference(recording: "Callable[[str], Recording]") -> None:
    recorded = recording("a_forward")
    given, expected = recorded.group("input"), recorded.group("output")
    source, past = torch.unflatten(given["source"], 1, (3, -1)), torch.unflatten(given["previous"], 1, (2, 3))
    frame = generator_of(recorded).step(source, past)
    assert distance(frame.fake, expected["final"]) <= BOUND
    assert distance(frame.hallucinated, expected["raw"]) <= BOUND
    assert distance(frame.mask, expected["weight"]) <= BOUND
    # pixels; the recorded flow reaches several of them
    assert expected["flow"].abs().max() > 1
    assert distance(frame.flow, expected["flow"]) <= BOUND


@pytest.mark.parametrize("name", ["a_rollout_1scale", "a_rollout_no_first", "a_rollout_noflow"])
@torch.no_grad()
def test_a_rollout_equals_the_reference(recording: "Callable[[str], Recording]", name: str) -> None:
    recorded = recording(name)
    given = recorded.group("input")
    source = one_hot(given["label"], recorded.config["label_nc"])
    past = None if recorded.config["no_first_img"] else given["real"][:, :2]
    rollout = generator_of(recorded)(source, past)
    assert distance(rollout.fake, recorded.tensors["output/frames"]) <= BOUND
