"""What was measured is found by the weights it was measured of, and by nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from vid2vid.errors import CheckpointError
from vid2vid.files import write_text
from vid2vid.training.checkpoints.measured import Measured

CONTENT = {
    "vid2vid": {"psnr": 20.456, "warping_error": 0.0215, "warping_error_real": 0.01},
    "frozen": {"psnr": 16.0},
    "intervals": {"vid2vid": {"psnr": [19.7, 21.2]}, "frozen": {}},
    "notes": ["a | note"],
    "weights": {"vid2vid": "weights 12"},
    "clips": 3,
}


def write(folder: Path, **changes: Any) -> None:  # noqa: ANN401 - any part of the file
    write_text(folder / "metrics.json", json.dumps({**CONTENT, **changes}))


def test_the_figures_of_these_weights(tmp_path: Path) -> None:
    write(tmp_path)
    found = Measured.find(tmp_path, "weights 12")
    assert found is not None
    assert found.rows() == {"PSNR dB ↑": "20.46 (19.70 – 21.20)", "warping error ↓": "0.0215"}
    assert found.table().splitlines() == [
        "|  | PSNR dB ↑ | warping error ↓ |",
        "|---|---|---|",
        "| vid2vid | 20.46 (19.70 – 21.20) | 0.0215 |",
        "| frozen | 16.00 |  |",
        "",
        "- a | note",
    ]
    assert Measured.find(tmp_path, "weights 13") is None
    assert Measured.find(tmp_path / "nowhere", "weights 12") is None
    # written by a version that did not say which weights they were
    write(tmp_path, weights={})
    assert Measured.find(tmp_path, "weights 12") is None


@pytest.mark.parametrize("place", ["evaluation", "comparison", "."])
def test_the_folder_of_the_run_is_looked_into(place: str, tmp_path: Path) -> None:
    write(tmp_path / place)
    for checkpoint in (tmp_path / "checkpoints" / "last.ckpt", tmp_path / "last.ckpt"):
        found = Measured.beside(checkpoint, "weights 12")
        assert found is not None
        assert found.folder == tmp_path / place
    # a model folder is looked into alike
    assert Measured.beside(tmp_path, "weights 12") is not None


@pytest.mark.parametrize(
    "changes", [{"vid2vid": {"psnr": "high"}}, {"vid2vid": 1}, {"intervals": []}, {"weights": 1}, {"weights": None}]
)
def test_a_damaged_file(changes: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, **changes)
    with pytest.raises(CheckpointError, match=r"metrics\.json: cannot be read as the figures of an evaluation"):
        Measured.find(tmp_path, "weights 12")
