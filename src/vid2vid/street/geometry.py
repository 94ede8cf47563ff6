"""The geometry of a street: flat quads and ellipsoids with their paint, in structured arrays.

Convention:
    World coordinates are in metres: x along the street, y to the left, z up. All surfaces are given as of frame 0. A
    body with a velocity moves along x, and an ellipsoid with a swing rotates about an axis parallel to y (arms and
    legs). A body that turns has a route (`Route`) instead of a velocity, and is given in its own coordinates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.street.street_classes import INSTANCE_BASE, SKY

Floats = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Rows = NDArray[np.void]
Colour = Sequence[float] | Floats | Doubles
Point = Sequence[float] | Doubles

PARAMS = 8
NO_SWING = (0.0, 0.0, 0.0, 0.0)

ROUTE = np.dtype([(name, "f8") for name in ("x", "y", "heading", "curvature", "length", "speed", "start")])


@dataclass(frozen=True)
class Route:
    """A path over the ground. The surfaces of a body on it are given in the body's coordinates, in which it faces x.

    Attributes:
        x: Start of its arc, metres.
        y: Start of its arc, metres.
        heading: Direction before the arc, in radians from the street's direction to the left.
        curvature: Curvature of the arc, 1/metres; positive: to the left.
        length: Length of the arc, metres.
        speed: Metres per frame; 0: the body stands or moves along x, and only its heading is used.
        start: Distance along the path from the body at frame 0 to the start of the arc, metres.
    """

    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0
    curvature: float = 0.0
    length: float = 0.0
    speed: float = 0.0
    start: float = 0.0

    @property
    def row(self) -> tuple[float, ...]:
        """The route as a row of dtype `ROUTE`."""
        return astuple(self)


NO_ROUTE = Route()
PAINT = np.dtype(
    [
        ("material", "i8"),
        ("label", "u1"),
        ("instance", "i4"),
        ("velocity", "f8"),
        ("route", ROUTE),
        ("colour", "f4", 3),
        ("trim", "f4", 3),
        ("params", "f4", PARAMS),
    ]
)
QUAD = np.dtype([("corners", "f8", (4, 3)), ("paint", PAINT)])
ELLIPSOID = np.dtype([("centre", "f8", 3), ("radii", "f8", 3), ("swing", "f8", 4), ("paint", PAINT)])


class Material(IntEnum):
    """The shader of a surface; each shader documents its use of the paint's ``trim`` and ``params``."""

    SKY = 0
    PLAIN = 1
    ASPHALT = 2
    PAVING = 3
    GRASS = 4
    FACADE = 5
    ROUGH = 6
    FOLIAGE = 7
    CAR_SIDE = 8
    CAR_END = 9
    CAR_CABIN = 10
    WHEEL = 11


@dataclass(frozen=True)
class Paint:
    """Colour, class and object id of a surface.

    Attributes:
        label: Class id of the label map.
        colour: RGB 0..1.
        material: The shader.
        instance: Id in the instance map; None: the label itself.
        trim: Second colour, RGB 0..1.
        params: Up to eight numbers for the shader.
    """

    label: int
    colour: Colour
    material: Material = Material.PLAIN
    instance: int | None = None
    trim: Colour = (0.0, 0.0, 0.0)
    params: tuple[float, ...] = ()

    def row(self, velocity: float, route: Route = NO_ROUTE) -> tuple[Any, ...]:
        """Return the paint as a row of dtype `PAINT`; ``velocity`` is in metres per frame."""
        instance = self.label if self.instance is None else self.instance
        params = tuple(self.params) + (0.0,) * (PARAMS - len(self.params))
        return self.material, self.label, instance, velocity, route.row, tuple(self.colour), tuple(self.trim), params


SKY_PAINT = np.array([Paint(SKY, (0.0, 0.0, 0.0), Material.SKY).row(0.0)], dtype=PAINT)


@dataclass(frozen=True)
class Geometry:
    """Surfaces of one or more bodies.

    Attributes:
        quads: ``(Q,)`` rows of dtype `QUAD`; they are convex, with corners counter-clockwise as seen from outside.
        ellipsoids: ``(E,)`` rows of dtype `ELLIPSOID`, with the radii along the axes of the body.
        shadows: ``(S,)`` rows of dtype `QUAD`, which darken the ground; params: length, width, softness in metres,
            strength 0..1.
    """

    quads: Rows
    ellipsoids: Rows
    shadows: Rows

    @classmethod
    def join(cls, geometries: Iterable["Geometry"]) -> "Geometry":
        """Return all the surfaces of several geometries."""
        parts = [EMPTY, *geometries]
        return cls(
            _join([part.quads for part in parts]),
            _join([part.ellipsoids for part in parts]),
            _join([part.shadows for part in parts]),
        )

    def cleared(self, start: float, end: float) -> "Geometry":
        """Return the surfaces outside of an interval of x along the street; objects that reach into it are removed."""
        quads, shadows = (rows["corners"][..., 0] for rows in (self.quads, self.shadows))
        middle, reach = self.ellipsoids["centre"][:, 0], self.ellipsoids["radii"].max(axis=1, initial=0)
        there = (quads.max(1) > start) & (quads.min(1) < end), (middle + reach > start) & (middle - reach < end)
        ids = [rows["paint"]["instance"] for rows in (self.quads, self.ellipsoids)]
        gone = np.concatenate([each[here] for each, here in zip(ids, there, strict=True)])
        gone = gone[gone >= INSTANCE_BASE]
        kept = [~here & ~np.isin(each, gone) for each, here in zip(ids, there, strict=True)]
        light = (shadows.max(1) <= start) | (shadows.min(1) >= end)
        return Geometry(self.quads[kept[0]], self.ellipsoids[kept[1]], self.shadows[light])


