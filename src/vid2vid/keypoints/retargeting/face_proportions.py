"""Proportions of faces, and retargeting of faces to the shape, position and size of another person's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError

_RIGID = [0, 16, *range(27, 36), 36, 39, 42, 45]
"""Landmarks that no expression moves: the upper ends of the jaw, the nose, the corners of the eyes."""
_ROUNDS = 4
_LEAST = 2
"""Number of rigid landmarks that determine the size, rotation and position of a face."""


@dataclass(frozen=True, eq=False)
class FaceProportions:
    """The mean face of a person, and its position in the picture.

    Attributes:
        shape: ``(68, 2)``, the mean face in pixels, at median rotation and size; the mean of its rigid landmarks is 0.
        position: Median position of that mean, (x, y) in pixels.
        sway: Standard deviation of that mean's position, (x, y) in pixels.
    """

    shape: NDArray[np.float64]
    position: tuple[float, float]
    sway: tuple[float, float]

    @property
    def width(self) -> float:
        """Pixels from one end of the jaw to the other."""
        return float(np.linalg.norm(self.shape[16] - self.shape[0]))

    @property
    def height(self) -> float:
        """Pixels from the brows to the chin."""
        return float(np.linalg.norm(self.shape[17:27].mean(axis=0) - self.shape[8]))

    @property
    def eyes(self) -> float:
        """Pixels between the middles of the eyes."""
        return float(np.linalg.norm(self.shape[42:48].mean(axis=0) - self.shape[36:42].mean(axis=0)))

    @classmethod
    def measure(cls, points: NDArray[np.float32]) -> "FaceProportions":
        """Measure a face in all frames at once.

        Args:
            points: ``(T, P, 68, 3)``; only complete faces count, of all P people together.

        Raises:
            DataError: No face is complete.
        """
        faces = points[(points[..., 2] > 0).all(axis=-1)][..., :2].astype(np.float64)
        if not len(faces):
            raise DataError("no frame shows a whole face, from which its shape is measured; all 68 points are needed.")
        places = _complex(faces)
        mean = places[0]
        for _ in range(_ROUNDS):
            turn, middle = fit(mean, places, np.ones(places.shape, bool))
            # the mean is rescaled and turned back, so that it neither shrinks nor turns from round to round
            mean = ((places - middle[:, None]) / turn[:, None]).mean(axis=0)
            mean = mean - mean[_RIGID].mean()
            turn, middle = fit(mean, places, np.ones(places.shape, bool))
            mean = mean * np.median(np.abs(turn)) * np.exp(1j * np.median(np.angle(turn)))
        position = float(np.median(middle.real)), float(np.median(middle.imag))
        return cls(_pairs(mean), position, (float(middle.real.std()), float(middle.imag.std())))


def retarget_face(points: NDArray[np.float32], source: FaceProportions, target: FaceProportions) -> NDArray[np.float32]:
    """Give faces the target's shape, size and position.

    Each face is modelled as its person's mean face plus an expression, rotated, scaled and moved. The expression, the
    rotation, and the scale relative to the median scale are kept; the rest becomes the target's. Movements are kept,
    too, in sizes of the face, but are reduced to the standard deviation of the target's if they exceed it, since the
    model has seen no larger ones.

    Args:
        points: ``(T, P, 68, 3)``.
        source: Proportions of the faces in ``points``.
        target: Proportions that they get.

    Returns:
        The same shape; missing points stay missing, and faces with too few rigid landmarks are only moved and scaled.
    """
    faces = points.reshape(-1, *points.shape[2:])
    places, seen = _complex(faces[..., :2].astype(np.float64)), faces[..., 2] > 0
    mean = _complex(source.shape)
    turn, middle = fit(mean, places, seen)
    expression = (places - middle[:, None]) / turn[:, None] - mean
    across, down = target.width / source.width, target.height / source.height
    wanted = _complex(target.shape) + expression.real * across + 1j * expression.imag * down
    size = target.eyes / source.eyes
    sways = zip(source.sway, target.sway, strict=True)
    reach = [min(size, other / one) if one > 0 else size for one, other in sways]
    at = target.position + (_pairs(middle) - source.position) * reach
    result = points.copy()
    result[..., :2] = (_pairs(wanted * turn[:, None]) + at[:, None]).reshape(*points.shape[:3], 2)
    return result


def fit(
    mean: NDArray[np.complex128], places: NDArray[np.complex128], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return the similarity transforms that best fit a mean face to faces, by their rigid landmarks.

    Args:
        mean: ``(68,)`` x + iy.
        places: ``(N, 68)`` x + iy.
        seen: ``(N, 68)``, the landmarks that count.

    Returns:
        Factor and middle, each ``(N,)``: ``face = factor · mean + middle``. The factor is 1 if too few are seen.
    """
    rigid = np.zeros(mean.shape, bool)
    rigid[_RIGID] = True
    weight = (seen & rigid).astype(np.float64)
    enough = weight.sum(axis=1) >= _LEAST
    weight[~enough] = np.where(seen[~enough], 1.0, 0.0)
    total = np.maximum(weight.sum(axis=1), 1)
    middle, own = (weight * places).sum(axis=1) / total, (weight * mean).sum(axis=1) / total
    there, here = places - middle[:, None], mean - own[:, None]
    spread = (weight * np.abs(here) ** 2).sum(axis=1)
    factor = (weight * there * here.conj()).sum(axis=1) / np.where(spread > 0, spread, 1)
    factor = np.where(enough & (np.abs(factor) > 0), factor, 1)
    return factor, middle - factor * own


def _complex(pairs: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(pairs[..., 0] + 1j * pairs[..., 1])


def _pairs(places: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.stack([places.real, places.imag], axis=-1)
