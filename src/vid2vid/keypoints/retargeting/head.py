"""Faces of one person, given the shape, the place and the size of another's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import DataError

_RIGID = [0, 16, *range(27, 36), 36, 39, 42, 45]
"""Landmarks that no expression moves: the jaw's upper ends, the nose, the corners of the eyes."""
_ROUNDS = 4
_LEAST = 2
"""Rigid landmarks by which size, turn and place of a face can be told."""


@dataclass(frozen=True, eq=False)
class FaceProportions:
    """The face of a person, and where it is in the picture.

    Attributes:
        shape: ``(68, 2)``, the mean face in pixels: upright as it mostly is, of its median size, its rigid landmarks
            having their middle in 0.
        position: Median place of that middle, (x, y) in pixels.
        sway: Standard deviation of that place, (x, y) in pixels.
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
            points: ``(T, P, 68, 3)``; only faces that are wholly seen count, those of P people as one.

        Raises:
            DataError: No face is wholly seen.
        """
        faces = points[(points[..., 2] > 0).all(axis=-1)][..., :2].astype(np.float64)
        if not len(faces):
            raise DataError("no frame shows a whole face, by which its shape is told.")
        places = _complex(faces)
        mean = places[0]
        for _ in range(_ROUNDS):
            turn, middle = fit(mean, places, np.ones(places.shape, bool))
            # the mean may neither shrink nor turn from round to round
            mean = _centred(((places - middle[:, None]) / turn[:, None]).mean(axis=0))
            turn, middle = fit(mean, places, np.ones(places.shape, bool))
            mean = mean * np.median(np.abs(turn)) * np.exp(1j * np.median(np.angle(turn)))
        position = float(np.median(middle.real)), float(np.median(middle.imag))
        return cls(_pairs(mean), position, (float(middle.real.std()), float(middle.imag.std())))


def retarget_face(points: NDArray[np.float32], source: FaceProportions, target: FaceProportions) -> NDArray[np.float32]:
    """Give faces the target's shape, size and place.

    Each face is its person's mean face, with an expression, turned, scaled and moved. The expression, the turn, and
    scale relative to the median one are kept; the rest becomes the target's. Movements are kept, too, in sizes of the
    face, but go no farther than the target is used to: beyond, the model knows nothing.

    Args:
        points: ``(T, P, 68, 3)``.
        source: Proportions of who moves.
        target: Proportions of who should.

    Returns:
        The same shape; missing points stay missing, and faces with too few rigid points are only moved and scaled.
    """
    faces = points.reshape(-1, *points.shape[2:])
    places, seen = _complex(faces[..., :2].astype(np.float64)), faces[..., 2] > 0
    mean = _complex(source.shape)
    turn, middle = fit(mean, places, seen)
    expression = (places - middle[:, None]) / turn[:, None] - mean
    across, down = target.width / source.width, target.height / source.height
    wanted = _complex(target.shape) + expression.real * across + 1j * expression.imag * down
    reach = [_reach(*sways, target.eyes / source.eyes) for sways in zip(source.sway, target.sway, strict=True)]
    at = target.position + (_pairs(middle) - source.position) * reach
    result = points.copy()
    result[..., :2] = (_pairs(wanted * turn[:, None]) + at[:, None]).reshape(*points.shape[:3], 2)
    return result


def fit(
    mean: NDArray[np.complex128], places: NDArray[np.complex128], seen: NDArray[np.bool_]
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return by what a mean face is scaled and turned, and whereto moved, to lie on faces best by its rigid points.

    Args:
        mean: ``(68,)`` x + iy.
        places: ``(N, 68)`` x + iy.
        seen: ``(N, 68)``, which of them count.

    Returns:
        Factor and middle, ``(N,)``: ``face = factor · mean + middle``. Where too few are seen the factor is 1.
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


def _reach(source: float, target: float, size: float) -> float:
    """Return by what movements in one direction are multiplied."""
    return min(size, target / source) if source > 0 else size


def _centred(mean: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.asarray(mean - mean[_RIGID].mean())


def _complex(pairs: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(pairs[..., 0] + 1j * pairs[..., 1])


def _pairs(places: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.stack([places.real, places.imag], axis=-1)
