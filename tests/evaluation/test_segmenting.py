"""A segmenter that was trained is used again on the same data, and on no other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from vid2vid import Vid2VidDataModule
from vid2vid.errors import ConfigError
from vid2vid.evaluation import segmenting
from vid2vid.evaluation.segmenting import load_segmentation

DataModules = Callable[..., Vid2VidDataModule]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each training; none takes any time."""
    trainings: list[str] = []

    def train(network: torch.nn.Module, batches: Any, steps: int) -> None:  # noqa: ANN401
        next(iter(batches))
        trainings.append("trained")

    monkeypatch.setattr(segmenting, "train_segmenter", train)
    return trainings


def set_up(street_data: DataModules, **loader: Any) -> Vid2VidDataModule:  # noqa: ANN401
    data = street_data(**loader)
    data.prepare_data()
    data.setup("fit")
    return data


def test_only_the_same_data_find_it_again(street_data: DataModules, tmp_path: Path, trained: list[str]) -> None:
    data = set_up(street_data)
    frame = torch.rand(1, 3, 32, 64) * 2 - 1
    found = []
    for _ in range(2):
        segmentation = load_segmentation("train", data, tmp_path)
        assert segmentation is not None
        found.append(segmentation(frame))
    assert len(trained) == 1
    assert torch.equal(*found)
    # frames of another size, then fewer of them
    load_segmentation("train", set_up(street_data, height=16, width=32), tmp_path)
    assert len(trained) == 2
    data.train_set.sequences.pop()
    load_segmentation("train", data, tmp_path)
    assert len(trained) == 3


def test_damaged_files_are_named(street_data: DataModules, tmp_path: Path, trained: list[str]) -> None:
    (tmp_path / segmenting.CACHE_NAME).write_bytes(b"no weights")
    with pytest.raises(ConfigError, match=r"segmenter\.pt: is no segmenter that was kept.*remove it"):
        load_segmentation("train", set_up(street_data), tmp_path)
    with pytest.raises(ConfigError, match=r"segmenter=.*none\.pt: no such file"):
        load_segmentation(str(tmp_path / "none.pt"), set_up(street_data), tmp_path)
    assert not trained
