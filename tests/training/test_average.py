"""The running average of F's weights."""

import pytest
import torch
from torch import nn

from vid2vid.settings import OptimizerConfig
from vid2vid.training.optim import running_average


def test_average_follows_the_weights_at_its_decay() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = running_average(network, OptimizerConfig(ema_decay=0.75))
    assert average is not None
    expected = None
    for value in (1.0, 3.0, -2.0):
        with torch.no_grad():
            network.weight.fill_(value)
        average.update_parameters(network)
        # the first update takes the weights as they are
        expected = value if expected is None else 0.75 * expected + 0.25 * value
        assert float(average.module.state_dict()["weight"]) == pytest.approx(expected)


def test_average_takes_no_gradient_and_can_be_left_out() -> None:
    network = nn.Linear(1, 1)
    average = running_average(network, OptimizerConfig(ema_decay=0.9))
    assert average is not None
    assert not any(parameter.requires_grad for parameter in average.parameters())
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert running_average(network, OptimizerConfig()) is None
