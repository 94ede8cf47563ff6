"""Every pair once, on both sides equally often, in an order that the seed decides."""

from collections import Counter
from itertools import combinations

import pytest

from vid2vid.tools.user_study.pairing import pair_up

MODELS = ["a", "b", "c"]


@pytest.mark.parametrize("number", [1, 6, 7])
def test_all_pairs_of_models_on_all_scenes(number: int) -> None:
    scenes = [f"scene{i}" for i in range(number)]
    pairs = pair_up(scenes, MODELS, seed=3)
    found = Counter((pair.scene, frozenset((pair.left, pair.right))) for pair in pairs)
    wanted = [(scene, frozenset(rivals)) for scene in scenes for rivals in combinations(MODELS, 2)]
    assert found == Counter(wanted)


@pytest.mark.parametrize("number", [1, 6, 7])
@pytest.mark.parametrize("seed", range(5))
def test_sides_are_balanced_between_any_two_models(number: int, seed: int) -> None:
    sides = Counter((pair.left, pair.right) for pair in pair_up([str(i) for i in range(number)], MODELS, seed))
    for one, other in combinations(MODELS, 2):
        assert abs(sides[one, other] - sides[other, one]) == number % 2


def test_the_seed_decides_order_and_sides() -> None:
    scenes = [str(i) for i in range(8)]
    pairs = pair_up(scenes, MODELS, seed=0)
    assert pairs == pair_up(scenes, MODELS, seed=0)
    other = pair_up(scenes, MODELS, seed=1)
    assert [pair.scene for pair in pairs] != [pair.scene for pair in other]
    assert set(pairs) != set(other)


def test_an_odd_side_out_falls_to_either_model() -> None:
    assert {pair_up(["one"], ["a", "b"], seed)[0].left for seed in range(10)} == {"a", "b"}
