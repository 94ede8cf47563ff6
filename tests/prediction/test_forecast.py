"""Forecasts: maps, flow and object ids of a predictor that moves everything by a known number of pixels."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from vid2vid.errors import DataError
from vid2vid.prediction import PredictionModule, forecast

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
<<<<<<< HEAD


def test_predictors_are_judged_beside_the_baselines(moving: Moving, street_data: DataModules, tmp_path: Path) -> None:
    data = street_data(val_frames=6)
    modules = {"still": moving(0, street_condition()), "away": moving(5, street_condition())}
    verdict = compare_predictions(modules, data, tmp_path, EvaluationConfig(bootstrap=20))
    content = verdict.content()
    # a predictor that moves nothing is the baseline `repeat`
    assert content["still"] == content["repeat"]
    assert content["away"]["miou"] < content["repeat"]["miou"] < 1
    # the exact flow of rendered streets is a good guess
    assert content["extrapolate"]["pixel_accuracy"] > content["repeat"]["pixel_accuracy"]
    assert (content["clips"], content["given_frames"], content["judged_frames"]) == (2, 2, 2 * 4)
    (clip,) = data.val_dataloader()
    right = (repeat(clip.source[:, :2], 4) == clip.source[:, 2:]).float().mean(dim=(0, 2, 3, 4))
    torch.testing.assert_close(torch.tensor(content["curves"]["pixel_accuracy"]["repeat"]), right)
    assert any(note.startswith("away against repeat, on the same clips: miou -") for note in verdict.notes)
    assert {path.name for path in tmp_path.iterdir()} >= {"metrics.json", "metrics.md", "sheet.png", "sheet_2.png"}
    assert Header.read(tmp_path / "prediction.mp4").frames == 8
    with pytest.raises(CheckpointError, match="other: was trained on other labels"):
        compare_predictions({"other": moving(0)}, data, tmp_path)
    with pytest.raises(ConfigError, match="'repeat' cannot be the name of a model"):
        compare_predictions({"repeat": modules["still"]}, data, tmp_path)
=======
>>>>>>> 318741d (Each measure once: a function and the metric that accumulates it)
