"""The random properties of one street: layout, light and camera, drawn from the seed."""

import colorsys
from dataclasses import dataclass

import numpy as np

from vid2vid.street.geometry import Doubles, Floats

_ORIGIN = 1 << 20  # seeds must not be negative, chunk numbers may be


def stream(seed: int, purpose: int, index: int = 0) -> np.random.Generator:
    """Return the random number generator of one part of a street, independent of those of all other parts.

    Args:
        seed: Seed of the street, >= 0.
        purpose: Number of the kind of part.
        index: Number of the part along the street; may be negative.
    """
    return np.random.default_rng((seed, purpose, index + _ORIGIN))


def hsv(hue: float, saturation: float, value: float) -> tuple[float, float, float]:
    """Return the RGB colour 0..1 of a hue (any real, period 1), a saturation and a value 0..1."""
    return colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))


@dataclass(frozen=True)
class Side:
    """One side of the street; distances are from the middle of the road, metres.

    Attributes:
        sign: 1 on the left, -1 on the right.
        parking: Width of the parking strip; 0 where there is none.
        kerb: Where the road ends and the sidewalk begins.
        lawn: Where the sidewalk ends and the lawn begins.
        front: Where the houses stand.
        parked: Share of the parking places that are taken.
    """

    sign: int
    parking: float
    kerb: float
    lawn: float
    front: float
    parked: float

    @classmethod
    def draw(cls, rng: np.random.Generator, sign: int, lanes: float) -> "Side":
        """Draw a side of a road whose lanes in each direction are together ``lanes`` metres wide."""
        parking = float(rng.choice([0.0, 2.2], p=[0.35, 0.65]))
        kerb = lanes + max(parking, 0.4)
        lawn = kerb + float(rng.uniform(2.2, 4.5))
        front = lawn + float(rng.choice([0.0, 1.0, 3.0, 5.0])) * float(rng.uniform(0.8, 1.2))
        return cls(sign, parking, kerb, lawn, front, float(rng.uniform(0.3, 0.9)))


@dataclass(frozen=True)
class Light:
    """Sun, sky and air.

    Attributes:
        sun: ``(3,)`` unit vector towards the sun.
        sunlight: ``(3,)`` RGB of the sun's light.
        skylight: ``(3,)`` RGB of the sky's light.
        zenith: ``(3,)`` RGB of the sky above.
        horizon: ``(3,)`` RGB of the sky low down, and of the haze.
        haze: Distance at which two thirds of the light are lost, metres.
        clouds: Share of the sky under clouds, 0..1.
        shadow: Strength of the shadows on the ground, 0..1.
    """

    sun: Floats
    sunlight: Floats
    skylight: Floats
    zenith: Floats
    horizon: Floats
    haze: float
    clouds: float
    shadow: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Light":
        """Draw the light of a street."""
        elevation, azimuth = rng.uniform(0.5, 1.05), rng.uniform(0, 2 * np.pi)
        sun = [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)]
        warmth, overcast = rng.uniform(-0.03, 0.10), rng.random() ** 2
        brightness = rng.uniform(0.9, 1.08)
        white = np.array([1 + warmth, 1.0, 1 - warmth]) * brightness
        clear = np.array(hsv(rng.uniform(0.56, 0.61), rng.uniform(0.45, 0.7), rng.uniform(0.75, 0.95)))
        grey = np.full(3, rng.uniform(0.62, 0.8))
        pale = np.array([0.86, 0.89, 0.93]) + rng.uniform(0, 0.06) * np.array([1.0, 0.4, -0.5])
        return cls(
            sun=np.array(sun, dtype=np.float32),
            sunlight=((0.74 - 0.6 * overcast) * white).astype(np.float32),
            skylight=((0.56 + 0.34 * overcast) * np.array([0.95, 0.99, 1.06]) * brightness).astype(np.float32),
            zenith=((1 - overcast) * clear + overcast * grey).astype(np.float32),
            horizon=(pale * brightness).clip(0, 1).astype(np.float32),
            haze=float(rng.uniform(110, 260)),
            clouds=float(rng.uniform(0.0, 0.9)),
            shadow=float(0.55 * (1 - 0.8 * overcast)),
        )


