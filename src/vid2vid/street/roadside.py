"""The ground, lamps, trees and bushes of one chunk of street."""

import numpy as np

from vid2vid.street.geometry import Colour, GeometryBuilder, Material, Paint, rectangle
from vid2vid.street.look import Look, Side, hsv, stream
from vid2vid.street.street_classes import POLE, ROAD, SIDEWALK, TERRAIN, VEGETATION, instance_id

KERB_HEIGHT = 0.12
WIDE = 500.0
_PLANTS_PER_CHUNK = 32
_PLANT_PITCH = 8.0


def add_ground(
    builder: GeometryBuilder, look: Look, chunk: int, start: float, end: float, outwards: float = 0.0
) -> None:
    """Add road, kerbs, sidewalks and lawns between two places x; kerbs are moved ``outwards``, all in metres."""
    rng = stream(look.seed, 1, chunk)
    right, left = (side.kerb + outwards for side in (look.right, look.left))
    edge = look.lanes * look.lane_width
    zebra = float(rng.uniform(4, end - start - 8)) if rng.random() < 0.3 else -1.0
    lines = (right - edge - 0.1, right + edge + 0.1)
    params = (right, look.lane_width, float(look.lanes), float(look.dashed), *lines, zebra, 0.85)
    asphalt = Paint(ROAD, hsv(0.6, 0.05, look.asphalt), Material.ASPHALT, trim=(0.86, 0.86, 0.83), params=params)
    builder.quad(rectangle((start, -right), (end, left), 0.0), asphalt)
    for side in look.sides:
        rng = stream(look.seed, 2, side.sign)
        stone = float(rng.uniform(0.52, 0.70))
        colour = np.array([1.0, rng.uniform(0.94, 1.0), rng.uniform(0.86, 0.99)]) * stone
        slabs = Paint(SIDEWALK, colour, Material.PAVING, params=(float(rng.choice([0.5, 0.8, 1.2])), 0.16))
        _add_strip(builder, side, (start, end), (side.kerb + outwards, side.lawn), slabs)
        kerb = Paint(SIDEWALK, colour * 0.92, Material.ROUGH, params=(0.05,))
        first, last = (start, end) if side.sign > 0 else (end, start)
        y = side.sign * (side.kerb + outwards)
        builder.quad([(first, y, 0.0), (last, y, 0.0), (last, y, KERB_HEIGHT), (first, y, KERB_HEIGHT)], kerb)
        green = hsv(look.leaf_hue + rng.uniform(-0.02, 0.03), rng.uniform(0.45, 0.6), rng.uniform(0.38, 0.5))
        dry = hsv(look.leaf_hue - 0.05, 0.45, 0.52)
        _add_strip(builder, side, (start, end), (side.lawn, WIDE), Paint(TERRAIN, green, Material.GRASS, trim=dry))


def _add_strip(
    builder: GeometryBuilder, side: Side, along: tuple[float, float], across: tuple[float, float], paint: Paint
) -> None:
    low, high = sorted((side.sign * across[0], side.sign * across[1]))
    builder.quad(rectangle((along[0], low), (along[1], high), KERB_HEIGHT), paint)


def add_lamps(builder: GeometryBuilder, look: Look, start: float, end: float) -> None:
    """Add the lamps between two places x along the street, in metres, on alternating sides."""
    rng = stream(look.seed, 10)
    metal = Paint(POLE, hsv(rng.uniform(0.25, 0.7), rng.uniform(0, 0.3), rng.uniform(0.25, 0.6)))
    glow = Paint(POLE, (0.93, 0.93, 0.88))
    height, reach = float(rng.uniform(4.5, 7.0)), float(rng.uniform(0.5, 1.8))
    for index in range(int(np.ceil(start / look.lamps)), int(np.ceil(end / look.lamps))):
        side, x = look.sides[index % 2], index * look.lamps
        y = side.sign * (side.kerb + 0.45)
        for half, foot, head in ((0.10, KERB_HEIGHT, 1.1), (0.065, 1.1, height)):
            builder.box((x - half, y - half, foot), (x + half, y + half, head), metal, ("right", "left", "back"))
        tip = y - side.sign * reach
        low, high = sorted((y, tip))
        builder.box((x - 0.05, low, height), (x + 0.05, high, height + 0.09), metal, ("right", "left", "back"))
        builder.box((x - 0.14, tip - 0.3, height - 0.06), (x + 0.14, tip + 0.3, height + 0.05), glow)


