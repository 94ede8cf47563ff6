"""Routes of bodies that turn: straight on, along an arc, straight on, at one speed."""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Rows = NDArray[np.void]

ROUTE = np.dtype([(name, "f8") for name in ("x", "y", "heading", "curvature", "length", "speed", "start")])


@dataclass(frozen=True)
class Route:
    """A way over the ground; the surfaces of a body on one are given as seen from the body, which looks along x.

    Attributes:
        x: Where its arc begins, metres.
        y: Where its arc begins, metres.
        heading: Direction before the arc, radians from the street's direction to the left.
        curvature: Of the arc, one over metres; positive: to the left.
        length: Of the arc, metres.
        speed: Metres a frame; 0: the body stands, or moves along x, and only its heading is told.
        start: Metres on the way from where the body is at frame 0 to where the arc begins.
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


def pose_on(routes: Rows, t: float | Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Return where bodies are at frame ``t``, or each at its own: x, y in metres, the heading in radians, ``(n,)``."""
    driven = routes["speed"] * t - routes["start"]
    turned = np.clip(driven, 0, routes["length"])
    angle = routes["curvature"] * turned
    # the chord of the arc, then what is driven straight on before or after it
    chord, along, heading = turned * np.sinc(angle / (2 * np.pi)), driven - turned, routes["heading"]
    x = routes["x"] + chord * np.cos(heading + angle / 2) + along * np.cos(heading + angle)
    y = routes["y"] + chord * np.sin(heading + angle / 2) + along * np.sin(heading + angle)
    return x, y, heading + angle


def turns(heading: Doubles) -> Doubles:
    """Return the rotations ``(n, 3, 3)`` from bodies with these headings ``(n,)`` to the world."""
    cosine, sine, zero, one = np.cos(heading), np.sin(heading), np.zeros_like(heading), np.ones_like(heading)
    return np.stack([cosine, -sine, zero, sine, cosine, zero, zero, zero, one], axis=-1).reshape(-1, 3, 3)


def to_street(routes: Rows, points: Doubles, t: float) -> Doubles:
    """Return points ``(n, k, 3)`` of bodies in world coordinates at frame ``t``."""
    x, y, heading = pose_on(routes, t)
    moved: Doubles = points @ turns(heading).mT + np.stack([x, y, np.zeros_like(x)], axis=-1)[:, None]
    return moved


def to_body(routes: Rows, points: Doubles, t: float) -> Doubles:
    """Return points ``(n, k, 3)`` in world coordinates at frame ``t`` as seen from their bodies."""
    x, y, heading = pose_on(routes, t)
    seen: Doubles = (points - np.stack([x, y, np.zeros_like(x)], axis=-1)[:, None]) @ turns(heading)
    return seen
