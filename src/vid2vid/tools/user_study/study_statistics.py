"""How many votes a study needs, and how far its viewers agree."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import permutations
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

PREFERENCE, POWER, LEVEL = 0.6, 0.8, 0.05
"""The preference that a study should be able to find, the chance that it does, and that of finding one by accident."""


def votes_needed(preference: float = PREFERENCE, power: float = POWER, level: float = LEVEL) -> int:
    """Return how many independent votes on two models are enough to find that one is preferred.

    By the two-sided exact binomial test. Its power does not always rise with the number of votes: from this number on
    it is never below ``power``.

    Args:
        preference: The rate at which one model is truly preferred, in [0.52, 1).
        power: The chance that the test finds it, in (0, 1).
        level: The chance that it finds a preference where there is none, in (0, 1).

    Raises:
        ValueError: The preference is out of range.
    """
    if not 0.52 <= preference < 1:
        raise ValueError(f"preference={preference}: must be at least 0.52 and below 1")
    normal = NormalDist()
    spread = math.sqrt(preference * (1 - preference))
    about = (normal.inv_cdf(1 - level / 2) * 0.5 + max(normal.inv_cdf(power), 0) * spread) / (preference - 0.5)
    # beyond twice the number of the normal approximation the power is higher by far
    most = int(2 * about**2) + 50
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])
    return max((n for n in range(1, most) if exact_power(n, preference, level, factorials) < power), default=0) + 1


def exact_power(votes: int, preference: float, level: float, factorials: NDArray[np.float64]) -> float:
    """Return the chance that the exact binomial test rejects that neither model is preferred.

    Args:
        votes: Number of votes n.
        preference: The true rate.
        level: See `votes_needed`.
        factorials: ``log(k!)`` for k from 0 to at least n.
    """
    won = np.arange(votes + 1)
    ways = factorials[votes] - factorials[won] - factorials[votes - won]
    by_chance = np.exp(ways + votes * math.log(0.5)).cumsum()
    rejected = int((2 * by_chance <= level * (1 + 1e-12)).sum())  # this many of the lowest and of the highest counts
    truly = np.exp(ways + won * math.log(preference) + (votes - won) * math.log(1 - preference))
    return float(truly[:rejected].sum() + truly[votes + 1 - rejected :].sum())


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Return Krippendorff's alpha of nominal ratings (Krippendorff, 2011).

    1: all raters agree on each unit; 0: they agree as often as by chance; below: less often. Not every rater needs to
    have rated every unit.

    Args:
        units: For each unit the ratings that it got; those with fewer than two do not count.

    Returns:
        Alpha; None where no unit has two ratings, or all ratings are the same.
    """
    disagreeing = 0.0
    totals: Counter[Hashable] = Counter()
    for ratings in units:
        if len(ratings) < 2:
            continue
        totals.update(ratings)
        disagreeing += sum(one != other for one, other in permutations(ratings, 2)) / (len(ratings) - 1)
    number = sum(totals.values())
    apart = sum(totals[one] * totals[other] for one, other in permutations(totals, 2))
    if not apart:
        return None
    return 1 - (number - 1) * disagreeing / apart
