"""Predictors beside the trivial baselines, on held-out videos."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from vid2vid import Condition, Vid2VidDataModule
from vid2vid.config import EvaluationConfig
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.evaluation.predictions import evaluate_predictions
from vid2vid.prediction.label_motion import repeat
from vid2vid.prediction.prediction_module import PredictionModule
from vid2vid.street import street_condition
from vid2vid.video import Header

DataModules = Callable[..., Vid2VidDataModule]


def moving(pixels: float, condition: Condition) -> PredictionModule:
    """Make a predictor that moves everything to the right by so many pixels a frame, and hallucinates nothing."""
    small = {"past_frames": 2, "base_channels": 4, "downsamples": 1, "blocks": 2, "flow_scale": 1.0}
    module = PredictionModule(condition, small).eval()
    flow, mask = module.generator.flow_head[1], module.generator.mask_head[1]
    with torch.no_grad():
        flow.bias.copy_(torch.tensor([-pixels, 0.0]))  # type: ignore[operator]
        mask.bias.fill_(-40)  # type: ignore[operator]
    return module


def test_predictors_are_evaluated_beside_the_baselines(street_data: DataModules, tmp_path: Path) -> None:
    data = street_data(val_frames=6)
    modules = {"still": moving(0, street_condition()), "away": moving(5, street_condition())}
    report = evaluate_predictions(modules, data, tmp_path, EvaluationConfig(bootstrap=20, classes=["road", "26"]))
    content = report.content()
    # a predictor that moves nothing is the baseline `repeat`
    assert content["still"] == content["repeat"]
    assert content["away"]["miou"] < content["repeat"]["miou"] < 1
    # the exact flow of rendered streets is a good guess
    assert content["extrapolate"]["pixel_accuracy"] > content["repeat"]["pixel_accuracy"]
    assert (content["clips"], content["given_frames"], content["evaluated_frames"]) == (2, 2, 2 * 4)
    (clip,) = data.val_dataloader()
    right = (repeat(clip.source[:, :2], 4) == clip.source[:, 2:]).float().mean(dim=(0, 2, 3, 4))
    torch.testing.assert_close(torch.tensor(content["curves"]["pixel_accuracy"]["repeat"]), right)
    assert any(note.startswith("away against repeat, on the same clips: miou -") for note in report.notes)
    assert {path.name for path in tmp_path.iterdir()} >= {"metrics.json", "metrics.md", "sheet.png", "sheet_2.png"}
    assert Header.read(tmp_path / "prediction.mp4").frames == 8
    for name in ("road", "26"):
        assert content["away"][f"iou/{name}"] < content["repeat"][f"iou/{name}"] < 1
    with pytest.raises(CheckpointError, match="other: was trained on other labels"):
        evaluate_predictions({"other": moving(0, Condition("labels", label_ids=[7, 26]))}, data, tmp_path)
    with pytest.raises(ConfigError, match="'repeat' cannot be the name of a model"):
        evaluate_predictions({"repeat": modules["still"]}, data, tmp_path)
