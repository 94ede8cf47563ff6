"""Traffic: cars with four types of bodies, parked or moving, and pedestrians."""

from dataclasses import dataclass

import numpy as np

from vid2vid.street.geometry import Colour, Doubles, GeometryBuilder, Material, Paint, Route, rectangle
from vid2vid.street.look import hsv
from vid2vid.street.roadside import KERB_HEIGHT
from vid2vid.street.street_classes import CAR, PERSON, instance_id

Triple = tuple[float, float, float]

_CLEARANCE = 0.24


@dataclass(frozen=True)
class Body:
    """The shape of a car; lengths in metres, places along it in car lengths from its middle towards the front.

    Attributes:
        length: Length of the car.
        width: Width of the car.
        height: Height of the roof.
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
class CarPose:
    """Position of a car in the world, heading along x (1) or against it (-1)."""

    x: float
    y: float
    heading: int

    def block(self, ends: tuple[float, float], half: float, heights: tuple[float, float]) -> list[Doubles]:
        """Return the corners of a rectangle on the car in world coordinates; rear and front may differ in height."""
        corners = np.array(rectangle((ends[0], -half), (ends[1], half), 0.0))
        corners[:, :2] = corners[:, :2] * self.heading + (self.x, self.y)
        corners[:, 2] = np.array(heights)[[0, 1, 1, 0]]
        return list(corners)


def add_car(builder: GeometryBuilder, rng: np.random.Generator, x: float, y: float, heading: int, number: int) -> None:
    """Add a car.

    Args:
        builder: Collects its surfaces.
        rng: Draws its body and colours.
        x: Position of its middle, metres.
        y: Position of its middle, metres.
        heading: 1 along x, -1 against it.
        number: Number in its instance id.
    """
    if not builder.route.speed:
        # the heading of a turning car comes from its route
        builder.route = Route(heading=0.0 if heading > 0 else np.pi)
    body = _BODIES[int(rng.choice(len(_BODIES), p=_SHARES))]
    colour, pose = car_colour(rng), CarPose(x, y, heading)
    instance = instance_id(CAR, number)
    _add_lower(builder, body, pose, colour, instance)
    _add_cabin(builder, body, pose, colour, instance)
    tyre = Paint(CAR, (0.06, 0.06, 0.065), Material.WHEEL, instance, (0.42, 0.43, 0.45))
    for axle in _axles(body):
        for across in (-1, 1):
            centre = (x + heading * axle, y + across * (body.width / 2 - 0.10), body.wheel)
            builder.ellipsoid(centre, (body.wheel, 0.13, body.wheel), tyre)
    reach = (body.length / 2 + 0.25, body.width / 2 + 0.25)
    builder.shadow((x - reach[0], y - reach[1]), (x + reach[0], y + reach[1]), 0.0, 0.5, 0.75)


def _axles(body: Body) -> tuple[float, float]:
    return -0.29 * body.length, 0.31 * body.length


def _add_lower(builder: GeometryBuilder, body: Body, pose: CarPose, colour: Colour, instance: int) -> None:
    half, height = body.length / 2, body.belt - _CLEARANCE
    bottom = pose.block((-half, half), body.width / 2, (_CLEARANCE, _CLEARANCE))
    top = pose.block((-half + 0.05, half - 0.10), body.width / 2 - 0.05, (body.belt, body.belt - 0.13))

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


def _add_cabin(builder: GeometryBuilder, body: Body, pose: CarPose, colour: Colour, instance: int) -> None:
    ends = [end * body.length for end in body.cabin]
    roof = [end * body.length for end in body.roof]
    wide, narrow, base = body.width / 2 - 0.07, body.width / 2 - 0.20, body.belt - 0.06
    bottom = pose.block((ends[0], ends[1]), wide, (base, base))
    top = pose.block((roof[0], roof[1]), narrow, (body.height, body.height))
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


def add_person(builder: GeometryBuilder, rng: np.random.Generator, x: float, y: float, fps: float, number: int) -> None:
    """Add a pedestrian on a sidewalk, with swinging arms and legs.

    Args:
        builder: Collects the surfaces; its velocity is that of the pedestrian.
        rng: Draws size and colours.
        x: Position at frame 0, metres.
        y: Position, metres.
        fps: Frames a second.
        number: Number in the instance id.
    """
    instance = instance_id(PERSON, number)

    def paint(colour: Triple) -> Paint:
        return Paint(PERSON, colour, instance=instance)

    size, girth = float(rng.uniform(0.88, 1.06)), float(rng.uniform(0.9, 1.25))
    tone = rng.random()
    skin = paint((0.90 - 0.5 * tone, 0.70 - 0.45 * tone, 0.56 - 0.40 * tone))
    hair = paint(hsv(rng.uniform(0.04, 0.11), rng.uniform(0.2, 0.7), rng.choice([0.1, 0.2, 0.35, 0.7])))
    shirt = paint(hsv(rng.random(), rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.9)))
    trousers = paint(hsv(rng.choice([0.6, 0.62, 0.08]), rng.uniform(0.1, 0.6), rng.uniform(0.12, 0.5)))
    phase, pace = float(rng.uniform(0, 2 * np.pi)), 9.0 / fps

    def part(place: Triple, radii: Triple, surface: Paint, swing: float = 0.0) -> None:
        """Add an ellipsoid at ``place`` (ahead, across, up), which swings by ``swing`` radians about its upper end."""
        centre = (x + place[0], y + place[1] * girth, KERB_HEIGHT + place[2] * size)
        extent = (radii[0] * girth, radii[1] * girth, radii[2] * size)
        builder.ellipsoid(centre, extent, surface, (extent[2] * 0.92, swing, pace, phase))

    part((0.0, 0.0, 1.16), (0.14, 0.20, 0.34), shirt)
    part((0.0, 0.0, 0.93), (0.13, 0.17, 0.16), trousers)
    part((0.0, 0.0, 1.60), (0.10, 0.085, 0.13), skin)
    part((-0.03 * np.sign(builder.velocity), 0.0, 1.66), (0.115, 0.10, 0.10), hair)
    for side in (-1, 1):
        part((0.0, side * 0.09, 0.46), (0.085, 0.08, 0.46), trousers, side * 0.45)
        part((0.0, side * 0.23, 1.14), (0.06, 0.055, 0.31), shirt, -side * 0.28)
