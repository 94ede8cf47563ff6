"""Where bodies are on their routes: straight on, along an arc, straight on, at one speed."""

import numpy as np

from vid2vid.street.geometry import Doubles, Rows


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
