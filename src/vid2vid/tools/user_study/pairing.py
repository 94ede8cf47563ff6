"""Which videos stand against each other, on which side, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class Pair:
    """Two models on one scene.

    Attributes:
        scene: Name of the scene.
        left: The model that is shown on the left.
        right: The model that is shown on the right.
    """

    scene: str
    left: str
    right: str


def pair_up(scenes: Sequence[str], models: Sequence[str], seed: int) -> list[Pair]:
    """Return every pair of models on every scene, in random order.

    Of two models each is on the left as often as the other, or once more if the number of scenes is odd: people prefer
    a side a little, whatever it shows.

    Args:
        scenes: Names of the scenes.
        models: Names of the models.
        seed: Decides sides and order, at least 0.
    """
    generator = np.random.default_rng(seed)
    pairs: list[Pair] = []
    for rivals in combinations(models, 2):
        half = np.arange(len(scenes)) + generator.integers(2)
        for scene, side in zip(scenes, generator.permutation(half % 2), strict=True):
            pairs.append(Pair(scene, rivals[side], rivals[1 - side]))
    return [pairs[i] for i in generator.permutation(len(pairs))]
