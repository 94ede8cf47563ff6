"""The houses of one chunk of street: a row on each side, and higher houses behind them."""

from dataclasses import dataclass, replace

import numpy as np

from vid2vid.street.geometry import Doubles, GeometryBuilder, Material, Paint, rectangle
from vid2vid.street.look import Look, Side, hsv, stream
from vid2vid.street.roadside import KERB_HEIGHT, add_tree
from vid2vid.street.street_classes import BUILDING, instance_id

_PER_CHUNK = 32
_TREE, _LARGEST_TREE = 5.2, 2.2  # height of a tree of size 1, metres; size of the largest ones that replace houses
_GROVES = 500  # added to the numbers of trees that replace houses, to distinguish them from other trees


@dataclass(frozen=True)
class House:
    """One house: a block between two places along the street; lengths in metres.

    Attributes:
        start: Smallest x.
        end: Largest x.
        front: Distance of its front from the middle of the road.
        depth: Extent away from the road.
        storeys: Number of storeys above the ground floor.
        storey: Height of each of these storeys.
        ground: Height of the ground floor.
        shop: Whether there are shop windows.
        pitched: Whether the roof slopes.
        number: Number in its instance id.
    """

    start: float
    end: float
    front: float
    depth: float
    storeys: int
    storey: float
    ground: float
    shop: bool
    pitched: bool
    number: int

    @property
    def eaves(self) -> float:
        """Height of its walls, metres."""
        return KERB_HEIGHT + self.ground + self.storeys * self.storey + 0.35


