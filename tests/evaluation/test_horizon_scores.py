"""Scores of predicted maps over time."""

import pytest
import torch

from vid2vid.evaluation.horizon_scores import HorizonScores


def test_scores_by_time_over_all_and_the_lead_over_a_rival() -> None:
    scores = HorizonScores(2, resamples=50)
    wanted = torch.tensor([[[0, 0, 1, 1]]] * 2)
    wrong_later = torch.tensor([[[0, 0, 1, 1]], [[0, 1, 1, 1]]])
    scores.add({"good": wrong_later, "bad": 1 - wanted}, wanted)
    # a second clip, shorter, that everybody has right
    scores.add({"good": wanted[:1], "bad": wanted[:1]}, wanted[:1])
    assert (scores.clips, scores.frames) == (2, 3)
    assert scores.curves()["pixel_accuracy"] == {"good": [1.0, 0.75], "bad": [0.5, 0.0]}
    # intersections over unions of both classes at the later time
    assert scores.curves()["miou"]["good"][1] == pytest.approx((1 / 2 + 2 / 3) / 2)
    figures = scores.figures()
    assert figures["good"]["pixel_accuracy"].value == pytest.approx(11 / 12)
    assert figures["bad"]["pixel_accuracy"].value == pytest.approx(4 / 12)
    low, high = figures["bad"]["pixel_accuracy"].interval or (-1, -1)
    assert (low, high) == (0, 1)
    lead = scores.lead("good", "bad", "pixel_accuracy")
    assert lead.value == pytest.approx(7 / 12)
    # of clips drawn anew: from that clip alone which both have right to that alone which only one has
    assert lead.interval == pytest.approx((0, 7 / 8))


def test_one_clip_alone_has_no_interval() -> None:
    scores = HorizonScores(2, resamples=50)
    scores.add({"it": torch.zeros(1, 2, 2)}, torch.zeros(1, 2, 2))
    assert scores.figures()["it"]["miou"].interval is None
