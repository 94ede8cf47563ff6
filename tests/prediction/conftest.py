"""Fixtures of the tests of prediction."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from vid2vid import Condition
from vid2vid.prediction.prediction_module import PredictionModule


@pytest.fixture(scope="session")
def moving() -> Callable[..., PredictionModule]:
    """Makes predictors that move everything to the right by so many pixels a frame, and hallucinate nothing."""

    def make(pixels: float, condition: Condition | None = None) -> PredictionModule:
        small = {"past_frames": 2, "base_channels": 4, "downsamples": 1, "blocks": 2, "flow_scale": 1.0}
        module = PredictionModule(condition or Condition("labels", label_ids=[7, 26]), small).eval()
        flow, mask = module.generator.flow_head[1], module.generator.mask_head[1]
        assert isinstance(flow, nn.Conv2d)
        assert isinstance(mask, nn.Conv2d)
        with torch.no_grad():
            flow.bias.copy_(torch.tensor([-pixels, 0.0]))  # type: ignore[union-attr]
            mask.bias.fill_(-40)  # type: ignore[union-attr]
        return module

    return make
