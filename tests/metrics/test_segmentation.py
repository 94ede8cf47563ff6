"""Scores of class maps by hand, and a segmenter that learns."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from vid2vid.metrics import (
    Resegmentation,
    SegmentationScores,
    Segmenter,
    class_iou,
    confusion,
    mean_iou,
    pixel_accuracy,
    train_segmenter,
)


def test_scores_of_a_small_map() -> None:
    wanted = torch.tensor([0, 0, 0, 1, 1, 255, 255])
    predicted = torch.tensor([0, 0, 1, 1, 1, 0, 200])
    matrix = confusion(predicted, wanted, classes=4)
    assert matrix[:2, :2].tolist() == [[2, 1], [0, 2]]
    assert matrix.sum() == 5
    assert pixel_accuracy(matrix).item() == pytest.approx(4 / 5)
    iou = class_iou(matrix)
    assert iou[:2].tolist() == pytest.approx([2 / 3, 2 / 3])
    assert iou[2:].isnan().all()
    assert mean_iou(matrix).item() == pytest.approx(2 / 3)


def test_a_class_that_is_predicted_but_not_there_has_no_overlap() -> None:
    matrix = confusion(torch.tensor([0, 2]), torch.tensor([0, 0]), classes=3)
    assert mean_iou(matrix).item() == pytest.approx((1 / 2 + 0) / 2)


def test_what_is_no_class_is_refused() -> None:
    with pytest.raises(ValueError, match=r"class 3 .* not among 3"):
        confusion(torch.tensor([0, 1]), torch.tensor([3, 0]), classes=3)
    with pytest.raises(ValueError, match=r"class 7 .* not among 3"):
        confusion(torch.tensor([7, 1]), torch.tensor([1, 0]), classes=3)
    with pytest.raises(ValueError, match="one shape"):
        confusion(torch.zeros(2), torch.zeros(3), classes=3)
    with pytest.raises(ValueError, match="1 names for 2 classes"):
        SegmentationScores(2, names=["road"])


def test_the_class_scores_all_maps_together() -> None:
    predicted, wanted = torch.randint(0, 3, (2, 4, 2, 6, 7))
    scores = SegmentationScores(4, names=["road", "car", "sky", "tram"])
    for part in torch.arange(4).split(2):  # type: ignore[no-untyped-call]
        scores.update(predicted[part], wanted[part])
    matrix = confusion(predicted, wanted, 4)
    result = scores.compute()
    assert list(result) == ["miou", "pixel_accuracy", "iou/road", "iou/car", "iou/sky"]
    assert result["miou"] == pytest.approx(mean_iou(matrix).item())
    assert result["iou/car"] == pytest.approx(class_iou(matrix)[1].item())
    assert result["pixel_accuracy"] == pytest.approx((predicted == wanted).double().mean().item())


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_maps_of_nothing_but_ignored_points_are_refused() -> None:
    scores = SegmentationScores(2)
    scores.update(torch.zeros(1, 1, 2, 2), torch.full((1, 1, 2, 2), 255))
    with pytest.raises(ValueError, match="no point"):
        scores.compute()


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
        metric.update(video * strength, maps)
        scores.append(metric.compute())
    assert scores[0]["miou"] > 0.9
    assert scores[0]["pixel_accuracy"] > 0.95
    for name in ("miou", "pixel_accuracy"):
        values = [score[name] for score in scores]
        assert values == sorted(values, reverse=True)
        assert values[2] < 0.9 * values[0]


def test_any_size_can_be_segmented(segmenter: Segmenter) -> None:
    assert segmenter.segment(torch.zeros(2, 3, 37, 51)).shape == (2, 37, 51)
    assert not segmenter.training


def test_too_few_batches_are_an_error() -> None:
    with pytest.raises(ValueError, match="5 steps need as many batches, but there were 2"):
        train_segmenter(Segmenter(3, channels=4), batches(2), steps=5)


def test_it_is_small() -> None:
    assert sum(parameter.numel() for parameter in Segmenter(19).parameters()) < 100_000
