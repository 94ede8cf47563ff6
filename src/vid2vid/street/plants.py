"""Trees along the sidewalks and bushes on the lawns."""

import numpy as np

from vid2vid.street.classes import VEGETATION, instance_id
from vid2vid.street.ground import KERB_HEIGHT
from vid2vid.street.look import Look, Side, hsv, stream
from vid2vid.street.model import Builder, Colour, Material, Paint

_PER_CHUNK = 32
_PITCH = 8.0


def add_plants(builder: Builder, look: Look, chunk: int, start: float, end: float) -> None:
    """Add the plants between two places x along the street, metres."""
    for side in look.sides:
        rng = stream(look.seed, 7 + side.sign, chunk)
        number = chunk * _PER_CHUNK + (side.sign > 0) * (_PER_CHUNK // 2)
        for place in np.arange(start + _PITCH / 2, end, _PITCH):
            if rng.random() < look.trees:
                x, y = place + rng.uniform(-1.5, 1.5), side.sign * (side.kerb + rng.uniform(0.7, 1.0))
                _add_tree(builder, rng, look, (float(x), float(y)), number)
                number += 1
            if side.front - side.lawn > 2 and rng.random() < 0.7:
                _add_bush(builder, rng, look, side, float(place), number)
                number += 1


def _leaves(rng: np.random.Generator, look: Look) -> tuple[float, float, float]:
    hue = look.leaf_hue + rng.normal(0, 0.02)
    return float(hue), float(rng.uniform(0.42, 0.68)), float(rng.uniform(0.32, 0.52))


def _add_tree(builder: Builder, rng: np.random.Generator, look: Look, at: tuple[float, float], number: int) -> None:
    x, y = at
    size = look.tree_size * float(rng.uniform(0.8, 1.2))
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
    _cast_shadow(builder, look, (x, y), size)


def _leaf_paint(rng: np.random.Generator, colour: Colour, instance: int) -> Paint:
    return Paint(VEGETATION, colour, Material.FOLIAGE, instance, params=(float(rng.uniform(0, 50)),))


def _cast_shadow(builder: Builder, look: Look, at: tuple[float, float], size: float) -> None:
    sun, height = look.light.sun, 3.2 * size
    x, y = (place - float(s / sun[2]) * height for place, s in zip(at, sun[:2], strict=True))
    reach = 1.9 * size
    builder.shadow((x - reach, y - reach), (x + reach, y + reach), 0.0, reach, look.light.shadow)


def _add_bush(builder: Builder, rng: np.random.Generator, look: Look, side: Side, place: float, number: int) -> None:
    hue, saturation, value = _leaves(rng, look)
    instance = instance_id(VEGETATION, number)
    y = side.sign * (side.front - 0.9)
    for _ in range(int(rng.integers(1, 4))):
        radii = rng.uniform(0.5, 0.95, 3) * (1, 0.8, 0.9)
        centre = (place + rng.uniform(-1, 1), y + rng.uniform(-0.2, 0.2), KERB_HEIGHT + radii[2] * 0.6)
        colour = hsv(hue + rng.normal(0, 0.01), saturation, value * 0.9)
        builder.ellipsoid(centre, radii, _leaf_paint(rng, colour, instance))
