"""The ground of one piece of street: road, kerbs, sidewalks, lawns."""

import numpy as np

from vid2vid.street.classes import ROAD, SIDEWALK, TERRAIN
from vid2vid.street.look import Look, Side, hsv, stream
from vid2vid.street.model import Builder, Material, Paint, rectangle

KERB_HEIGHT = 0.12
_WIDE = 500.0


def add_ground(builder: Builder, look: Look, chunk: int, start: float, end: float) -> None:
    """Add the ground between two places x along the street, metres."""
    _add_road(builder, look, chunk, start, end)
    for side in look.sides:
        _add_walk(builder, look, side, start, end)


def _add_road(builder: Builder, look: Look, chunk: int, start: float, end: float) -> None:
    rng = stream(look.seed, 1, chunk)
    right, left = look.right, look.left
    edge = look.lanes * look.lane_width
    zebra = float(rng.uniform(4, end - start - 8)) if rng.random() < 0.3 else -1.0
    params = (
        right.kerb,
        look.lane_width,
        float(look.lanes),
        float(look.dashed),
        right.kerb - edge - 0.1,
        right.kerb + edge + 0.1,
        zebra,
        0.85,
    )
    grey = look.asphalt
    tint = hsv(0.6, 0.05, grey)
    paint = Paint(ROAD, tint, Material.ASPHALT, trim=(0.86, 0.86, 0.83), params=params)
    builder.quad(rectangle((start, -right.kerb), (end, left.kerb), 0.0), paint)


def _add_walk(builder: Builder, look: Look, side: Side, start: float, end: float) -> None:
    rng = stream(look.seed, 2, side.sign)
    stone = float(rng.uniform(0.52, 0.70))
    colour = np.array([1.0, rng.uniform(0.94, 1.0), rng.uniform(0.86, 0.99)]) * stone
    slabs = Paint(SIDEWALK, colour, Material.PAVING, params=(float(rng.choice([0.5, 0.8, 1.2])), 0.16))
    _add_strip(builder, side, (start, end), (side.kerb, side.lawn), slabs)
    edge = Paint(SIDEWALK, colour * 0.92, Material.ROUGH, params=(0.05,))
    first, last = (start, end) if side.sign > 0 else (end, start)
    y = side.sign * side.kerb
    builder.quad([(first, y, 0.0), (last, y, 0.0), (last, y, KERB_HEIGHT), (first, y, KERB_HEIGHT)], edge)
    green = hsv(look.leaf_hue + rng.uniform(-0.02, 0.03), rng.uniform(0.45, 0.6), rng.uniform(0.38, 0.5))
    dry = hsv(look.leaf_hue - 0.05, 0.45, 0.52)
    _add_strip(builder, side, (start, end), (side.lawn, _WIDE), Paint(TERRAIN, green, Material.GRASS, trim=dry))


def _add_strip(
    builder: Builder, side: Side, along: tuple[float, float], across: tuple[float, float], paint: Paint
) -> None:
    low, high = sorted((side.sign * across[0], side.sign * across[1]))
    builder.quad(rectangle((along[0], low), (along[1], high), KERB_HEIGHT), paint)
