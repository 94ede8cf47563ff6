"""The outline of a person of whom only a skeleton is known."""

import numpy as np
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_layout import BODY, BODY_NAMES
from vid2vid.keypoints.outline import person_outline

SIZE, TORSO = (128, 128), 38.0


def test_an_outline_covers_the_skeleton_and_not_much_more(person: NDArray[np.float32]) -> None:
    mask = person_outline(person[None], SIZE, TORSO)
    assert mask.shape == SIZE
    assert mask.dtype == np.uint8
    columns, rows = person[BODY, :2].round().astype(int).T
    assert (mask[rows, columns] > 100).mean() > 0.9
    assert 0.1 < (mask > 127).mean() < 0.4
    # soft at its edges, and nothing far away
    assert ((mask > 0) & (mask < 255)).any()
    assert not mask[:, :8].any()


def test_it_is_as_thick_as_the_torso_is_long(person: NDArray[np.float32]) -> None:
    thin, thick = ((person_outline(person[None], SIZE, TORSO * f) > 127).sum() for f in (0.5, 1.5))
    assert thick > 1.5 * thin


def test_what_is_missing_has_no_outline(person: NDArray[np.float32]) -> None:
    whole = person_outline(person[None], SIZE, TORSO)
    assert not person_outline(np.zeros_like(person)[None], SIZE, TORSO).any()
    person[[BODY_NAMES.index(f"left_{end}") for end in ("elbow", "wrist")]] = 0
    person[25:46] = 0
    less = person_outline(person[None], SIZE, TORSO)
    assert (less <= whole).all()
    assert 0 < (less > 127).sum() < (whole > 127).sum()
