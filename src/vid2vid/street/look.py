"""The random properties of a street, drawn from its seed: layout, light and camera."""

import colorsys

import numpy as np

_ORIGIN = 1 << 20  # since numpy's seeds must not be negative, but chunk numbers may be


def stream(seed: int, purpose: int, index: int = 0) -> np.random.Generator:
    """Return the random number generator of one part of a street, independent of those of all other parts.

    Args:
        seed: Seed of the street, >= 0.
        purpose: Number of the kind of part.
        index: Number of the part along the street, which may be negative.
    """
    return np.random.default_rng((seed, purpose, index + _ORIGIN))


def hsv(hue: float, saturation: float, value: float) -> tuple[float, float, float]:
    """Return the RGB colour 0..1 of a hue (any real, period 1), a saturation and a value 0..1."""
    return colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))


class Side:
    """One side of the street; distances are from the middle of the road, metres.

    Args:
        rng: Draws the side.
        sign: 1 on the left, -1 on the right.
        lanes: Total width of the lanes of one direction.

    Attributes:
        sign: 1 on the left, -1 on the right.
        parking: Width of the parking strip; 0: there is none.
        kerb: Distance at which the road ends and the sidewalk begins.
        lawn: Distance at which the sidewalk ends and the lawn begins.
        front: Distance of the houses.
        parked: Share of parking places that are taken.
    """

    def __init__(self, rng: np.random.Generator, sign: int, lanes: float) -> None:
        self.sign = sign
        self.parking = float(rng.choice([0.0, 2.2], p=[0.35, 0.65]))
        self.kerb = lanes + max(self.parking, 0.4)
        self.lawn = self.kerb + float(rng.uniform(2.2, 4.5))
        self.front = self.lawn + float(rng.choice([0.0, 1.0, 3.0, 5.0])) * float(rng.uniform(0.8, 1.2))
        self.parked = float(rng.uniform(0.3, 0.9))


