"""Street lamps."""

import numpy as np

from vid2vid.street.classes import POLE
from vid2vid.street.ground import KERB_HEIGHT
from vid2vid.street.look import Look, Side, hsv, stream
from vid2vid.street.model import Builder, Paint


def add_lamps(builder: Builder, look: Look, start: float, end: float) -> None:
    """Add the lamps between two places x along the street, metres; both sides take turns."""
    rng = stream(look.seed, 10)
    metal = Paint(POLE, hsv(rng.uniform(0.25, 0.7), rng.uniform(0, 0.3), rng.uniform(0.25, 0.6)))
    height, reach = float(rng.uniform(4.5, 7.0)), float(rng.uniform(0.5, 1.8))
    for index in range(int(np.ceil(start / look.lamps)), int(np.ceil(end / look.lamps))):
        _add_lamp(builder, look.sides[index % 2], index * look.lamps, height, reach, metal)


def _add_lamp(builder: Builder, side: Side, x: float, height: float, reach: float, metal: Paint) -> None:
    y = side.sign * (side.kerb + 0.45)
    _add_bar(builder, (x, y), 0.10, KERB_HEIGHT, 1.1, metal)
    _add_bar(builder, (x, y), 0.065, 1.1, height, metal)
    tip = y - side.sign * reach
    low, high = sorted((y, tip))
    builder.box((x - 0.05, low, height), (x + 0.05, high, height + 0.09), metal, ("right", "left", "back"))
    glow = Paint(POLE, (0.93, 0.93, 0.88))
    builder.box((x - 0.14, tip - 0.3, height - 0.06), (x + 0.14, tip + 0.3, height + 0.05), glow)


def _add_bar(builder: Builder, at: tuple[float, float], half: float, low: float, high: float, paint: Paint) -> None:
    x, y = at
    builder.box((x - half, y - half, low), (x + half, y + half, high), paint, ("right", "left", "back"))
