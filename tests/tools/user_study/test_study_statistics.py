"""Votes that are needed against scipy's binomial distribution, and alpha against published and closed forms."""

import numpy as np
import pytest
from scipy.stats import binom

from vid2vid.tools.user_study.study_statistics import exact_power, krippendorff_alpha, votes_needed


def by_scipy(votes: int, preference: float, level: float = 0.05) -> float:
    critical = max((c for c in range(votes) if 2 * binom.cdf(c, votes, 0.5) <= level), default=-1)
    return float(binom.cdf(critical, votes, preference) + binom.sf(votes - critical - 1, votes, preference))


@pytest.mark.parametrize(("votes", "preference"), [(1, 0.6), (5, 0.9), (6, 0.9), (40, 0.7), (199, 0.6)])
def test_the_power_is_that_of_scipys_binomial_distribution(votes: int, preference: float) -> None:
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, votes + 1)))])
    found = exact_power(votes, preference, 0.05, factorials)
    assert found == pytest.approx(by_scipy(votes, preference), abs=1e-9)


@pytest.mark.parametrize(("preference", "power"), [(0.6, 0.8), (0.75, 0.9)])
def test_from_the_votes_that_are_needed_on_the_power_is_high_enough(preference: float, power: float) -> None:
    needed = votes_needed(preference, power)
    assert by_scipy(needed - 1, preference) < power
    assert all(by_scipy(votes, preference) >= power for votes in range(needed, needed + 30))


def test_the_number_for_a_preference_of_60_percent_is_near_that_of_the_normal_approximation() -> None:
    # 194, and more for the steps of the exact test
    assert votes_needed() == 210
    with pytest.raises(ValueError, match=r"preference=0\.5"):
        votes_needed(0.5)


def test_alpha_is_that_of_a_published_example() -> None:
    # three coders, some values missing; nominal alpha 0.691
    coders = ["*****34121133*3", "1*21334 3*******".replace(" ", ""), "**21344*2113 3*4".replace(" ", "")]
    units = [[value for value in column if value != "*"] for column in zip(*coders, strict=True)]
    assert krippendorff_alpha(units) == pytest.approx(0.691, abs=5e-4)


def test_alpha_of_two_raters_is_known() -> None:
    assert krippendorff_alpha(["aa", "bb", "aa"]) == 1
    # one of two units split: D_o = 1/2, D_e = 2 · 3 · 1 / (4 · 3)
    assert krippendorff_alpha(["aa", "ab"]) == pytest.approx(0)
    # always split: D_o = 1, D_e = 2 · n² / (2 n (2 n - 1))
    assert krippendorff_alpha(["ab"] * 5) == pytest.approx(1 - 9 / 5)


def test_where_nothing_can_be_said_there_is_none() -> None:
    for units in ([], ["a", "b"], ["aa", "aaa"]):
        assert krippendorff_alpha(units) is None
