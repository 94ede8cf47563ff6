"""Intervals from clips drawn anew: as scipy's, and of figures that are no means."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from vid2vid.evaluation.bootstrap import draws, interval, mean_interval


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