@dataclass(frozen=True)
class Drive:
    """How the camera moves; lengths in metres, times in frames, angles in radians.

    Attributes:
        speed: Metres a frame.
        lateral: Middle of its lane, y.
        height: Height above the road.
        focal: Focal length in widths of the picture.
        horizon: Height of the principal point in heights of the picture, from above.
        sway: Amplitudes of the motion along, across and up, of yaw and of pitch.
        rate: Angular speeds of the five, radians a frame.
        phase: Phases of the five.
    """

    speed: float
    lateral: float
    height: float
    focal: float
    horizon: float
    sway: Doubles
    rate: Doubles
    phase: Doubles

    @classmethod
    def draw(cls, rng: np.random.Generator, lateral: float, fps: float) -> "Drive":
        """Draw a drive in a lane ``lateral`` metres to the right of the middle of the road."""
        sway = np.array([0.8, 0.22, 0.012, 0.022, 0.003]) * rng.uniform(0.4, 1.0, 5)
        return cls(
            speed=float(rng.uniform(4.0, 11.0)) / fps,
            lateral=-lateral,
            height=float(rng.uniform(1.35, 1.9)),
            focal=float(rng.uniform(0.66, 0.86)),
            horizon=float(rng.uniform(0.44, 0.52)),
            sway=sway,
            rate=np.array([0.25, 0.4, 4.0, 0.5, 3.1]) * rng.uniform(0.7, 1.3, 5) / fps,
            phase=rng.uniform(0, 2 * np.pi, 5),
        )


@dataclass(frozen=True)
class Look:
    """The properties that hold for a whole street.

    Attributes:
        seed: The seed.
        fps: Frames a second; speeds below are in metres a frame.
        lanes: Lanes of each direction.
        lane_width: Metres.
        dashed: Whether the line in the middle is dashed.
        right: The side with negative y.
        left: The side with positive y.
        storeys: Least and greatest number of storeys of a house.
        gap: Chance of a gap between two houses.
        shops: Chance of a house having a shop.
        old: 0..1: from concrete and large windows to plaster, bricks and small ones.
        trees: Chance of a tree at each of its places.
        tree_size: Scale of the trees.
        leaf_hue: Mean hue of the leaves.
        lamps: Distance of two lamps, metres.
        traffic: Share of the places in moving traffic that are taken.
        walkers: The same of the pedestrians.
        asphalt: Brightness of the road.
        light: Sun, sky and air.
        drive: How the camera moves.
    """

    seed: int
    fps: float
    lanes: int
    lane_width: float
    dashed: bool
    right: Side
    left: Side
    storeys: tuple[int, int]
    gap: float
    shops: float
    old: float
    trees: float
    tree_size: float
    leaf_hue: float
    lamps: float
    traffic: float
    walkers: float
    asphalt: float
    light: Light
    drive: Drive

    @property
    def sides(self) -> tuple[Side, Side]:
        """The right and the left side."""
        return self.right, self.left


def draw_look(seed: int, fps: float) -> Look:
    """Draw the properties of the street with this seed."""
    rng = stream(seed, 0)
    lanes, lane_width = (2 if rng.random() < 0.3 else 1), float(rng.uniform(3.0, 3.7))
    low = int(rng.choice([1, 2, 3, 5], p=[0.2, 0.4, 0.3, 0.1]))
    return Look(
        seed=seed,
        fps=fps,
        lanes=lanes,
        lane_width=lane_width,
        dashed=bool(rng.random() < 0.6),
        right=Side.draw(rng, -1, lanes * lane_width),
        left=Side.draw(rng, 1, lanes * lane_width),
        storeys=(low, low + int(rng.integers(1, 4))),
        gap=float(rng.uniform(0.05, 0.45)),
        shops=float(rng.uniform(0.0, 0.7)),
        old=float(rng.random()),
        trees=float(rng.uniform(0.15, 0.85)),
        tree_size=float(rng.uniform(0.75, 1.25)),
        leaf_hue=float(rng.choice([0.27, 0.22, 0.12], p=[0.6, 0.25, 0.15])),
        lamps=float(rng.uniform(20, 36)),
        traffic=float(rng.uniform(0.3, 0.9)),
        walkers=float(rng.uniform(0.15, 0.7)),
        asphalt=float(rng.uniform(0.27, 0.42)),
        light=Light.draw(rng),
        drive=Drive.draw(rng, lanes * lane_width - lane_width / 2, fps),
    )