def add_plants(builder: GeometryBuilder, look: Look, chunk: int, start: float, end: float) -> None:
    """Add trees on the sidewalks and bushes on the lawns between two places x along the street, in metres."""
    for side in look.sides:
        rng = stream(look.seed, 7 + side.sign, chunk)
        number = chunk * _PLANTS_PER_CHUNK + (side.sign > 0) * (_PLANTS_PER_CHUNK // 2)
        for place in np.arange(start + _PLANT_PITCH / 2, end, _PLANT_PITCH):
            if rng.random() < look.trees:
                x, y = place + rng.uniform(-1.5, 1.5), side.sign * (side.kerb + rng.uniform(0.7, 1.0))
                add_tree(builder, rng, look, (float(x), float(y)), number)
                number += 1
            if side.front - side.lawn > 2 and rng.random() < 0.7:
                _add_bush(builder, rng, look, side, float(place), number)
                number += 1


def _leaves(rng: np.random.Generator, look: Look) -> tuple[float, float, float]:
    hue = look.leaf_hue + rng.normal(0, 0.02)
    return float(hue), float(rng.uniform(0.42, 0.68)), float(rng.uniform(0.32, 0.52))


def add_tree(
    builder: GeometryBuilder,
    rng: np.random.Generator,
    look: Look,
    at: tuple[float, float],
    number: int,
    size: float = 1.0,
) -> None:
    """Add a tree.

    Args:
        builder: Collects its surfaces.
        rng: Draws its shape and colours.
        look: The street's properties.
        at: Its place (x, y), metres.
        number: Number in its instance id.
        size: Its size relative to the street's other trees.
    """
    x, y = at
    size *= look.tree_size * float(rng.uniform(0.8, 1.2))
    trunk, thick = 2.1 * size + 0.5, 0.13 * size
    hue, saturation, value = _leaves(rng, look)
    instance = instance_id(VEGETATION, number)
    bark = Paint(VEGETATION, hsv(0.07, 0.35, rng.uniform(0.25, 0.4)), Material.ROUGH, instance, params=(0.25,))
    low, high = (x - thick, y - thick, KERB_HEIGHT), (x + thick, y + thick, trunk + 0.9 * size)
    builder.box(low, high, bark, ("right", "left", "back"))
    tall = float(rng.uniform(0.85, 1.5))
    for _ in range(int(rng.integers(9, 14))):
        direction = rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        offset = direction * (0.95, 0.95, 0.85 * tall) * size * rng.uniform(0.55, 1.0)
        centre = np.array([x, y, trunk + (0.7 + 0.75 * tall) * size]) + offset
        radius = size * rng.uniform(0.45, 0.8)
        colour = hsv(hue + rng.normal(0, 0.008), saturation, value * (1 + 0.14 * direction[2]))
        builder.ellipsoid(centre, radius * rng.uniform(0.85, 1.1, 3), _leaf_paint(rng, colour, instance))
    sun, height = look.light.sun, 3.2 * size
    shadow_x, shadow_y = (place - float(s / sun[2]) * height for place, s in zip(at, sun[:2], strict=True))
    reach = 1.9 * size
    corners = (shadow_x - reach, shadow_y - reach), (shadow_x + reach, shadow_y + reach)
    builder.shadow(*corners, 0.0, reach, look.light.shadow)


def _leaf_paint(rng: np.random.Generator, colour: Colour, instance: int) -> Paint:
    return Paint(VEGETATION, colour, Material.FOLIAGE, instance, params=(float(rng.uniform(0, 50)),))


def _add_bush(
    builder: GeometryBuilder, rng: np.random.Generator, look: Look, side: Side, place: float, number: int
) -> None:
    hue, saturation, value = _leaves(rng, look)
    instance = instance_id(VEGETATION, number)
    y = side.sign * (side.front - 0.9)
    for _ in range(int(rng.integers(1, 4))):
        radii = rng.uniform(0.5, 0.95, 3) * (1, 0.8, 0.9)
        centre = (place + rng.uniform(-1, 1), y + rng.uniform(-0.2, 0.2), KERB_HEIGHT + radii[2] * 0.6)
        colour = hsv(hue + rng.normal(0, 0.01), saturation, value * 0.9)
        builder.ellipsoid(centre, radii, _leaf_paint(rng, colour, instance))
