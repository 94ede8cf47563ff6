"""The body as a tree: what hangs on what, and how large it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.keypoints.parts import BODY_LIMBS, BODY_NAMES, LANDMARKS, LEFT_HAND, PERSON_POINTS, RIGHT_HAND

ROOT = BODY_NAMES.index("mid_hip")
_KNUCKLE = 9
"""Where the middle finger begins, among the points of a hand."""


@dataclass(frozen=True)
class Link:
    """A piece of a body whose length is kept.

    Attributes:
        name: What it is called; left and right ones, which are equally long, have one name.
        start: The point at its inner end.
        moved: The points that move with it.
        ends: The two points whose distance is its length.
    """

    name: str
    start: int
    moved: tuple[int, ...]
    ends: tuple[int, int]


def _links() -> tuple[Link, ...]:
    links = []
    for first, second in BODY_LIMBS:
        start, end = BODY_NAMES.index(first), BODY_NAMES.index(second)
        if end == ROOT:
            # the trunk is walked upwards, from the hips
            start, end = end, start
        links.append(Link(second.removeprefix("left_").removeprefix("right_"), start, (end,), (start, end)))
    for side, part in ("left", LEFT_HAND), ("right", RIGHT_HAND):
        wrist = BODY_NAMES.index(f"{side}_wrist")
        points = tuple(range(part.start, part.stop))
        links.append(Link("hand", wrist, points, (part.start, part.start + _KNUCKLE)))
    jaw = (LANDMARKS.start, LANDMARKS.start + 16)
    links.append(Link("face", BODY_NAMES.index("nose"), tuple(range(LANDMARKS.start, PERSON_POINTS)), jaw))
    return tuple(links)


LINKS = _links()
"""Limbs of the body, then hands and face, from the hips outwards: each starts where an earlier one ends."""
TRUNK = LINKS[0].name
"""The torso, from the hips to the neck."""


def lengths(points: NDArray[np.float32], link: Link, least: float) -> list[float]:
    """Return the lengths of a link, in pixels, wherever both its ends are seen.

    Args:
        points: ``(..., 137, 3)``.
        link: Which one.
        least: The confidence that both ends must have.
    """
    ends = points[..., list(link.ends), :]
    seen = (ends[..., 2] > least).all(axis=-1)
    apart = np.diff(ends[seen][..., :2].astype(np.float64), axis=-2)[..., 0, :]
    return [float(length) for length in np.linalg.norm(apart, axis=-1)]
