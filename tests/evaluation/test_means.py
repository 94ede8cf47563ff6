"""By how much models differ on the same clips."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from vid2vid.evaluation import Verdict
from vid2vid.evaluation.means import differences, mean_figure
from vid2vid.evaluation.measures import Figure, Figures


def psnr(**clips: list[float]) -> Figures:
    """Figures of models by their values of the clips."""
    found: Figures = {}
    for name, values in clips.items():
        figure = mean_figure(values, 2000)
        assert figure is not None
        found[name] = {"psnr": figure}
    return found


def test_a_small_difference_is_sure_where_the_clips_differ_much_more() -> None:
    clips = torch.linspace(10, 30, 12).tolist()
    figures = psnr(a=clips, b=[value + 0.5 + 0.1 * (-1) ** i for i, value in enumerate(clips)])
    (a, b) = (figures[name]["psnr"].interval for name in "ab")
    assert a is not None
    assert b is not None
    assert a[1] > b[0]
    apart = differences(figures, ["a", "b"], 2000)["b"]["psnr"]
    assert apart.value == pytest.approx(0.5)
    assert apart.interval is not None
    assert 0.4 < apart.interval[0] < 0.5 < apart.interval[1] < 0.6


def test_the_interval_is_scipys_of_paired_samples() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 30, generator=generator, dtype=torch.float64).cumsum(0)
    wanted = stats.bootstrap(
        (b.numpy(), a.numpy()),
        lambda one, other, axis: (one - other).mean(axis),
        paired=True,
        vectorized=True,
        n_resamples=20_000,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    figures = psnr(a=a.tolist(), b=b.tolist())
    found = differences(figures, ["a", "b"], 20_000)["b"]["psnr"].interval
    assert found == pytest.approx((wanted.low, wanted.high), abs=0.02)


def test_clips_that_one_has_no_value_of_do_not_count() -> None:
    figures = psnr(a=[1.0, math.nan, 3.0], b=[2.0, 7.0, 5.0], c=[math.nan, 1.0, math.nan])
    apart = differences(figures, ["a", "b", "c"], 100)
    assert apart["b"]["psnr"].value == 1.5
    assert "c" not in apart


def test_what_is_no_mean_over_clips_has_no_difference() -> None:
    figures: Figures = {name: {"video_frechet_distance": Figure(1.0)} for name in "ab"}
    assert differences(figures, ["a", "b"], 100) == {}


def test_they_stand_in_the_files() -> None:
    figures = psnr(a=[20.0, math.nan, 22.0, 24.0], b=[21.0, 5.0, 23.1, 25.2])
    verdict = Verdict(["a", "b"], [], figures, {}, [], 2, {"clips": 4}, differences(figures, ["a", "b"], 500))
    content = verdict.content()
    assert content["per_clip"]["a"]["psnr"] == [20.0, None, 22.0, 24.0]
    apart = content["differences"]["b"]["psnr"]
    assert apart["value"] == pytest.approx(1.1)
    low, high = apart["interval"]
    lines = verdict.markdown().splitlines()
    told = lines.index("By how much they are above a, on the same clips; bold where the interval leaves out 0.")
    assert lines[told + 4] == f"| b | **+1.10** ({low:+.2f} to {high:+.2f}) |"


def test_a_single_model_differs_from_nobody() -> None:
    figures = psnr(a=[20.0, 22.0])
    assert differences(figures, ["a"], 100) == {}
    assert "above" not in Verdict(["a"], [], figures, {}, [], 2, {"clips": 2}).markdown()
