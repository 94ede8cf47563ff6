"""An endless street, built in chunks around the camera."""

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from vid2vid.street.camera import Camera
from vid2vid.street.change import UNCHANGED, StreetChange
from vid2vid.street.crossing import CHUNK, CROSSING_PITCH, FREE, HALF_WIDTH, Crossing
from vid2vid.street.geometry import Geometry, GeometryBuilder
from vid2vid.street.houses import add_houses
from vid2vid.street.look import Look, Side, stream
from vid2vid.street.roadside import add_ground, add_lamps, add_plants
from vid2vid.street.traffic import add_car, add_person

AHEAD = 230.0
_BEHIND = 6.0
_PARKING_PITCH = 6.4
_OWN_LANE_FREE = (-16.0, 10.0)  # around the camera, metres


@dataclass(frozen=True)
class Lane:
    """A row of bodies that move at one speed, at most one at each of its numbered places.

    Attributes:
        number: Its number, which determines the random numbers and the instance ids.
        y: Its position across the street, metres.
        speed: Metres per frame.
        pitch: Distance between places, metres.
        share: Share of places that are taken.
        jitter: Largest distance of a body ahead of its place, metres.
        people: Whether the bodies are people; otherwise they are cars.
        own: Whether the camera drives here.
    """

    number: int
    y: float
    speed: float
    pitch: float
    share: float
    jitter: float
    people: bool = False
    own: bool = False


class World:
    """The street with given properties.

    Args:
        look: Its properties.
        change: A change of the street that its seed describes.
    """

    def __init__(self, look: Look, change: StreetChange = UNCHANGED) -> None:
        self.look, self.change = look, change
        self._lanes = _draw_lanes(look)
        self._chunk = lru_cache(maxsize=12)(self._build_chunk)
        self._body = lru_cache(maxsize=512)(self._build_body)
        self._crossing = lru_cache(maxsize=12)(partial(Crossing, look))

    def camera(self, t: float, size: tuple[int, int]) -> Camera:
        """Return the camera at frame ``t`` for pictures of ``size`` (H, W)."""
        drive, (height, width) = self.look.drive, size
        along, across, up, yaw, pitch = drive.sway * np.sin(drive.rate * t + drive.phase)
        position = np.array([drive.start + drive.speed * t + along, drive.lateral + across, drive.height + up])
        centre = ((width - 1) / 2, drive.horizon * height - 0.5)
        return Camera.looking(position, float(yaw), float(pitch), drive.focal * width, centre)

    def geometry(self, t: float, x: float) -> Geometry:
        """Return all surfaces that a camera at ``x``, looking along the street, may see at frame ``t``."""
        first, last = int(np.floor((x - _BEHIND) / CHUNK)), int(np.floor((x + AHEAD) / CHUNK))
        parts = [self._chunk(chunk) for chunk in range(first, last + 1)]
        for index, lane in enumerate(self._lanes):
            start = x - lane.speed * t - lane.jitter
            places = range(int((start - _BEHIND) // lane.pitch), int((start + AHEAD) // lane.pitch) + 1)
            bodies = (self._body(index, place) for place in places)
            parts.extend(body for body in bodies if body is not None)
        crossings = range(-(-first // CROSSING_PITCH), last // CROSSING_PITCH + 1)
        for number in crossings if self.look.crossings and self.change.cars else ():
            parts.extend(self._crossing(number).cars(t))
        return Geometry.join(parts)

    def _build_chunk(self, chunk: int) -> Geometry:
        ground, start, end = GeometryBuilder(), chunk * CHUNK, (chunk + 1) * CHUNK
        if not self.look.crossings or chunk % CROSSING_PITCH:
            add_ground(ground, self.look, chunk, start, end, self.change.kerb)
            return Geometry.join([ground.finish(), self._build_roadside(chunk, start, end)])
        crossing = self._crossing(chunk // CROSSING_PITCH)
        add_ground(ground, self.look, chunk, start, crossing.x - HALF_WIDTH, self.change.kerb)
        crossing.add_ground(ground)
        add_ground(ground, self.look, chunk, crossing.x + HALF_WIDTH, end, self.change.kerb)
        free = crossing.x - FREE, crossing.x + FREE
        return Geometry.join([ground.finish(), self._build_roadside(chunk, start, end).cleared(*free)])

    def _build_roadside(self, chunk: int, start: float, end: float) -> Geometry:
        builder = GeometryBuilder()
        add_houses(builder, self.look, chunk, start, end, trees=not self.change.houses)
        add_plants(builder, self.look, chunk, start, end)
        add_lamps(builder, self.look, start, end)
        for side in self.look.sides if self.change.cars else ():
            _add_parked(builder, self.look, side, chunk)
        return builder.finish()

    def _build_body(self, index: int, place: int) -> Geometry | None:
        lane = self._lanes[index]
        rng = stream(self.look.seed, 20 + lane.number, place)
        x = place * lane.pitch + rng.uniform(0, lane.jitter)
        taken = rng.random() < lane.share
        if (
            not taken
            or not (lane.people or self.change.cars)
            or (lane.own and _OWN_LANE_FREE[0] < x < _OWN_LANE_FREE[1])
        ):
            return None
        builder, number = GeometryBuilder(lane.speed), place * 16 + lane.number
        if lane.people:
            add_person(builder, rng, x, lane.y + rng.uniform(-0.3, 0.3), self.look.fps, number)
        else:
            add_car(builder, rng, x, lane.y + rng.uniform(-0.15, 0.15), 1 if lane.speed > 0 else -1, number)
        return builder.finish()


def _draw_lanes(look: Look) -> list[Lane]:
    rng = stream(look.seed, 11)
    lanes = []
    # at crossings all cars turn
    for index in range(0 if look.crossings else look.lanes):
        y = (index + 0.5) * look.lane_width
        own = index == look.lanes - 1
        speed = look.drive.speed * (1.0 if own else float(rng.uniform(0.9, 1.4)))
        lanes.append(Lane(index, -y, speed, float(rng.uniform(16, 28)), look.traffic, 7.0, own=own))
        speed = -float(rng.uniform(5, 12)) / look.fps
        lanes.append(Lane(2 + index, y, speed, float(rng.uniform(14, 28)), look.traffic, 7.0))
    for index in range(4):
        side, direction = look.sides[index % 2], 1 - 2 * (index // 2)
        y = side.sign * (side.kerb + 1.5 + (side.lawn - side.kerb - 1.9) * (0.25 + 0.75 * (index // 2)))
        speed = direction * float(rng.uniform(0.9, 1.6)) / look.fps
        lanes.append(Lane(4 + index, y, speed, float(rng.uniform(4.5, 8)), look.walkers, 3.0, people=True))
    return lanes


def _add_parked(builder: GeometryBuilder, look: Look, side: Side, chunk: int) -> None:
    if not side.parking:
        return
    rng = stream(look.seed, 15 + side.sign, chunk)
    places = int(CHUNK // _PARKING_PITCH)
    for place in range(places):
        if rng.random() < side.parked:
            x = chunk * CHUNK + (place + 0.5) * CHUNK / places + rng.uniform(-0.5, 0.5)
            y = side.sign * (side.kerb - side.parking / 2 + rng.uniform(-0.12, 0.05))
            number = (chunk * places + place) * 16 + 13 + side.sign
            add_car(builder, rng, float(x), float(y), -side.sign, number)
