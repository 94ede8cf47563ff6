"""Everything that one camera sees at one frame, under one numbering."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vid2vid.street.camera import Camera
from vid2vid.street.model import SKY_PAINT, Floats, Ints, Model, Rows
from vid2vid.street.views import REACH, EllipsoidView, QuadView, view_ellipsoids, view_quads


@dataclass(frozen=True)
class Scene:
    """The surfaces of a frame: number 0 is the sky, then come the quads, then the ellipsoids.

    Attributes:
        camera: The camera at this frame.
        size: (H, W) in pixels.
        time: The frame.
        quads: The quads as seen.
        ellipsoids: The ellipsoids as seen.
        shadows: The shadows on the ground as seen; they have no number.
        paint: ``(N,)`` rows of dtype `PAINT`.
        shadow_params: ``(8, S)`` parameters of the shadows.
        rest: ``(E,)`` rows of dtype `ELLIPSOID` of the ellipsoids, for the flow.
    """

    camera: Camera
    size: tuple[int, int]
    time: float
    quads: QuadView
    ellipsoids: EllipsoidView
    shadows: QuadView
    paint: Rows
    shadow_params: Floats
    rest: Rows

    @classmethod
    def seen(cls, model: Model, camera: Camera, time: float, size: tuple[int, int]) -> "Scene":
        """Return what ``camera`` sees of ``model`` at frame ``time``."""
        quads = view_quads(model.quads, camera, time, size)
        ellipsoids = view_ellipsoids(model.ellipsoids, camera, time, size)
        shadows = view_quads(model.shadows, camera, time, size)
        rest = model.ellipsoids[ellipsoids.kept]
        paint = np.concatenate([SKY_PAINT, model.quads["paint"][quads.kept], rest["paint"]])
        shadow_params = model.shadows["paint"]["params"][shadows.kept].T.copy()
        return cls(camera, size, time, quads, ellipsoids, shadows, paint, shadow_params, rest)

    @cached_property
    def first_ellipsoid(self) -> int:
        """Number of the first ellipsoid."""
        return 1 + len(self.quads.kept)

    @cached_property
    def material(self) -> Ints:
        """Material of each surface, ``(N,)``."""
        return self.paint["material"].copy()

    @cached_property
    def colour(self) -> Floats:
        """First colour of each surface, ``(N, 3)``."""
        return self.paint["colour"].copy()

    @cached_property
    def trim(self) -> Floats:
        """Second colour of each surface, ``(N, 3)``."""
        return self.paint["trim"].copy()

    @cached_property
    def params(self) -> Floats:
        """Parameters of each surface, ``(8, N)``."""
        return self.paint["params"].T.copy()

    @cached_property
    def _linear(self) -> tuple[Floats, Floats, Floats]:
        sky = np.zeros((1, 3), dtype=np.float32)
        x, y, one = np.concatenate([sky, self.quads.depth, self.ellipsoids.depth]).T.copy()
        return x, y, one

    @cached_property
    def slack(self) -> Floats:
        """How much 1 / z of each surface may differ within half a pixel, ``(N,)``."""
        x, y, _ = self._linear
        slack = (np.abs(x) + np.abs(y)) * REACH
        # an ellipsoid is infinitely steep at its outline: take all of its thickness
        form, centre = self.ellipsoids.form, self.ellipsoids.centre
        slack[self.first_ellipsoid :] += np.sqrt(np.maximum(_quadratic(form, centre[:, 0], centre[:, 1]), 0))
        return slack

    def inverse_depth(self, surface: Ints, x: Floats | Ints, y: Floats | Ints) -> Floats:
        """Return 1 / z of surfaces at pixel coordinates, float32 and never negative; the sky has 0.

        Args:
            surface: ``(n,)`` numbers.
            x: ``(n,)`` or ``(n, S)``.
            y: ``(n,)`` or ``(n, S)``.
        """
        axis = (...,) if np.ndim(x) == 1 else (..., None)
        along, down, one = (part[surface][axis] for part in self._linear)
        inverse = along * np.asarray(x, np.float32)
        inverse += down * np.asarray(y, np.float32)
        inverse += one
        bulging = np.flatnonzero(surface >= self.first_ellipsoid)
        if bulging.size:
            form = self.ellipsoids.form[surface[bulging] - self.first_ellipsoid]
            form = form if np.ndim(x) == 1 else form[:, None]
            inverse[bulging] += np.sqrt(np.maximum(_quadratic(form, x[bulging], y[bulging]), 0))
        return np.maximum(inverse, 0, out=inverse)


def _quadratic(form: Floats, x: Floats | Ints, y: Floats | Ints) -> Floats:
    xx, yy, one, xy, x1, y1 = np.moveaxis(form, -1, 0)
    x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
    result: Floats = (xx * x + xy * y + x1) * x + (yy * y + y1) * y + one
    return result
