"""Randomness that does not depend on what was drawn before, so that a training can go on from any batch."""

import numpy as np


def step_seed(seed: int, epoch: int, batch: int, rank: int) -> int:
    """Return the seed of one batch: a pure function of where in the training it stands.

    Args:
        seed: Seed of the training, from 0 on.
        epoch: The epoch, counted from 0.
        batch: The batch in its epoch, counted from 0.
        rank: Index of the process, each of which draws its own numbers.
    """
    return int(np.random.SeedSequence((seed, epoch, batch, rank)).generate_state(1, np.uint64)[0])
