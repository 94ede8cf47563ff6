"""Positions of bodies on their routes, which are straight, then an arc, then straight again, at constant speed."""

import numpy as np

from vid2vid.street.geometry import Doubles, Rows


def pose_on(routes: Rows, t: float | Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Return x, y in metres and heading in radians of bodies, each ``(n,)``, at frame ``t``, or each at its own."""
    driven = routes["speed"] * t - routes["start"]
    turned = np.clip(driven, 0, routes["length"])
    angle = routes["curvature"] * turned
    # the chord of the arc, then the straight way before or after it
    chord, along, heading = turned * np.sinc(angle / (2 * np.pi)), driven - turned, routes["heading"]
    x = routes["x"] + chord * np.cos(heading + angle / 2) + along * np.cos(heading + angle)
    y = routes["y"] + chord * np.sin(heading + angle / 2) + along * np.sin(heading + angle)
    return x, y, heading + angle


def turns(heading: Doubles) -> Doubles:
    """Return the rotations ``(n, 3, 3)`` from body to world coordinates for headings ``(n,)``."""
    cosine, sine, zero, one = np.cos(heading), np.sin(heading), np.zeros_like(heading), np.ones_like(heading)
    return np.stack([cosine, -sine, zero, sine, cosine, zero, zero, zero, one], axis=-1).reshape(-1, 3, 3)


def to_street(routes: Rows, points: Doubles, t: float) -> Doubles:
    """Convert points ``(n, k, 3)`` of bodies from body to world coordinates at frame ``t``."""
    x, y, heading = pose_on(routes, t)
    moved: Doubles = points @ turns(heading).mT + np.stack([x, y, np.zeros_like(x)], axis=-1)[:, None]
    return moved


def to_body(routes: Rows, points: Doubles, t: float) -> Doubles:
    """Convert points ``(n, k, 3)`` of bodies from world to body coordinates at frame ``t``."""
    x, y, heading = pose_on(routes, t)
    seen: Doubles = (points - np.stack([x, y, np.zeros_like(x)], axis=-1)[:, None]) @ turns(heading)
    return seen
