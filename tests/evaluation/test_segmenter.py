"""A segmenter that learns, and is kept."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from vid2vid import Vid2VidDataModule
from vid2vid.errors import ConfigError
from vid2vid.evaluation import segmenter as segmenter_module
from vid2vid.evaluation.segmenter import FILE_NAME, Segmenter, load_segmenter, train_segmenter
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.segmentation import Resegmentation


def painted(count: int) -> tuple[Tensor, Tensor]:
    """Return noisy images ``(N, 3, 24, 32)`` of a sky, a road and a box, with their class maps."""
    classes = torch.zeros(count, 24, 32, dtype=torch.uint8)
    classes[:, 12:] = 1
    for each in classes:
        y, x = torch.randint(2, 14, (2,)).tolist()
        each[y : y + 8, x : x + 10] = 2
    palette = torch.tensor([[-0.2, 0.3, 0.8], [-0.3, -0.2, -0.3], [0.6, -0.4, -0.5]])
    images = palette[classes.long()].movedim(-1, 1) + 0.3 * torch.randn(count, 3, 24, 32)
    return images.clamp(-1, 1), classes


def batches(count: int) -> Iterator[tuple[Tensor, Tensor]]:
    for _ in range(count):
        yield painted(4)


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    torch.manual_seed(0)
    network = Segmenter(3, channels=4)
    losses = train_segmenter(network, batches(60), steps=60)
    assert sum(losses[-5:]) < 0.3 * sum(losses[:5])
    return network


def test_a_segmenter_learns_and_sees_what_a_video_shows(segmenter: Segmenter) -> None:
    images, classes = painted(6)
    video, maps = images.view(2, 3, 3, 24, 32), classes.view(2, 3, 24, 32)
    scores = []
    for strength in (1.0, 0.3, 0.0):
        metric = Resegmentation(segmenter.segment, 3)
        metric.update(video * strength, ReferenceClip(video, labels=maps))
        scores.append(metric.compute())
    assert scores[0]["miou"] > 0.9
    assert scores[0]["pixel_accuracy"] > 0.95
    for name in ("miou", "pixel_accuracy"):
        values = [score[name] for score in scores]
        assert values == sorted(values, reverse=True)
        assert values[2] < 0.9 * values[0]


def test_a_rare_class_weighs_by_the_inverse_square_root_of_its_share() -> None:
    torch.manual_seed(0)
    share, ignored = 0.04, 255

    def maps(count: int) -> Iterator[tuple[Tensor, Tensor]]:
        for _ in range(count):
            classes = (torch.rand(4, 16, 16) < share).byte()
            classes[:, :, 8:] = ignored
            yield torch.zeros(4, 3, 16, 16), classes

    network = Segmenter(3, channels=4)
    train_segmenter(network, maps(100), steps=100, ignored=ignored)
    # images tell nothing of where it is: what minimises the loss is its share of the weights
    found = network(torch.zeros(1, 3, 16, 16)).softmax(1)[0, 1, :, :8].mean().item()
    assert found == pytest.approx(share**0.5 / (share**0.5 + (1 - share) ** 0.5), rel=0.3)
    assert found > 3 * share


def test_any_size_can_be_segmented(segmenter: Segmenter) -> None:
    assert segmenter.segment(torch.zeros(2, 3, 37, 51)).shape == (2, 37, 51)
    assert not segmenter.training


def test_too_few_batches_are_an_error() -> None:
    with pytest.raises(ValueError, match="5 steps need as many batches, but there were 2"):
        train_segmenter(Segmenter(3, channels=4), batches(2), steps=5)


def test_it_is_small() -> None:
    assert sum(parameter.numel() for parameter in Segmenter(19).parameters()) < 100_000


DataModules = Callable[..., Vid2VidDataModule]


def set_up(street_data: DataModules, **loader: Any) -> Vid2VidDataModule:  # noqa: ANN401
    data = street_data(**loader)
    data.prepare_data()
    data.setup("fit")
    return data


@pytest.fixture
def data(street_data: DataModules) -> Vid2VidDataModule:
    return set_up(street_data)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each training; none takes any time."""
    trainings: list[str] = []

    def train(network: torch.nn.Module, batches: Any, steps: int) -> None:  # noqa: ANN401
        next(iter(batches))
        trainings.append("trained")

    monkeypatch.setattr(segmenter_module, "train_segmenter", train)
    return trainings


def test_only_the_same_data_find_it_again(street_data: DataModules, tmp_path: Path, trained: list[str]) -> None:
    data = set_up(street_data)
    assert load_segmenter("", data, tmp_path) is None
    frame = torch.rand(1, 3, 32, 64) * 2 - 1
    found = []
    for _ in range(2):
        segmentation = load_segmenter("train", data, tmp_path)
        assert segmentation is not None
        found.append(segmentation(frame))
    assert len(trained) == 1
    assert torch.equal(*found)
    # frames of another size, then fewer of them
    load_segmenter("train", set_up(street_data, height=16, width=32), tmp_path)
    assert len(trained) == 2
    data.train_set.sequences.pop()
    load_segmenter("train", data, tmp_path)
    assert len(trained) == 3


def test_files_that_hold_no_segmenter_are_named(data: Vid2VidDataModule, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("no segmenter")
    with pytest.raises(ConfigError, match=r"segmenter\.pt: is not a segmenter that an evaluation kept .*delete it"):
        load_segmenter("train", data, tmp_path)
    with pytest.raises(ConfigError, match=r"segmenter=.*segmenter\.pt: not a TorchScript file"):
        load_segmenter(str(tmp_path / FILE_NAME), data, tmp_path)
    with pytest.raises(ConfigError, match=r"segmenter=none\.pt: no such file"):
        load_segmenter("none.pt", data, tmp_path)


def test_without_labels_there_is_no_segmenter(data: Vid2VidDataModule, tmp_path: Path) -> None:
    data.condition.kind = "edges"
    with pytest.raises(ConfigError, match="segmenter=train: the conditions are of the kind 'edges', not labels"):
        load_segmenter("train", data, tmp_path)
