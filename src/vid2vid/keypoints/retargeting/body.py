"""Poses of one person, given the limbs, the place and the size of another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.parts import BODY
from vid2vid.keypoints.retargeting.limbs import LINKS, ROOT, TRUNK, Link, lengths

_SURE = 0.1
"""Confidence that a point must exceed to be measured, as to be drawn."""
_STRANGE = 2.0
"""How many times longer or shorter than the torso says a limb can be."""


@dataclass(frozen=True)
class BodyProportions:
    """How a person is built, and where it is in the picture.

    Attributes:
        lengths: Median length in pixels, as the camera sees it, of each of `LINKS` by name, left and right together;
            those that are never seen are not in it.
        position: Median place of the middle of the hips, (x, y) in pixels.
    """

    lengths: dict[str, float]
    position: tuple[float, float]

    @property
    def torso(self) -> float:
        """Pixels from the hips to the neck: the measure of all that is not measured itself."""
        return self.lengths[TRUNK]

    @classmethod
    def measure(cls, points: NDArray[np.float32]) -> "BodyProportions":
        """Measure a person in all frames at once.

        Args:
            points: ``(T, P, 137, 3)``; P people count as one.

        Raises:
            DataError: Neck and hips are never seen together.
        """
        found: dict[str, list[float]] = {}
        for link in LINKS:
            found.setdefault(link.name, []).extend(lengths(points, link, _SURE))
        medians = {name: float(np.median(each)) for name, each in found.items() if each}
        if not medians.get(TRUNK, 0) > 0:
            raise DataError(
                "no frame shows a person's neck and hips, by which its size is told; whole bodies are needed."
            )
        hips = points[..., ROOT, :][points[..., ROOT, 2] > _SURE]
        x, y = np.median(hips[:, :2], axis=0)
        return cls(medians, (float(x), float(y)))


def retarget_body(points: NDArray[np.float32], source: BodyProportions, target: BodyProportions) -> NDArray[np.float32]:
    """Give people the target's proportions.

    The hips go where the target's are, and move as the source's do, in sizes of the torso. From there outwards each
    link keeps its direction, and its length is multiplied by the ratio of the medians: foreshortened ones stay so.
    What hangs on a missing point hangs on the one before it, in sizes of the torso.

    Args:
        points: ``(T, P, 137, 3)``.
        source: Proportions of who moves.
        target: Proportions of who should.

    Returns:
        The same shape; missing points stay missing.
    """
    size = target.torso / source.torso
    # of each point of the body, or of the nearest one before it that is seen: where it was, and where it goes
    before = np.zeros((*points.shape[:2], BODY.stop, 2))
    before[:, :, ROOT] = _seen(points, ROOT, np.asarray(source.position, np.float64))
    after = before.copy()
    after[:, :, ROOT] = target.position + (before[:, :, ROOT] - source.position) * size
    result = points.copy()
    result[:, :, ROOT, :2] = after[:, :, ROOT]
    for link in LINKS:
        seen = points[:, :, link.start, 2] > 0
        factors = np.where(seen, _factor(link.name, source, target), size)
        _move(points, result, (before, after), link, factors)
    return result


def _factor(name: str, source: BodyProportions, target: BodyProportions) -> float:
    """Return by what a link is lengthened, which is not far from what the whole person is."""
    size = target.torso / source.torso
    one, other = source.lengths.get(name, 0.0), target.lengths.get(name, 0.0)
    # who is seen from the side has no shoulders, which says nothing of how broad they are
    return size if min(one, other) <= 0 else float(np.clip(other / one, size / _STRANGE, size * _STRANGE))


def _move(
    points: NDArray[np.float32],
    result: NDArray[np.float32],
    places: tuple[NDArray[np.float64], NDArray[np.float64]],
    link: Link,
    factors: NDArray[np.float64],
) -> None:
    before, after = (place[:, :, link.start] for place in places)
    for point in link.moved:
        moved = after + (points[:, :, point, :2] - before) * factors[..., None]
        result[:, :, point, :2] = moved
        if point < BODY.stop:
            places[0][:, :, point] = _seen(points, point, before)
            places[1][:, :, point] = np.where(points[:, :, point, 2:] > 0, moved, after)


def _seen(points: NDArray[np.float32], point: int, otherwise: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(points[:, :, point, 2:] > 0, points[:, :, point, :2], otherwise)