def _join(rows: list[Rows]) -> Rows:
    # as plain bytes, since numpy would compare the nested dtypes for each part, which takes longer than copying
    kind = rows[0].dtype
    joined: Rows = np.concatenate([part.view(f"V{kind.itemsize}") for part in rows]).view(kind)
    return joined


EMPTY = Geometry(np.empty(0, QUAD), np.empty(0, ELLIPSOID), np.empty(0, QUAD))


@dataclass
class GeometryBuilder:
    """Collects the surfaces of a body.

    Attributes:
        velocity: Speed of the body along x, metres per frame.
        route: The path of a body that turns, or the heading of a body that does not.
    """

    velocity: float = 0.0
    route: Route = NO_ROUTE
    _quads: list[tuple[Any, ...]] = field(default_factory=list)
    _ellipsoids: list[tuple[Any, ...]] = field(default_factory=list)
    _shadows: list[tuple[Any, ...]] = field(default_factory=list)

    def quad(self, corners: Sequence[Point], paint: Paint) -> None:
        """Add a flat convex quad; texture u runs along corner 0 → 1, v towards corner 3, both in metres."""
        self._quads.append((tuple(tuple(corner) for corner in corners), paint.row(self.velocity, self.route)))

    def ellipsoid(
        self, centre: Point, radii: Point, paint: Paint, swing: tuple[float, float, float, float] = NO_SWING
    ) -> None:
        """Add an ellipsoid.

        Args:
            centre: Its centre, metres.
            radii: Half axes, metres.
            paint: Its paint.
            swing: Height of the joint above the centre in metres, amplitude in radians, angular speed in radians per
                frame, and phase: it rotates by ``amplitude * sin(speed * t + phase)`` about the joint.
        """
        self._ellipsoids.append((tuple(centre), tuple(radii), swing, paint.row(self.velocity, self.route)))

    def hexahedron(self, bottom: Sequence[Point], top: Sequence[Point], paints: dict[str, Paint]) -> None:
        """Add the painted faces of a block with 8 corners.

        Args:
            bottom: Corners at (x0, y0), (x1, y0), (x1, y1), (x0, y1) with x0 < x1 and y0 < y1.
            top: The corners above them.
            paints: Paint of each face to add: ``right`` (y0), ``front`` (x1), ``left`` (y1), ``back`` (x0), ``top``.
        """
        b, t = bottom, top
        faces = {
            "right": (b[0], b[1], t[1], t[0]),
            "front": (b[1], b[2], t[2], t[1]),
            "left": (b[2], b[3], t[3], t[2]),
            "back": (b[3], b[0], t[0], t[3]),
            "top": tuple(t),
        }
        for name, paint in paints.items():
            self.quad(faces[name], paint)

    def box(
        self, low: Point, high: Point, paint: Paint, faces: Sequence[str] = ("right", "front", "left", "back", "top")
    ) -> None:
        """Add faces of an upright box between two opposite corners."""
        self.hexahedron(rectangle(low, high, low[2]), rectangle(low, high, high[2]), dict.fromkeys(faces, paint))

    def shadow(self, low: Point, high: Point, height: float, softness: float, strength: float) -> None:
        """Add a soft dark rectangle on the ground, between two opposite corners (x, y) at ``height``."""
        paint = Paint(SKY, (0, 0, 0), params=(high[0] - low[0], high[1] - low[1], softness, strength))
        self._shadows.append((tuple(rectangle(low, high, height)), paint.row(self.velocity, self.route)))

    def finish(self) -> Geometry:
        """Return the added surfaces."""
        return Geometry(
            np.array(self._quads, dtype=QUAD),
            np.array(self._ellipsoids, dtype=ELLIPSOID),
            np.array(self._shadows, dtype=QUAD),
        )


def rectangle(low: Point, high: Point, height: float) -> list[tuple[float, float, float]]:
    """Return the corners of a horizontal rectangle, counter-clockwise from above, starting at ``low``."""
    (x0, y0), (x1, y1) = low[:2], high[:2]
    return [(x0, y0, height), (x1, y0, height), (x1, y1, height), (x0, y1, height)]
