"""Forecasts: maps, flow and object ids of a predictor that is known to move everything a pixel a frame."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vid2vid import Condition, Vid2VidDataModule
from vid2vid.config import EvaluationConfig
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import CheckpointError, ConfigError, DataError
from vid2vid.evaluation import compare_predictions
from vid2vid.prediction import PredictionModule, forecast, predict, repeat
from vid2vid.street import street_condition
from vid2vid.video import Header, stream_ids, stream_labels

DataModules = Callable[..., Vid2VidDataModule]


def moving(pixels: float, condition: Condition | None = None) -> PredictionModule:
    """Make a predictor that moves everything to the right by so many pixels a frame, and hallucinates nothing."""
    small = {"past_frames": 2, "base_channels": 4, "downsamples": 1, "blocks": 2, "flow_scale": 1.0}
    module = PredictionModule(condition or Condition("labels", label_ids=[7, 26]), small).eval()
    flow, mask = module.generator.flow_head[1], module.generator.mask_head[1]
    assert isinstance(flow, nn.Conv2d)
    assert isinstance(mask, nn.Conv2d)
    with torch.no_grad():
        flow.bias.copy_(torch.tensor([-pixels, 0.0]))  # type: ignore[union-attr]
        mask.bias.fill_(-40)  # type: ignore[union-attr]
    return module


@pytest.fixture
def car() -> tuple[Tensor, Tensor]:
    """Two maps with a car, four pixels wide, and their object ids, which float32 could not tell from others."""
    source = torch.zeros(1, 2, 1, 8, 16, dtype=torch.uint8)
    source[..., 2:6, 2:6] = 1
    instance = torch.where(source == 1, 2**24 - 1, 7).int()
    return source, instance


def test_maps_and_object_ids_move_together(car: tuple[Tensor, Tensor]) -> None:
    source, instance = car
    found = forecast(moving(1), source, 3, instance)
    assert found.labels.shape == found.instance.shape == (1, 3, 1, 8, 16)  # type: ignore[union-attr]
    for t in range(3):
        assert torch.equal(found.labels[0, t, 0, :, t + 1 :], source[0, 1, 0, :, : -t - 1])
        assert torch.equal(found.instance[0, t, 0, :, t + 1 :], instance[0, 1, 0, :, : -t - 1])  # type: ignore[index]
    torch.testing.assert_close(found.flow, torch.tensor([-1.0, 0]).view(1, 1, 2, 1, 1).expand_as(found.flow))


def test_what_is_new_belongs_to_no_object_known_so_far(car: tuple[Tensor, Tensor]) -> None:
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


def test_a_prediction_at_half_the_size_moves_as_fast(car: tuple[Tensor, Tensor]) -> None:
    source, _ = car
    found = forecast(moving(1), source, 2, size=(4, 8))
    torch.testing.assert_close(found.flow[:, :, 0], torch.full((1, 2, 8, 16), -2.0))
    assert torch.equal(found.labels[0, 1, 0, 2:6, 4:], source[0, 1, 0, 2:6, :-4])


def test_files_go_on_where_the_given_maps_end(street: VideoSequence, tmp_path: Path) -> None:
    module = moving(0, street_condition())
    predicted = predict(module, street.source, tmp_path, given=3, frames=4, instance=street.instance)
    true = np.stack(list(stream_labels(street.source)))
    written = np.stack(list(stream_labels(predicted.source)))
    # nothing moves
    assert np.array_equal(written, np.concatenate([true[:3], np.repeat(true[2:3], 4, axis=0)]))
    assert predicted.instance is not None
    assert street.instance is not None
    ids = np.stack(list(stream_ids(street.instance)))
    assert np.array_equal(np.stack(list(stream_ids(predicted.instance)))[3:], np.repeat(ids[2:3], 4, axis=0))
    assert set(predicted.rows) == {"true", "predicted", "repeat", "extrapolate"}
    for name, frames in {"labels.mp4": 7, "flow.mp4": 4}.items():
        assert Header.read(tmp_path / name).frames == frames
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None
    assert sheet.shape[0] == 4 * (32 + 2)


def test_colour_coded_maps_are_written_in_their_colours(street: VideoSequence, tmp_path: Path) -> None:
    condition = street_condition()
    maps = np.stack(list(stream_labels(street.source)))[:2]
    colours = np.zeros((256, 3), np.uint8)
    colours[condition.label_ids] = condition.palette
    (tmp_path / "in").mkdir()
    for i, one in enumerate(maps):
        cv2.imwrite(str(tmp_path / "in" / f"{i}.png"), colours[one][..., ::-1])
    condition.colour_coded = True
    predicted = predict(moving(0, condition), tmp_path / "in", tmp_path / "out", frames=1)
    # of the future nothing is known here
    assert set(predicted.rows) == {"predicted", "repeat", "extrapolate"}
    pictures = sorted(predicted.source.glob("*.png"))
    assert len(pictures) == 3
    last = cv2.imread(str(pictures[2]))
    assert np.array_equal(last[..., ::-1], colours[maps[1]])  # type: ignore[index]


def test_what_cannot_be_predicted_is_refused_and_leaves_nothing(street: VideoSequence, tmp_path: Path) -> None:
    module, out = moving(0, street_condition()), tmp_path / "out"
    with pytest.raises(ConfigError, match="given=1: at least one frame must be predicted, from at least 2 given"):
        predict(module, street.source, out, given=1)
    with pytest.raises(DataError, match="has 12 frames, but 13 are to be given"):
        predict(module, street.source, out, given=13)
    other = tmp_path / "ids"
    other.mkdir()
    cv2.imwrite(str(other / "0.png"), np.zeros((32, 64), np.uint16))
    with pytest.raises(DataError, match="must have at least 2 frames of 32 x 64"):
        predict(module, street.source, out, instance=other)
    with pytest.raises(DataError, match="looks at 2 past label maps, but 1 are given"):
        forecast(module, torch.zeros(1, 1, 1, 8, 8, dtype=torch.uint8), 1)
    assert not out.exists()


def test_predictors_are_judged_beside_the_rivals(street_data: DataModules, tmp_path: Path) -> None:
    data = street_data(val_frames=6)
    modules = {"still": moving(0, street_condition()), "away": moving(5, street_condition())}
    verdict = compare_predictions(modules, data, tmp_path, EvaluationConfig(bootstrap=20))
    content = verdict.content()
    # who moves nothing is the rival that repeats
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
