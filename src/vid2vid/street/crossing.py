"""A crossing: its side road, and the cars that turn there, in phases without conflicts."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

import numpy as np

from vid2vid.street.geometry import ROUTE, Geometry, GeometryBuilder, Material, Paint, Route
from vid2vid.street.look import Look, hsv, stream
from vid2vid.street.roadside import KERB_HEIGHT, WIDE
from vid2vid.street.route import pose_on
from vid2vid.street.street_classes import ROAD, SIDEWALK
from vid2vid.street.traffic import add_car

CHUNK = 48.0
"""Length of the chunks in which a street is built, metres."""
CROSSING_PITCH = 4
"""One in this many chunks has a crossing."""
HALF_WIDTH = 6.0
"""Half the width of the side road, metres."""
FREE = 9.0
"""Distance along the street from the middle of a crossing within which nothing stands or parks, metres."""

_LANE = 2.3  # metres from the middle of the side road to the middle of its lanes
_LIFE = 60.0  # metres that a car drives before and after its turn
_PLATOON, _GAP, _CLEARING = 3, 8.5, 20.0  # cars in a row, and metres between them and between phases

_RIGHT, _LEFT = -1, 1
_PHASES = (
    ((1, _RIGHT, (1, -1)), (3, _RIGHT, (-1, 1)), (2, _RIGHT, (1, 1))),
    ((1, _LEFT, (1, 1)), (2, _RIGHT, (1, 1))),
    ((3, _LEFT, (-1, -1)), (2, _RIGHT, (1, 1))),
    ((2, _LEFT, (-1, 1)), (1, _RIGHT, (1, -1))),
)
"""The movements of each phase: quarter turns of the initial heading, the side to turn to, and the signs of x and y of
the place where the lanes meet."""


class Crossing:
    """One crossing of a street, at which all moving cars turn, at one speed.

    Args:
        look: The street's properties.
        number: Number of the crossing along the street.

    Attributes:
        x: Its middle along the street, metres.
        y: Distance of the lanes from and into which cars turn, from the middle of the street to their middle, metres.
        speed: Speed of its cars, metres per frame.
    """

    def __init__(self, look: Look, number: int) -> None:
        rng = stream(look.seed, 40, number)
        self.look, self.number = look, number
        self.x = number * CROSSING_PITCH * CHUNK + float(rng.uniform(22, 26))
        self.y = (look.lanes - 0.5) * look.lane_width
        self.speed = float(rng.uniform(4.0, 7.0)) / look.fps
        self._slot = ((_PLATOON - 1) * _GAP + _CLEARING) / self.speed  # frames of a phase
        self._offset = float(rng.uniform(0, len(_PHASES)))
        self._car = lru_cache(maxsize=256)(self._build_car)

    def add_ground(self, builder: GeometryBuilder) -> None:
        """Add the side road, and the kerbs of the sidewalks beyond it."""
        left, right = self.look.left, self.look.right
        low, high = self.x - HALF_WIDTH, self.x + HALF_WIDTH
        colour, white, none = hsv(0.6, 0.05, self.look.asphalt), (0.86, 0.86, 0.83), -50.0
        dashed, lines = float(self.look.dashed), (0.4, 2 * HALF_WIDTH - 0.4)
        marked = (HALF_WIDTH, HALF_WIDTH, 1.0, dashed, *lines, -1.0, 0.85)
        plain = (none, HALF_WIDTH, 1.0, 0.0, none, none, -1.0, 0.85)
        for first, last, params in (
            (-WIDE, -right.kerb, marked),
            (-right.kerb, left.kerb, plain),
            (left.kerb, WIDE, marked),
        ):
            asphalt = Paint(ROAD, colour, Material.ASPHALT, trim=white, params=params)
            builder.quad([(high, first, 0.0), (high, last, 0.0), (low, last, 0.0), (low, first, 0.0)], asphalt)
        kerb = Paint(SIDEWALK, (0.56, 0.55, 0.53), Material.ROUGH, params=(0.05,))
        for near, far in ((-WIDE, -right.kerb), (left.kerb, WIDE)):
            builder.box((high, near, 0.0), (high + 1, far, KERB_HEIGHT), kerb, ("back",))

    def cars(self, t: float) -> Iterator[Geometry]:
        """Yield the cars on the road at frame ``t``."""
        margin = (_LIFE + 2 * _GAP + 20) / self.speed
        first, last = (int((t + sign * margin) / self._slot + self._offset) + sign for sign in (-1, 1))
        for slot in range(first, last + 1):
            for movement, place in product(range(len(_PHASES[slot % len(_PHASES)])), range(_PLATOON)):
                route, car = self._car(slot, movement, place)
                driven = route.speed * t - route.start
                if car is not None and -_LIFE < driven < route.length + _LIFE:
                    yield car

    def _build_car(self, slot: int, movement: int, place: int) -> tuple[Route, Geometry | None]:
        quarters, side, (ahead, across) = _PHASES[slot % len(_PHASES)][movement]
        serial = ((self.number * 7 + slot) * 3 + movement) * _PLATOON + place
        rng = stream(self.look.seed, 41 + self.number % 1000 * 8, serial)
        radius = float(rng.uniform(5.0, 7.5) if side == _RIGHT else rng.uniform(7.0, 10.0))
        heading = quarters * np.pi / 2
        arrives = (slot - self._offset) * self._slot + place * _GAP / self.speed
        route = Route(
            x=self.x + ahead * _LANE - radius * float(np.cos(heading)),
            y=across * self.y - radius * float(np.sin(heading)),
            heading=heading,
            curvature=side / radius,
            length=radius * np.pi / 2,
            speed=self.speed,
            start=self.speed * arrives,
        )
        if self._meets_camera(route):
            return route, None
        builder = GeometryBuilder(route=route)
        # 8 and 9 for two neighbours, which may be in view at once
        add_car(builder, rng, 0.0, 0.0, 1, serial % 62 * 16 + 8 + self.number % 2)
        return route, builder.finish()

    def _meets_camera(self, route: Route) -> bool:
        """Whether a car on this route would at some time drive through the camera."""
        drive = self.look.drive
        rows = np.array([route.row], dtype=ROUTE)
        times = (np.arange(-_LIFE, route.length + _LIFE) + route.start) / route.speed
        x, y, _ = pose_on(rows, times)
        near = np.abs(x - drive.start - drive.speed * times) < 7
        return bool((near & (np.abs(y - drive.lateral) < 2.2)).any())
