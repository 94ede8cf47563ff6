"""Forecasts: maps, flow and object ids of a predictor that moves everything by a known number of pixels."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from vid2vid.errors import DataError
from vid2vid.prediction.forecast import forecast
from vid2vid.prediction.prediction_module import PredictionModule

Moving = Callable[..., PredictionModule]


@pytest.fixture
def car() -> tuple[Tensor, Tensor]:
    """Two maps with a car, four pixels wide, and their object ids, which float32 could not tell from others."""
    source = torch.zeros(1, 2, 1, 8, 16, dtype=torch.uint8)
    source[..., 2:6, 2:6] = 1
    instance = torch.where(source == 1, 2**24 - 1, 7).int()
    return source, instance


def test_maps_and_object_ids_move_together(moving: Moving, car: tuple[Tensor, Tensor]) -> None:
    source, instance = car
    found = forecast(moving(1), source, 3, instance)
    assert found.labels.shape == found.instance.shape == (1, 3, 1, 8, 16)  # type: ignore[union-attr]
    for t in range(3):
        assert torch.equal(found.labels[0, t, 0, :, t + 1 :], source[0, 1, 0, :, : -t - 1])
        assert torch.equal(found.instance[0, t, 0, :, t + 1 :], instance[0, 1, 0, :, : -t - 1])  # type: ignore[index]
    torch.testing.assert_close(found.flow, torch.tensor([-1.0, 0]).view(1, 1, 2, 1, 1).expand_as(found.flow))


def test_what_is_new_belongs_to_no_object_known_so_far(moving: Moving, car: tuple[Tensor, Tensor]) -> None:
    source, instance = car
    module = moving(0)
    head = module.generator.label_head[1]
    mask = module.generator.mask_head[1]
    with torch.no_grad():
        head.weight.zero_()  # type: ignore[operator]
        head.bias.copy_(torch.tensor([-9.0, 9.0]))  # type: ignore[operator]
        mask.bias.fill_(40)  # type: ignore[operator]
    found = forecast(module, source, 1, instance)
    # everything becomes car: what was car stays the one that it was, the rest gets the label's id
    assert found.instance is not None
    assert torch.equal(found.instance[0, 0], torch.where(source[0, 1] == 1, 2**24 - 1, 26).int())


def test_a_prediction_at_half_the_size_moves_as_fast(moving: Moving, car: tuple[Tensor, Tensor]) -> None:
    source, _ = car
    found = forecast(moving(1), source, 2, size=(4, 8))
    torch.testing.assert_close(found.flow[:, :, 0], torch.full((1, 2, 8, 16), -2.0))
    assert torch.equal(found.labels[0, 1, 0, 2:6, 4:], source[0, 1, 0, 2:6, :-4])


def test_too_few_maps_are_refused(moving: Moving) -> None:
    with pytest.raises(DataError, match="needs 2 past label maps, but 1 are given"):
        forecast(moving(0), torch.zeros(1, 1, 1, 8, 8, dtype=torch.uint8), 1)