def add_houses(builder: GeometryBuilder, look: Look, chunk: int, start: float, end: float, trees: bool = False) -> None:
    """Add the houses between two places x along the street, in metres, or trees in their places."""
    # houses are always drawn, even if trees replace them, so that the random numbers are the same
    building = GeometryBuilder() if trees else builder
    houses: list[tuple[Side, House]] = []
    for side in look.sides:
        rng = stream(look.seed, 3 + side.sign, chunk)
        place, number = start, chunk * _PER_CHUNK + (side.sign > 0) * (_PER_CHUNK // 2)
        while place < end - 1:
            width = min(float(rng.uniform(6, 14)), end - place)
            width = end - place if end - place - width < 6 else width
            if rng.random() > look.gap:
                house = _draw_house(rng, look, side, place, place + width, number)
                _add_house(building, rng, look, side, house)
                houses.append((side, house))
                number += 1
            place += width
        # a higher house behind the row, seen through its gaps and above low roofs
        tower = House(
            start=start + float(rng.uniform(0, 16)),
            end=end - float(rng.uniform(0, 16)),
            front=side.front + float(rng.uniform(20, 45)),
            depth=10.0,
            storeys=look.storeys[1] + int(rng.integers(0, 4)),
            storey=3.0,
            ground=3.0,
            shop=False,
            pitched=False,
            number=number,
        )
        _add_house(building, rng, look, side, tower)
        houses.append((side, tower))
    for side, house in houses if trees else ():
        _add_grove(builder, look, side, house)


def _add_grove(builder: GeometryBuilder, look: Look, side: Side, house: House) -> None:
    """Add trees in the place of a house, of its height up to a limit."""
    rng = stream(look.seed, 50, house.number)
    size = min(max(house.eaves / _TREE, 1.0), _LARGEST_TREE)
    count = max(round((house.end - house.start) / (3.0 * size)), 1)
    for place in np.linspace(house.start, house.end, 2 * count + 1)[1::2]:
        y = side.sign * (house.front + house.depth / 3)
        at = float(place + rng.uniform(-0.5, 0.5)), float(y + rng.uniform(-1, 1))
        add_tree(builder, rng, look, at, _GROVES + house.number, size / look.tree_size)


def _draw_house(rng: np.random.Generator, look: Look, side: Side, start: float, end: float, number: int) -> House:
    storeys = int(rng.integers(*look.storeys, endpoint=True)) - 1
    shop = bool(rng.random() < look.shops)
    return House(
        start=start + float(rng.choice([0.0, 0.0, 0.8])),
        end=end,
        front=side.front + float(rng.uniform(0, 0.5)),
        depth=float(rng.uniform(8, 12)),
        storeys=storeys,
        storey=float(rng.uniform(2.7, 3.3)),
        ground=float(rng.uniform(3.4, 4.3) if shop else rng.uniform(2.8, 3.4)),
        shop=shop,
        pitched=bool(storeys <= 2 and rng.random() < 0.25 + 0.6 * look.old),
        number=number,
    )


def _wall_colour(rng: np.random.Generator, old: float) -> Doubles:
    kind = rng.random()
    if kind < 0.25 + 0.25 * old:  # bricks
        return np.array(hsv(rng.uniform(0.0, 0.06), rng.uniform(0.35, 0.6), rng.uniform(0.42, 0.68)))
    if kind < 0.8:  # painted plaster
        return np.array(hsv(rng.uniform(0.04, 0.17), rng.uniform(0.05, 0.42), rng.uniform(0.6, 0.9)))
    if kind < 0.9:  # pastel of any hue
        return np.array(hsv(rng.random(), rng.uniform(0.1, 0.35), rng.uniform(0.6, 0.85)))
    return np.array(hsv(0.6, rng.uniform(0, 0.1), rng.uniform(0.45, 0.75)))  # concrete


def _front_paint(rng: np.random.Generator, look: Look, house: House, colour: Doubles) -> Paint:
    width = house.end - house.start
    pitch = width / max(round(width / rng.uniform(2.0, 3.2)), 1)
    wide = float(rng.uniform(0.34, 0.52) + 0.3 * (1 - look.old) * rng.random())
    trim = np.full(3, rng.choice([0.9, 0.8, 0.35])) if rng.random() < 0.8 else np.array(hsv(rng.random(), 0.4, 0.4))
    params = (
        float(pitch),
        house.storey,
        wide,
        float(rng.uniform(0.46, 0.6)),
        house.ground,
        float(rng.integers(200)),
        float(house.shop),
        float(rng.uniform(0.03, 0.10)),
    )
    return Paint(BUILDING, colour, Material.FACADE, instance_id(BUILDING, house.number), trim, params)


def _add_house(builder: GeometryBuilder, rng: np.random.Generator, look: Look, side: Side, house: House) -> None:
    colour = _wall_colour(rng, look.old)
    front = _front_paint(rng, look, house, colour)
    wall = Paint(BUILDING, colour * rng.uniform(0.8, 1.0), Material.ROUGH, front.instance, params=(0.07,))
    gable = replace(front, params=(house.depth / 4, *front.params[1:6], 0.0, 0.06)) if rng.random() < 0.5 else wall
    low, high = sorted((side.sign * house.front, side.sign * (house.front + house.depth)))
    bottom = rectangle((house.start, low), (house.end, high), KERB_HEIGHT)
    top = rectangle((house.start, low), (house.end, high), house.eaves)
    facing = "right" if side.sign > 0 else "left"
    builder.hexahedron(bottom, top, {facing: front, "back": gable})
    if house.pitched:
        _add_roof(builder, rng, side, house, wall)
    else:
        near, far = sorted((side.sign * (house.front - 0.3), side.sign * (house.front + 1.0)))
        first, last = (house.start, near, house.eaves - 0.35), (house.end, far, house.eaves + 0.1)
        builder.box(first, last, Paint(BUILDING, front.trim, instance=front.instance), (facing, "back"))
    # the shadow, if the sun is behind the house; its edges are soft, since the sun has a width
    sun = look.light.sun
    reach = -side.sign * -sun[1] / sun[2] * house.eaves
    if reach >= 0.5:
        shift = -sun[0] / sun[2] * house.eaves * 0.5
        low, high = sorted((side.sign * house.front, side.sign * (house.front - float(reach))))
        height = KERB_HEIGHT if reach < house.front - side.kerb else 0.0
        corners = (house.start + shift, low - 0.2), (house.end + shift, high + 0.2)
        builder.shadow(*corners, height, 0.4, look.light.shadow)


def _add_roof(builder: GeometryBuilder, rng: np.random.Generator, side: Side, house: House, wall: Paint) -> None:
    tiles = np.array(hsv(rng.choice([0.02, 0.03, 0.6]), rng.uniform(0.2, 0.55), rng.uniform(0.3, 0.55)))
    paint = Paint(BUILDING, tiles, Material.ROUGH, wall.instance, params=(0.10,))
    rise = house.depth * float(rng.uniform(0.3, 0.5))
    edge, ridge = side.sign * (house.front - 0.35), side.sign * (house.front + house.depth / 2)
    far = side.sign * (house.front + house.depth)
    first, last = (house.start, house.end) if side.sign > 0 else (house.end, house.start)
    low, high = house.eaves - 0.25, house.eaves + rise
    builder.quad([(first, edge, low), (last, edge, low), (last, ridge, high), (first, ridge, high)], paint)
    # the gable, a triangle as a quad with a repeated corner
    near, away = (far, side.sign * house.front) if side.sign > 0 else (side.sign * house.front, far)
    foot, x = house.eaves, house.start
    builder.quad([(x, near, foot), (x, away, foot), (x, ridge, high), (x, ridge, high)], wall)
