"""The flow terms against a recording of the reference implementation.

The recording also holds ``W``. By its value it is the mean of mask times confidence, unweighted: a penalty on
hallucinating where the flow is trusted. It is part neither of the paper's objective nor of ours, so it is not compared.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from vid2vid.config import ObjectiveConfig
from vid2vid.losses.flow import masked_l1
from vid2vid.losses.objective import Objective
from vid2vid.ops import warp
from vid2vid.types import Flow, Rollout

if TYPE_CHECKING:
    from vid2vid.tools.nvidia.reference_files import ReferenceRecording

BOUND = 1e-4


@pytest.fixture
def recorded(recording: "Callable[[str], ReferenceRecording]") -> "ReferenceRecording":
    """The recording."""
    return recording("a_flow_losses")


def test_the_warped_frame_equals_the_reference(recorded: "ReferenceRecording") -> None:
    given = recorded.group("input")
    warped = warp(given["real_prev"], given["flow"])
    assert (warped - recorded.tensors["output/warped_real_prev"]).abs().max() <= BOUND


def test_the_flow_terms_equal_the_reference(recorded: "ReferenceRecording") -> None:
    given, expected = recorded.group("input"), recorded.group("output")

    def clip(name: str) -> Tensor:
        return given[name][:, None]

    fake, flow = clip("fake"), clip("flow")
    previous = torch.stack([clip("real_prev"), clip("fake_prev")], dim=2)
    config = ObjectiveConfig(flow_weight=recorded.config["lambda_F"], consistency_weight=recorded.config["lambda_T"])
    objective = Objective(config)
    reference = Flow(clip("flow_ref"), clip("confidence"))
    terms = objective.flow(Rollout(fake, fake, fake, flow, clip("weight")), previous, clip("real"), reference)
    # losses of up to 30 in float32: relative
    ours = objective.total({"L_W": terms["L_W"]})
    torch.testing.assert_close(ours, expected["F_Flow"] + expected["F_Warp"], rtol=BOUND, atol=0)
    consistency = objective.total({"consistency": terms["consistency"]})
    torch.testing.assert_close(consistency, expected["G_Warp"], rtol=BOUND, atol=0)


def test_masked_l1_is_the_mean_with_masked_points_counting_as_equal() -> None:
    a, b = torch.zeros(1, 2, 1, 4), torch.tensor([1.0, -2.0, 3.0, 100.0]).expand(1, 2, 1, 4)
    assert masked_l1(a, b).item() == pytest.approx(106 / 4)
    mask = torch.tensor([1.0, 1.0, 0.5, 0.0]).view(1, 1, 1, 4)
    assert masked_l1(a, b, mask).item() == pytest.approx((1 + 2 + 1.5 + 0) / 4)