class Light:
    """Sun, sky and air.

    Args:
        rng: Draws the light.

    Attributes:
        sun: ``(3,)`` unit vector towards the sun.
        sunlight: ``(3,)`` RGB of the light from the sun.
        skylight: ``(3,)`` RGB of the light from the sky.
        zenith: ``(3,)`` RGB of the sky at the zenith.
        horizon: ``(3,)`` RGB of the sky at the horizon, and of the haze.
        haze: Distance at which two thirds of the light are lost, metres.
        clouds: Share of the sky that is covered by clouds, 0..1.
        shadow: Strength of the shadows on the ground, 0..1.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        elevation, azimuth = rng.uniform(0.5, 1.05), rng.uniform(0, 2 * np.pi)
        sun = [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)]
        warmth, overcast = rng.uniform(-0.03, 0.10), rng.random() ** 2
        brightness = rng.uniform(0.9, 1.08)
        white = np.array([1 + warmth, 1.0, 1 - warmth]) * brightness
        clear = np.array(hsv(rng.uniform(0.56, 0.61), rng.uniform(0.45, 0.7), rng.uniform(0.75, 0.95)))
        grey = np.full(3, rng.uniform(0.62, 0.8))
        pale = np.array([0.86, 0.89, 0.93]) + rng.uniform(0, 0.06) * np.array([1.0, 0.4, -0.5])
        self.sun = np.array(sun, dtype=np.float32)
        self.sunlight = ((0.74 - 0.6 * overcast) * white).astype(np.float32)
        self.skylight = ((0.56 + 0.34 * overcast) * np.array([0.95, 0.99, 1.06]) * brightness).astype(np.float32)
        self.zenith = ((1 - overcast) * clear + overcast * grey).astype(np.float32)
        self.horizon = (pale * brightness).clip(0, 1).astype(np.float32)
        self.haze = float(rng.uniform(110, 260))
        self.clouds = float(rng.uniform(0.0, 0.9))
        self.shadow = float(0.55 * (1 - 0.8 * overcast))


class Drive:
    """How the camera moves; lengths in metres, times in frames, angles in radians.

    Args:
        rng: Draws the drive.
        lateral: Distance of the middle of the camera's lane from the middle of the road, to the right.
        fps: Frames a second.

    Attributes:
        start: Its x at frame 0.
        speed: Metres per frame.
        lateral: The y of the middle of its lane.
        height: Height above the road.
        focal: Focal length, in widths of the picture.
        horizon: Distance of the principal point from the upper edge, in heights of the picture.
        sway: Amplitudes of the motion along, across and up, of yaw and of pitch.
        rate: Angular frequencies of these five, radians per frame.
        phase: Phases of these five.
    """

    def __init__(self, rng: np.random.Generator, lateral: float, fps: float) -> None:
        self.sway = np.array([0.8, 0.22, 0.012, 0.022, 0.003]) * rng.uniform(0.4, 1.0, 5)
        self.start, self.speed = 0.0, float(rng.uniform(4.0, 11.0)) / fps
        self.lateral = -lateral
        self.height = float(rng.uniform(1.35, 1.9))
        self.focal = float(rng.uniform(0.66, 0.86))
        self.horizon = float(rng.uniform(0.44, 0.52))
        self.rate = np.array([0.25, 0.4, 4.0, 0.5, 3.1]) * rng.uniform(0.7, 1.3, 5) / fps
        self.phase = rng.uniform(0, 2 * np.pi, 5)


class Look:
    """The properties that hold for a whole street, drawn from a seed.

    Args:
        seed: The seed.
        fps: Frames a second.
        crossings: Whether the street has crossings, which the camera approaches slowly.

    Attributes:
        seed: The seed.
        fps: Frames a second.
        crossings: Whether it has crossings.
        lanes: Number of lanes in each direction.
        lane_width: Width of a lane, metres.
        dashed: Whether the middle line is dashed.
        right: The side with negative y.
        left: The side with positive y.
        sides: Both sides, the right one first.
        storeys: Smallest and largest number of storeys of a house.
        gap: Probability of a gap between two houses.
        shops: Probability that a house has a shop.
        old: Age of the houses, 0..1, from concrete and large windows to plaster, bricks and small windows.
        trees: Probability of a tree at each place for one.
        tree_size: Scale of the trees.
        leaf_hue: Mean hue of the leaves.
        lamps: Distance between lamps, metres.
        traffic: Share of places in moving traffic that are taken.
        walkers: Share of pedestrians' places that are taken.
        asphalt: Brightness of the road.
        light: Sun, sky and air.
        drive: How the camera moves.
    """

    def __init__(self, seed: int, fps: float, crossings: bool = False) -> None:
        rng = stream(seed, 0)
        self.seed, self.fps, self.crossings = seed, fps, crossings
        self.lanes, self.lane_width = (2 if rng.random() < 0.3 else 1), float(rng.uniform(3.0, 3.7))
        low = int(rng.choice([1, 2, 3, 5], p=[0.2, 0.4, 0.3, 0.1]))
        road = self.lanes * self.lane_width
        self.dashed = bool(rng.random() < 0.6)
        self.right, self.left = self.sides = Side(rng, -1, road), Side(rng, 1, road)
        self.storeys = low, low + int(rng.integers(1, 4))
        self.gap = float(rng.uniform(0.05, 0.45))
        self.shops = float(rng.uniform(0.0, 0.7))
        self.old = float(rng.random())
        self.trees = float(rng.uniform(0.15, 0.85))
        self.tree_size = float(rng.uniform(0.75, 1.25))
        self.leaf_hue = float(rng.choice([0.27, 0.22, 0.12], p=[0.6, 0.25, 0.15]))
        self.lamps = float(rng.uniform(20, 36))
        self.traffic = float(rng.uniform(0.3, 0.9))
        self.walkers = float(rng.uniform(0.15, 0.7))
        self.asphalt = float(rng.uniform(0.27, 0.42))
        self.light = Light(rng)
        self.drive = Drive(rng, road - self.lane_width / 2, fps)
        if crossings:
            self.drive.start, self.drive.speed = float(rng.uniform(5, 10)), self.drive.speed / 4
