"""One car, parked or moving, of one of four bodies."""

from dataclasses import dataclass

import numpy as np

from vid2vid.street.classes import CAR, instance_id
from vid2vid.street.look import hsv
from vid2vid.street.model import Builder, Colour, Doubles, Material, Paint, rectangle

_CLEARANCE = 0.24


@dataclass(frozen=True)
class Body:
    """The shape of a car; lengths in metres, places along it as shares of its length, 0 in the middle, ahead positive.

    Attributes:
        length: Of the whole car.
        width: Of the whole car.
        height: Of the roof.
        belt: Height of the lower edge of the windows.
        cabin: Rear and front end of the cabin at the belt.
        roof: Rear and front end of the roof.
        wheel: Radius of the wheels.
    """

    length: float
    width: float
    height: float
    belt: float
    cabin: tuple[float, float]
    roof: tuple[float, float]
    wheel: float


_BODIES = (
    Body(4.5, 1.80, 1.46, 0.92, (-0.40, 0.22), (-0.26, 0.04), 0.32),  # saloon
    Body(3.9, 1.72, 1.50, 0.94, (-0.48, 0.24), (-0.40, 0.06), 0.31),  # hatchback
    Body(4.6, 1.88, 1.72, 1.08, (-0.47, 0.24), (-0.42, 0.08), 0.36),  # SUV
    Body(5.0, 1.95, 2.15, 1.20, (-0.495, 0.40), (-0.48, 0.27), 0.34),  # van
)
_SHARES = (0.35, 0.35, 0.22, 0.08)


def car_colour(rng: np.random.Generator) -> tuple[float, float, float]:
    """Draw the colour of a car's paint: half of all cars are white, black or grey."""
    if rng.random() < 0.5:
        return hsv(0.6, rng.uniform(0, 0.06), rng.choice([0.07, 0.25, 0.45, 0.65, 0.9]))
    return hsv(rng.random(), rng.uniform(0.55, 0.95), rng.uniform(0.25, 0.85))


@dataclass(frozen=True)
class Frame:
    """Takes places on a car (ahead, to the left, up) to the world; a car heads along x or against it."""

    x: float
    y: float
    heading: int

    def block(self, ends: tuple[float, float], half: float, heights: tuple[float, float]) -> list[Doubles]:
        """Return the corners of a rectangle across the car, whose rear and front ends may differ in height."""
        corners = np.array(rectangle((ends[0], -half), (ends[1], half), 0.0))
        corners[:, :2] = corners[:, :2] * self.heading + (self.x, self.y)
        corners[:, 2] = np.array(heights)[[0, 1, 1, 0]]
        return list(corners)


def add_car(builder: Builder, rng: np.random.Generator, x: float, y: float, heading: int, number: int) -> None:
    """Add a car.

    Args:
        builder: Where to.
        rng: Draws its body and colours.
        x: Its middle, metres.
        y: Its middle, metres.
        heading: 1 along x, -1 against it.
        number: For its instance id.
    """
    body = _BODIES[int(rng.choice(len(_BODIES), p=_SHARES))]
    colour, frame = car_colour(rng), Frame(x, y, heading)
    instance = instance_id(CAR, number)
    _add_lower(builder, body, frame, colour, instance)
    _add_cabin(builder, body, frame, colour, instance)
    _add_wheels(builder, body, frame, instance)
    reach = (body.length / 2 + 0.25, body.width / 2 + 0.25)
    builder.shadow((x - reach[0], y - reach[1]), (x + reach[0], y + reach[1]), 0.0, 0.5, 0.75)


def _axles(body: Body) -> tuple[float, float]:
    return -0.29 * body.length, 0.31 * body.length


def _add_lower(builder: Builder, body: Body, frame: Frame, colour: Colour, instance: int) -> None:
    half, height = body.length / 2, body.belt - _CLEARANCE
    bottom = frame.block((-half, half), body.width / 2, (_CLEARANCE, _CLEARANCE))
    top = frame.block((-half + 0.05, half - 0.10), body.width / 2 - 0.05, (body.belt, body.belt - 0.13))

    def side(sign: int) -> Paint:
        # u starts at the rear on the right side and at the front on the left one
        first, second = (half + sign * axle for axle in _axles(body))
        doors = (half - sign * 0.24 * body.length, half + sign * 0.16 * body.length)
        params = (first, second, body.wheel + 0.07, body.wheel - _CLEARANCE, *doors, height)
        return Paint(CAR, colour, Material.CAR_SIDE, instance, params=params)

    def end(front: float) -> Paint:
        light = (0.95, 0.95, 0.88) if front else (0.72, 0.06, 0.05)
        return Paint(CAR, colour, Material.CAR_END, instance, light, (body.width, height, front))

    plain = Paint(CAR, colour, instance=instance)
    builder.hexahedron(
        bottom, top, {"right": side(1), "left": side(-1), "front": end(1.0), "back": end(0.0), "top": plain}
    )


def _add_cabin(builder: Builder, body: Body, frame: Frame, colour: Colour, instance: int) -> None:
    ends = [end * body.length for end in body.cabin]
    roof = [end * body.length for end in body.roof]
    wide, narrow, base = body.width / 2 - 0.07, body.width / 2 - 0.20, body.belt - 0.06
    bottom = frame.block((ends[0], ends[1]), wide, (base, base))
    top = frame.block((roof[0], roof[1]), narrow, (body.height, body.height))
    rise = body.height - base
    rear, front, length = roof[0] - ends[0], ends[1] - roof[1], ends[1] - ends[0]

    def pane(*params: float) -> Paint:
        return Paint(CAR, colour, Material.CAR_CABIN, instance, (0.16, 0.19, 0.22), params)

    slant, inset = float(np.hypot(rise, wide - narrow)), wide - narrow
    paints = {
        "right": pane(length, rear, length - front, slant, 0.48 * length, 0.10),
        "left": pane(length, front, length - rear, slant, 0.52 * length, 0.10),
        "front": pane(2 * wide, inset, 2 * wide - inset, float(np.hypot(rise, front)), -1.0, 0.05),
        "back": pane(2 * wide, inset, 2 * wide - inset, float(np.hypot(rise, rear)), -1.0, 0.08),
        "top": Paint(CAR, colour, instance=instance),
    }
    builder.hexahedron(bottom, top, paints)


def _add_wheels(builder: Builder, body: Body, frame: Frame, instance: int) -> None:
    tyre = Paint(CAR, (0.06, 0.06, 0.065), Material.WHEEL, instance, (0.42, 0.43, 0.45))
    for axle in _axles(body):
        for across in (-1, 1):
            y = frame.y + across * (body.width / 2 - 0.10)
            centre = (frame.x + frame.heading * axle, y, body.wheel)
            builder.ellipsoid(centre, (body.wheel, 0.13, body.wheel), tyre)
