"""Bootstrap intervals: as scipy's, of scores that are no means, and of paired differences."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from vid2vid.metrics.bootstrap import (
    Figure,
    draws,
    interval,
    mean_figure,
    mean_interval,
    paired_difference,
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


def test_a_small_difference_is_sure_where_the_clips_differ_much_more() -> None:
    clips = torch.linspace(10, 30, 12).tolist()
    a, b = (
        mean_figure(values, 2000)
        for values in (clips, [value + 0.5 + 0.1 * (-1) ** i for i, value in enumerate(clips)])
    )
    assert a is not None
    assert a.interval is not None
    assert b is not None
    assert b.interval is not None
    assert a.interval[1] > b.interval[0]
    apart = paired_difference(b, a, 2000)
    assert apart is not None
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
    found = paired_difference(mean_figure(b.tolist(), 0), mean_figure(a.tolist(), 0), 20_000)
    assert found is not None
    assert found.interval == pytest.approx((wanted.low, wanted.high), abs=0.02)


def test_clips_that_one_has_no_value_of_do_not_count() -> None:
    a, b, c = (mean_figure(values, 0) for values in ([1.0, math.nan, 3.0], [2.0, 7.0, 5.0], [math.nan, 1.0, math.nan]))
    apart = paired_difference(b, a, 100)
    assert apart is not None
    assert apart.value == 1.5
    assert paired_difference(c, a, 100) is None


def test_a_figure_that_is_no_mean_over_clips_has_no_difference() -> None:
    assert paired_difference(Figure(1.0), Figure(2.0), 100) is None


def test_a_figure_that_is_missing_has_no_difference() -> None:
    assert paired_difference(Figure(1.0, clips=(1.0, 1.0)), None, 100) is None
    assert paired_difference(None, Figure(1.0, clips=(1.0, 1.0)), 100) is None
