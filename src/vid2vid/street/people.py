"""One pedestrian, whose arms and legs swing as he walks."""

import numpy as np

from vid2vid.street.classes import PERSON, instance_id
from vid2vid.street.ground import KERB_HEIGHT
from vid2vid.street.look import hsv
from vid2vid.street.model import Builder, Paint


def add_person(builder: Builder, rng: np.random.Generator, x: float, y: float, fps: float, number: int) -> None:
    """Add a pedestrian on a sidewalk.

    Args:
        builder: Where to; its velocity decides how fast the legs go.
        rng: Draws size and colours.
        x: Place at frame 0, metres.
        y: Place, metres.
        fps: Frames a second.
        number: For the instance id.
    """
    instance = instance_id(PERSON, number)

    def paint(colour: tuple[float, float, float]) -> Paint:
        return Paint(PERSON, colour, instance=instance)

    size, girth = float(rng.uniform(0.88, 1.06)), float(rng.uniform(0.9, 1.25))
    tone = rng.random()
    skin = paint((0.90 - 0.5 * tone, 0.70 - 0.45 * tone, 0.56 - 0.40 * tone))
    hair = paint(hsv(rng.uniform(0.04, 0.11), rng.uniform(0.2, 0.7), rng.choice([0.1, 0.2, 0.35, 0.7])))
    shirt = paint(hsv(rng.random(), rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.9)))
    trousers = paint(hsv(rng.choice([0.6, 0.62, 0.08]), rng.uniform(0.1, 0.6), rng.uniform(0.12, 0.5)))
    shape = Figure(builder, (x, y), size, girth, float(rng.uniform(0, 2 * np.pi)), 9.0 / fps)
    shape.part(1.16, (0.14, 0.20, 0.34), shirt)
    shape.part(0.93, (0.13, 0.17, 0.16), trousers)
    shape.part(1.60, (0.10, 0.085, 0.13), skin)
    shape.part(1.66, (0.115, 0.10, 0.10), hair, -0.03 * np.sign(builder.velocity))
    for side in (-1, 1):
        shape.limb(side * 0.09, 0.46, (0.085, 0.08, 0.46), 0.45, trousers, side)
        shape.limb(side * 0.23, 1.14, (0.06, 0.055, 0.31), 0.28, shirt, -side)


class Figure:
    """Adds the parts of one body.

    Args:
        builder: Where to.
        at: Place x, y.
        size: Scale of the body.
        girth: Scale of its width.
        phase: Of the step at frame 0, radians.
        pace: Angular speed of the step, radians a frame.
    """

    def __init__(
        self, builder: Builder, at: tuple[float, float], size: float, girth: float, phase: float, pace: float
    ) -> None:
        self._builder, self._at, self._size, self._girth = builder, at, size, girth
        self._phase, self._pace = phase, pace

    def part(self, height: float, radii: tuple[float, float, float], paint: Paint, ahead: float = 0.0) -> None:
        """Add a part that does not swing, with its centre at ``height``."""
        x, y = self._at
        self._builder.ellipsoid((x + ahead, y, self._height(height)), self._radii(radii), paint)

    def limb(
        self, across: float, height: float, radii: tuple[float, float, float], swing: float, paint: Paint, side: int
    ) -> None:
        """Add an arm or a leg that swings by ``swing`` radians about its upper end; ``side`` is its direction."""
        x, y = self._at
        joint = radii[2] * self._size * 0.92
        motion = (joint, side * swing, self._pace, self._phase)
        centre = (x, y + across * self._girth, self._height(height))
        self._builder.ellipsoid(centre, self._radii(radii), paint, motion)

    def _height(self, height: float) -> float:
        return KERB_HEIGHT + height * self._size

    def _radii(self, radii: tuple[float, float, float]) -> tuple[float, float, float]:
        return radii[0] * self._girth, radii[1] * self._girth, radii[2] * self._size
