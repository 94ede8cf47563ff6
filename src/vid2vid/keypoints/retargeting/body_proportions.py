"""Proportions of bodies, and retargeting of poses to the limbs, position and size of another person."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_layout import (
    BODY,
    BODY_LIMBS,
    BODY_NAMES,
    LANDMARKS,
    LEFT_HAND,
    PERSON_POINTS,
    RIGHT_HAND,
)

_SURE = 0.1
"""Confidence that a point must exceed to be measured; the same threshold applies to drawing."""
_STRANGE = 2.0
"""Largest ratio between the scale of a limb and that of the torso, in both directions."""
ROOT = BODY_NAMES.index("mid_hip")
_KNUCKLE = 9
"""Index of the base of the middle finger among the points of a hand."""


@dataclass(frozen=True)
class Link:
    """A part of the body, in the tree of parts that starts at the hips.

    Attributes:
        name: Its name, which the left and right parts share; they count as equally long.
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
            # the tree goes up the trunk, from the hips
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
"""Limbs of the body, then hands and face, from the hips outwards; each starts at the end of an earlier one."""
TRUNK = LINKS[0].name
"""The torso, from the hips to the neck."""


def link_lengths(points: NDArray[np.float32], link: Link, least: float) -> list[float]:
    """Return the lengths of a link, in pixels, in all places where both its ends are seen.

    Args:
        points: ``(..., 137, 3)``.
        link: The link.
        least: The confidence that both ends must exceed.
    """
    ends = points[..., list(link.ends), :]
    seen = (ends[..., 2] > least).all(axis=-1)
    apart = np.diff(ends[seen][..., :2].astype(np.float64), axis=-2)[..., 0, :]
    return [float(length) for length in np.linalg.norm(apart, axis=-1)]


@dataclass(frozen=True)
class BodyProportions:
    """Lengths of a person's limbs, and the person's position in the picture.

    Attributes:
        lengths: Median projected length in pixels of each of `LINKS`, by name, left and right together; links that are
            never seen are left out.
        position: Median position of the middle of the hips, (x, y) in pixels.
    """

    lengths: dict[str, float]
    position: tuple[float, float]

    @property
    def torso(self) -> float:
        """Pixels from the hips to the neck, the unit of all that is not measured itself."""
        return self.lengths[TRUNK]

    @classmethod
    def measure(cls, points: NDArray[np.float32]) -> "BodyProportions":
        """Measure a person in all frames at once.

        Args:
            points: ``(T, P, 137, 3)``; all P people are measured together.

        Raises:
            DataError: The neck and the hips are never seen together.
        """
        found: dict[str, list[float]] = {}
        for link in LINKS:
            found.setdefault(link.name, []).extend(link_lengths(points, link, _SURE))
        medians = {name: float(np.median(each)) for name, each in found.items() if each}
        if not medians.get(TRUNK, 0) > 0:
            raise DataError(
                "no frame shows a person's neck and hips, from which its size is measured; whole bodies are needed."
            )
        hips = points[..., ROOT, :][points[..., ROOT, 2] > _SURE]
        x, y = np.median(hips[:, :2], axis=0)
        return cls(medians, (float(x), float(y)))


def retarget_body(points: NDArray[np.float32], source: BodyProportions, target: BodyProportions) -> NDArray[np.float32]:
    """Give people the target's proportions.

    The hips move to the position of the target's hips, plus the source's movement, scaled by the ratio of the torsos.
    From there outwards, each link keeps its direction, and its length is multiplied by the ratio of the medians, which
    keeps foreshortening. A link whose start is missing begins at the point before it, and is scaled by the ratio of the
    torsos.

    Args:
        points: ``(T, P, 137, 3)``.
        source: Proportions of the people in ``points``.
        target: Proportions that they get.

    Returns:
        The same shape; missing points stay missing.
    """
    size = target.torso / source.torso
    # old and new position of each point of the body, or of the nearest visible point before it
    before = np.zeros((*points.shape[:2], BODY.stop, 2))
    before[:, :, ROOT] = _seen(points, ROOT, np.asarray(source.position, np.float64))
    after = before.copy()
    after[:, :, ROOT] = target.position + (before[:, :, ROOT] - source.position) * size
    result = points.copy()
    result[:, :, ROOT, :2] = after[:, :, ROOT]
    for link in LINKS:
        one, other = source.lengths.get(link.name, 0.0), target.lengths.get(link.name, 0.0)
        factor = size
        if min(one, other) > 0:
            # clipped, since e.g. shoulders look narrow from the side, whatever their real width
            factor = float(np.clip(other / one, size / _STRANGE, size * _STRANGE))
        factors = np.where(points[:, :, link.start, 2:] > 0, factor, size)
        start_before, start_after = before[:, :, link.start], after[:, :, link.start]
        for point in link.moved:
            moved = start_after + (points[:, :, point, :2] - start_before) * factors
            result[:, :, point, :2] = moved
            if point < BODY.stop:
                before[:, :, point] = _seen(points, point, start_before)
                after[:, :, point] = np.where(points[:, :, point, 2:] > 0, moved, start_after)
    return result


def _seen(points: NDArray[np.float32], point: int, otherwise: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(points[:, :, point, 2:] > 0, points[:, :, point, :2], otherwise)
