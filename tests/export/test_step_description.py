"""The description of an exported step is read as it was written, and damaged ones are refused."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from vid2vid import Condition
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.export.step_description import FORMAT, StepDescription, TensorDescription

CONDITIONS = TensorDescription([1, 3, 1, 16, 24], "uint8", "label ids")


def described(**changes: Any) -> StepDescription:  # noqa: ANN401 - any field
    return StepDescription(
        **{
            "format": FORMAT,
            "vid2vid": "0.1.0",
            "weights": "weights 0",
            "checkpoint": ["a.ckpt", ""],
            "precision": "32",
            "height": 16,
            "width": 24,
            "dynamic": False,
            "multiple": 4,
            "past_frames": 2,
            "scales": 1,
            "condition": Condition(label_ids=[7, 11]),
            "foreground": "none",
            "mean_style": None,
            "class_colours": {"car": [[200, 30, 40]]},
            "inputs": {"conditions": CONDITIONS},
            "outputs": {"picture": TensorDescription([16, 24, 3], "uint8", "the frame")},
            "known": {"parameters": "12"},
            **changes,
        }
    )


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    step = tmp_path / "a.onnx"
    for one in (described(), described(dynamic=True, mean_style=[[0.5, 1.0], [0.0, -1.0]])):
        one.write(step)
        assert StepDescription.read(step) == one
    assert json.loads((tmp_path / "a.onnx.json").read_text())["condition"]["label_ids"] == [7, 11]


@pytest.mark.parametrize(
    "change",
    [
        {"format": "another"},
        {"height": 0},
        {"height": "16"},
        {"condition": {"kind": "nothing"}},
        {"inputs": {"conditions": {"shape": [1], "dtype": "object", "meaning": ""}}},
        {"inputs": {"conditions": {"shape": [1]}}},
        {"inputs": None},
        {"more": 1},
        {"known": {"parameters": 12}},
        {"class_colours": {"car": [200, 30, 40]}},
    ],
)
def test_a_damaged_one_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    step = tmp_path / "a.onnx"
    StepDescription.path_of(step).write_text(json.dumps({**asdict(described()), **change}))
    with pytest.raises(CheckpointError, match=r"a\.onnx\.json: cannot be used"):
        StepDescription.read(step)


def test_sizes_that_a_graph_does_not_take_are_refused() -> None:
    described().require_size(16, 24)
    described(dynamic=True).require_size(32, 8)
    with pytest.raises(ConfigError, match="was exported for 16 x 24; give height=16 width=24"):
        described().require_size(24, 16)
    with pytest.raises(ConfigError, match="multiples of 4 as height and width"):
        described(dynamic=True).require_size(16, 22)
