"""Bootstrap intervals: as scipy's, of scores that are no means, and of paired differences."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from vid2vid.metrics.bootstrap import (
    Figure,
    Figures,
    draws,
    interval,
    mean_figure,
    mean_interval,
    paired_differences,
)


def test_each_drawing_has_as_many_clips_as_there_are() -> None:
    counts = draws(7, 500)
    assert torch.equal(counts.sum(1), torch.full((500,), 7.0, dtype=torch.float64))
    assert counts.mean() == 1
    assert torch.equal(counts, draws(7, 500))
    assert not torch.equal(counts, draws(7, 500, seed=1))


def test_the_interval_of_a_mean_is_scipys() -> None:
    values = torch.randn(30, dtype=torch.float64).exp()
    found = mean_interval(values, 20_000)
    wanted = stats.bootstrap(
        (values.numpy(),), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert found == pytest.approx((wanted.low, wanted.high), rel=0.01)


def test_clips_without_a_value_do_not_count() -> None:
    values = torch.tensor([1.0, torch.nan, 2.0, 4.0], dtype=torch.float64)
    assert mean_interval(values, 1000) == mean_interval(values[[0, 2, 3]], 1000)


@pytest.mark.parametrize(("clips", "resamples"), [(1, 1000), (0, 1000), (5, 0)])
def test_what_tells_nothing_has_no_interval(clips: int, resamples: int) -> None:
    assert mean_interval(torch.ones(clips, dtype=torch.float64), resamples) is None


def test_a_figure_of_sums() -> None:
    """A ratio of sums is that of the clips drawn, not the mean of the clips' ratios."""
    statistics = torch.rand(12, 2, dtype=torch.float64) + 0.1

    def ratio(sums: Tensor) -> Tensor:
        return sums[:, 0] / sums[:, 1]

    drawn = draws(12, 400)
    each = torch.stack([ratio((statistics * row[:, None]).sum(0, keepdim=True))[0] for row in drawn])
    wanted = np.quantile(each.numpy(), [0.025, 0.975])
    assert interval(statistics, ratio, 400) == pytest.approx(tuple(wanted))


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
    apart = paired_differences(figures, ["a", "b"], 2000)["b"]["psnr"]
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
    found = paired_differences(figures, ["a", "b"], 20_000)["b"]["psnr"].interval
    assert found == pytest.approx((wanted.low, wanted.high), abs=0.02)


def test_clips_that_one_has_no_value_of_do_not_count() -> None:
    figures = psnr(a=[1.0, math.nan, 3.0], b=[2.0, 7.0, 5.0], c=[math.nan, 1.0, math.nan])
    apart = paired_differences(figures, ["a", "b", "c"], 100)
    assert apart["b"]["psnr"].value == 1.5
    assert "c" not in apart


def test_a_figure_that_is_no_mean_over_clips_has_no_difference() -> None:
    figures: Figures = {name: {"video_frechet_distance": Figure(1.0)} for name in "ab"}
    assert paired_differences(figures, ["a", "b"], 100) == {}


def test_a_single_model_differs_from_none() -> None:
    assert paired_differences(psnr(a=[20.0, 22.0]), ["a"], 100) == {}
