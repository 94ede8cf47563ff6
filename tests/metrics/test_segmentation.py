"""Scores of class maps by hand, by time, and of the labels that a segmenter finds."""

import pytest
import torch
from torch import Tensor

from vid2vid.errors import ConfigError
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.segmentation import (
    Resegmentation,
    SegmentationScores,
    class_iou,
    confusion,
    mean_iou,
    pixel_accuracy,
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
    assert result["miou"].item() == pytest.approx(mean_iou(matrix).item())
    assert result["iou/car"].item() == pytest.approx(class_iou(matrix)[1].item())
    assert result["pixel_accuracy"].item() == pytest.approx((predicted == wanted).double().mean().item())


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_maps_of_nothing_but_ignored_points_are_refused() -> None:
    scores = SegmentationScores(2)
    scores.update(torch.zeros(1, 1, 2, 2), torch.full((1, 1, 2, 2), 255))
    with pytest.raises(ValueError, match="no point"):
        scores.compute()


def test_scores_by_time_over_all_and_their_difference_from_another_model() -> None:
    wanted = torch.tensor([[[[0, 0, 1, 1]]] * 2])
    wrong_later = torch.tensor([[[[0, 0, 1, 1]], [[0, 1, 1, 1]]]])
    good, bad = (SegmentationScores(2, over_time=True) for _ in range(2))
    good.update(wrong_later, wanted)
    bad.update(1 - wanted, wanted)
    # a second clip, shorter, that both have right
    for scores in (good, bad):
        scores.update(wanted[:, :1], wanted[:, :1])
    assert (good.curve("pixel_accuracy"), bad.curve("pixel_accuracy")) == ([1.0, 0.75], [0.5, 0.0])
    # intersections over unions of both classes at the later time
    assert good.curve("miou")[1] == pytest.approx((1 / 2 + 2 / 3) / 2)
    figures = [scores.figure("pixel_accuracy", resamples=50) for scores in (good, bad)]
    assert [figure and figure.value for figure in figures] == pytest.approx([11 / 12, 4 / 12])
    assert figures[1] is not None
    assert figures[1].interval == (0, 1)
    lead = good.difference(bad, "pixel_accuracy", resamples=50)
    assert lead is not None
    assert lead.value == pytest.approx(7 / 12)
    # of drawn clips: from the clip alone that both have right to that alone that only one has
    assert lead.interval == pytest.approx((0, 7 / 8))
    assert SegmentationScores(2).curve("miou") == []


def test_one_clip_alone_has_no_interval() -> None:
    scores = SegmentationScores(2)
    assert scores.figure("miou") is None
    scores.update(torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 2, 2))
    figure = scores.figure("miou", resamples=50)
    assert figure is not None
    assert (figure.value, figure.interval) == (1, None)


def test_each_chosen_class_has_its_own_figure_curve_and_difference() -> None:
    wanted = torch.tensor([[[[0, 0, 1, 1]]], [[[0, 0, 1, 1]]]])
    predicted = torch.tensor([[[[0, 0, 1, 1]]], [[[0, 0, 1, 2]]]])
    chosen = {"car": 1, "tram": 2, "boat": 3}
    one, right = (SegmentationScores(4, over_time=True, chosen=chosen) for _ in range(2))
    one.update(predicted, wanted)
    right.update(wanted, wanted)
    columns = one.columns("iou")
    assert (columns, one.columns("miou")) == (["iou/car", "iou/tram", "iou/boat"], ["miou"])
    figures = [one.figure(column, resamples=100) for column in columns]
    assert [figure and figure.value for figure in figures] == [3 / 4, 0, None]
    assert figures[0] is not None
    assert figures[0].interval == (1 / 2, 1)
    assert one.curve("iou/car") == [3 / 4]
    behind = one.difference(right, "iou/car", resamples=100)
    assert behind is not None
    assert (behind.value, behind.interval) == (-1 / 4, (-1 / 2, 0))
    # neither is there a boat, nor a tram in what is right
    assert [one.difference(right, column) for column in ("iou/tram", "iou/boat")] == [None, None]


def brighter(images: Tensor) -> Tensor:
    """Segment images into dark (0) and bright (1) points."""
    return (images.mean(1) > 0).long()


@pytest.mark.parametrize("logits", [False, True])
def test_labels_are_found_again_in_frames_that_count(logits: bool) -> None:
    labels = torch.randint(0, 2, (2, 4, 6, 8))
    video = (labels.float() * 2 - 1)[:, :, None].expand(-1, -1, 3, -1, -1).clone()
    video[:, 0] = -1  # a given frame
    video[1, 3] *= -1
    metric = Resegmentation((lambda x: torch.stack([-x[:, 0], x[:, 0]], 1)) if logits else brighter, 2)
    for times, part in ReferenceClip(video, given=1, labels=labels).parts(2):
        metric.update(video[:, times], part)
    assert metric.compute()["pixel_accuracy"].item() == pytest.approx(5 / 6)
    assert len(metric.clip_matrices()) == 2


def test_a_segmenter_of_other_labels_is_refused() -> None:
    reference = ReferenceClip(torch.zeros(1, 1, 3, 4, 4), labels=torch.zeros(1, 1, 4, 4))
    with pytest.raises(ConfigError, match=r"segmenter: cannot find 2 labels in images \(3, 4, 4\): class 5"):
        Resegmentation(lambda images: torch.full((1, 4, 4), 5), 2).update(reference.real, reference)


def test_a_clip_without_labels_has_no_scores() -> None:
    metric = Resegmentation(brighter, 2)
    metric.update(torch.zeros(1, 1, 3, 4, 4), ReferenceClip(torch.zeros(1, 1, 3, 4, 4)))
    assert metric.figure("miou") is None


def test_refused_maps_leave_nothing() -> None:
    scores = SegmentationScores(2)
    maps = torch.zeros(2, 1, 2, 2)
    bad = maps.clone()
    bad[1] = 7
    with pytest.raises(ValueError, match="class 7"):
        scores.update(maps, bad)
    assert scores.figure("miou") is None
    video = torch.ones(2, 1, 3, 2, 2)
    found = Resegmentation(brighter, 2)
    with pytest.raises(ConfigError, match="class 7"):
        found.update(video, ReferenceClip(video, labels=bad))
    assert found.figure("miou") is None
    found.update(video, ReferenceClip(video, labels=maps + 1))
    assert found.compute()["miou"] == 1
