"""`predict`: the files of a predictor that moves nothing."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from vid2vid.config import PredictionConfig
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import ConfigError, DataError
from vid2vid.prediction.predict_video import predict
from vid2vid.prediction.prediction_module import PredictionModule
from vid2vid.street import street_condition
from vid2vid.video import Header, stream_ids, stream_labels

Moving = Callable[..., PredictionModule]


def test_files_go_on_where_the_given_maps_end(moving: Moving, street: VideoSequence, tmp_path: Path) -> None:
    module = moving(0, street_condition())
    predicted = predict(
        module, PredictionConfig(source=street.source, output=tmp_path, given=3, frames=4, instance=street.instance)
    )
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


def test_colour_coded_maps_are_written_in_their_colours(moving: Moving, street: VideoSequence, tmp_path: Path) -> None:
    condition = street_condition()
    maps = np.stack(list(stream_labels(street.source)))[:2]
    colours = np.zeros((256, 3), np.uint8)
    colours[condition.label_ids] = condition.palette
    (tmp_path / "in").mkdir()
    for i, one in enumerate(maps):
        cv2.imwrite(str(tmp_path / "in" / f"{i}.png"), colours[one][..., ::-1])
    condition.colour_coded = True
    predicted = predict(
        moving(0, condition), PredictionConfig(source=tmp_path / "in", output=tmp_path / "out", frames=1)
    )
    # of the future nothing is known here
    assert set(predicted.rows) == {"predicted", "repeat", "extrapolate"}
    pictures = sorted(predicted.source.glob("*.png"))
    assert len(pictures) == 3
    last = cv2.imread(str(pictures[2]))
    assert np.array_equal(last[..., ::-1], colours[maps[1]])  # type: ignore[index]


def test_what_cannot_be_predicted_is_refused_and_leaves_nothing(
    moving: Moving, street: VideoSequence, tmp_path: Path
) -> None:
    module, out = moving(0, street_condition()), tmp_path / "out"
    config = PredictionConfig(source=street.source, output=out)
    with pytest.raises(ConfigError, match="given=1: at least one frame must be predicted, from at least 2 given"):
        predict(module, replace(config, given=1))
    with pytest.raises(DataError, match="has 12 frames, but given=13 are needed"):
        predict(module, replace(config, given=13))
    other = tmp_path / "ids"
    other.mkdir()
    cv2.imwrite(str(other / "0.png"), np.zeros((32, 64), np.uint16))
    with pytest.raises(DataError, match="must have at least 2 frames of 32 x 64"):
        predict(module, replace(config, instance=other))
    assert not out.exists()


def test_nothing_that_is_read_is_written_over(moving: Moving, street: VideoSequence, tmp_path: Path) -> None:
    for name in ("labels.mkv", "instance.mkv"):
        shutil.copy(street.source, tmp_path / name)
    for source, instance in ((tmp_path / "labels.mkv", None), (street.source, tmp_path / "instance.mkv")):
        config = PredictionConfig(source=source, instance=instance, output=tmp_path)
        with pytest.raises(ConfigError, match=r"(labels|instance)\.mkv: would be written over"):
            predict(moving(0, street_condition()), config)
    assert {path.name for path in tmp_path.iterdir()} == {"labels.mkv", "instance.mkv"}
    assert (tmp_path / "labels.mkv").read_bytes() == street.source.read_bytes()
