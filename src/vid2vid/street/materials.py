"""Shaders: each returns the unlit colours of the fragments of one material."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vid2vid.street.filters import band, chance, noise, pulse, step
from vid2vid.street.geometry import Floats, Material


@dataclass(frozen=True)
class Surface:
    """Fragments of one material.

    Attributes:
        u: ``(n,)``, first texture coordinate, metres.
        v: ``(n,)``, second texture coordinate, metres.
        du: ``(n,)``, extent of a pixel in u.
        dv: ``(n,)``, extent of a pixel in v.
        side: ``(n,)``, |y| on the unit sphere for ellipsoids; 0 for quads.
        colour: ``(n, 3)``, first colour of the paint.
        trim: ``(n, 3)``, second colour of the paint.
        params: ``(8, n)``, parameters of the paint.
    """

    u: Floats
    v: Floats
    du: Floats
    dv: Floats
    side: Floats
    colour: Floats
    trim: Floats
    params: Floats

    @property
    def footprint(self) -> Floats:
        """Larger extent of a pixel, metres."""
        return np.maximum(self.du, self.dv)

    def noise(self, wavelength: float) -> Floats:
        """Return noise ``(n,)`` of this wavelength in metres."""
        return noise(self.u, self.v, wavelength, self.footprint)


Shader = Callable[[Surface], Floats]


def _mix(first: Floats | float, second: Floats | float, share: Floats) -> Floats:
    """Return ``first`` where the share is 0 and ``second`` where it is 1."""
    result: Floats = first + (second - first) * share[:, None]
    return result


def _tint(colour: Floats, brightness: Floats) -> Floats:
    result: Floats = colour * brightness[:, None]
    return result


def _plain(s: Surface) -> Floats:
    return s.colour


def _rough(s: Surface) -> Floats:
    """Return the colour of plaster, stone or bark; params: strength of the roughness."""
    return _tint(s.colour, 1 + s.params[0] * (s.noise(0.9) + s.noise(0.25)))


def _asphalt(s: Surface) -> Floats:
    """Return the colour of the road, with u along it and v across; trim: the lines.

    Params: v of the middle line, width of a lane, lanes in each direction, 1 if the middle line is dashed, v of the
    lines at the right and left edge, u of a zebra crossing (negative: none), opacity of the lines.
    """
    middle, lane, lanes, dashed, right, left = s.params[:6]
    dash = pulse(s.u / np.float32(6), s.du / np.float32(6), 0.0, 0.5)
    across = s.v - middle
    line = _line(across, s.dv) * np.where(dashed > 0, dash, np.float32(1))
    line += (_line(across - lane, s.dv) + _line(across + lane, s.dv)) * dash * (lanes > 1)
    line += _line(s.v - right, s.dv) + _line(s.v - left, s.dv)
    grain = 1 + 0.10 * s.noise(5.0) + 0.07 * s.noise(0.8) + 0.05 * s.noise(0.15)
    worn = s.params[7] * (0.93 + 0.12 * s.noise(0.4))
    zebra = s.params[6]
    crossing = band(s.u, s.du, zebra, zebra + 3.2) * (zebra >= 0)
    painted = line * (1 - crossing) + pulse(s.v, s.dv, 0.0, 0.5) * crossing
    return _mix(_tint(s.colour, grain), s.trim, np.minimum(painted, 1) * worn)


def _line(distance: Floats, extent: Floats) -> Floats:
    return band(distance, extent, -0.065, 0.065)


def _paving(s: Surface) -> Floats:
    """Return the colour of slabs; params: their size in metres, darkness of the joints."""
    size, depth = s.params[:2]
    u, v, du, dv = s.u / size, s.v / size, s.du / size, s.dv / size
    joint = 1 - pulse(u, du, 0.04, 1.0) * pulse(v, dv, 0.04, 1.0)
    tone = (chance(np.floor(u), np.floor(v)) - 0.5) * _sharp(du, dv) * 0.10
    return _tint(s.colour, 1 + tone + 0.06 * s.noise(2.3) - depth * joint)


def _sharp(du: Floats, dv: Floats) -> Floats:
    """Return 1 where a pixel covers less than half a cell, falling to 0 where it covers a whole cell."""
    share: Floats = np.clip(2 - 2 * np.maximum(du, dv), 0, 1)
    return share


def _grass(s: Surface) -> Floats:
    """Return the colour of a lawn, which turns to the trim in patches."""
    patch = np.clip(0.4 + 0.5 * s.noise(3.1) + 0.35 * s.noise(0.7), 0, 1)
    return _tint(_mix(s.colour, s.trim, patch), 1 + 0.16 * s.noise(0.2))


def _foliage(s: Surface) -> Floats:
    """Return the colour of leaves, in clumps of light and shade; params: shift of the texture."""
    return _tint(s.colour, 1 + 0.30 * s.noise(0.5) + 0.38 * s.noise(0.2) + 0.2 * s.noise(0.08))


def _facade(s: Surface) -> Floats:
    """Return the colour of a house front; trim: window frames and cornices.

    Params: distance between windows, height of a storey, share of these that a window fills in u and in v, height of
    the ground floor, seed of the windows, 1 for shop windows, roughness.
    """
    pitch_u, pitch_v, wide, high, ground, seed, shop, rough = s.params
    below = s.v < ground
    shop_front = below & (shop > 0)
    # shop windows fill the ground floor, above which the storeys are counted
    pitch_u = np.where(shop_front, pitch_u * 2, pitch_u)
    pitch_v = np.where(below, ground, pitch_v)
    wide, high = np.where(shop_front, np.float32(0.86), wide), np.where(shop_front, np.float32(0.72), high)
    u, du = s.u / pitch_u, s.du / pitch_u
    v, dv = np.where(below, s.v, s.v - ground) / pitch_v, s.dv / pitch_v
    frame = _opening(u, du, wide, 0.5, 0 * wide) * _opening(v, dv, high, 0.55, 0 * high)
    # each window has two panes, with bars around and between them
    bar = 0.08 / pitch_u
    panes = pulse(u, du, (1 - wide) / 2 + bar, 0.5 - bar / 2) + pulse(u, du, 0.5 + bar / 2, (1 + wide) / 2 - bar)
    glass = panes * _opening(v, dv, high, 0.55, 0.07 / pitch_v)
    pane = _windows(np.floor(u), np.floor(v), v - np.floor(v), seed, _sharp(du, dv))
    wall = _tint(s.colour, 1 + rough * (s.noise(1.7) + 0.7 * s.noise(0.35)))
    wall = _tint(wall, 1 - 0.22 * band(s.v, s.dv, -1, 0.5))
    wall = _mix(wall, s.trim, band(s.v - ground, s.dv, -0.16, 0.12))
    colour: Floats = _tint(wall, 1 - frame) + _tint(s.trim, frame - glass) + _tint(pane, glass)
    return colour


def _opening(x: Floats, extent: Floats, share: Floats, middle: float, inset: Floats) -> Floats:
    """Return the share of a pixel in openings of period 1 around ``middle``, reduced by ``inset`` on both sides."""
    half = share / 2 - inset
    return pulse(x, extent, np.maximum(middle - half, 0), np.minimum(middle + half, np.float32(0.98)))


_DARK = np.array([0.13, 0.16, 0.20], dtype=np.float32)
_SHINE = np.array([0.46, 0.55, 0.65], dtype=np.float32)
_CURTAIN = np.array([0.80, 0.76, 0.66], dtype=np.float32)
_MEAN_WINDOW = np.array([0.32, 0.36, 0.40], dtype=np.float32)


def _windows(column: Floats, row: Floats, height: Floats, seed: Floats, blur: Floats) -> Floats:
    """Return the colours of windows: dark rooms, reflections of the sky or curtains, or far away their mean."""
    kind = chance(column, row, seed)
    reflection = np.clip(1.3 * chance(row, column, seed) * (1.25 - height), 0, 1)
    pane = _mix(_DARK, _SHINE, reflection)
    pane = _mix(pane, _CURTAIN, (0.75 * (kind > 0.8)).astype(np.float32))
    return _mix(_MEAN_WINDOW, pane, blur)


def _car_side(s: Surface) -> Floats:
    """Return the colour of the side of a car's body.

    Params: u of the axles (2), radius of the arches, v of the wheels' centres, u of the ends of the doors (2), height.
    """
    first, second, radius, middle, door_first, door_last, height = s.params[:7]
    shade = 0.8 * (1 - step(s.v, s.dv, 0.14))
    for axle in (first, second):
        shade += 1 - step(np.hypot(s.u - axle, s.v - middle), s.footprint, radius)
    for gap in (door_first, (door_first + door_last) / 2, door_last):
        shade += 0.55 * band(s.u - gap, s.du, -0.02, 0.02) * step(s.v, s.dv, 0.14)
    bright = _tint(s.colour, 1 + 0.10 * band(s.v, s.dv, height * 0.72, height * 0.82))
    return _mix(bright, s.colour * 0.08 + 0.03, np.minimum(shade, 1))


def _car_end(s: Surface) -> Floats:
    """Return the colour of the front or rear of a car's body; trim: lights; params: width, height, 1 at the front."""
    width, height, front = s.params[:3]
    from_side = np.minimum(s.u, width - s.u)
    light = band(from_side, s.du, 0.04, 0.36) * band(s.v, s.dv, height * 0.55, height * 0.86)
    bumper = band(s.v, s.dv, -1, height * 0.22)
    grille = band(from_side, s.du, 0.42, 9) * band(s.v, s.dv, height * 0.45, height * 0.70) * front
    plate = band(np.abs(s.u - width / 2), s.du, -1, 0.26) * band(s.v, s.dv, height * 0.26, height * 0.42)
    colour = _mix(s.colour, 0.06, np.minimum(bumper + 0.85 * grille, 1))
    return _mix(_mix(colour, 0.82, plate), s.trim, light)


def _car_cabin(s: Surface) -> Floats:
    """Return the colour of a side of a cabin: glass (trim) in frames of the body's colour.

    Params: length at the bottom, u of the upper corners (2), height along the slope, u of a pillar (negative: none),
    v of the lower edge of the glass.
    """
    length, upper_first, upper_last, height, pillar, sill = s.params[:6]
    slope = s.v / height
    edge = np.minimum(s.u - upper_first * slope, length + (upper_last - length) * slope - s.u)
    glass = step(edge, s.du, 0.07) * band(s.v, s.dv, sill, height - np.float32(0.07))
    glass *= 1 - band(s.u - pillar, s.du, -0.05, 0.05) * (pillar > 0)
    return _mix(s.colour, _tint(s.trim, 0.75 + 0.6 * slope), glass)


def _wheel(s: Surface) -> Floats:
    """Return the colour of a tyre with a hub (trim) on its sides."""
    return _mix(s.colour, s.trim, np.clip((s.side - 0.84) * 12, 0, 1))


SHADERS: dict[Material, Shader] = {
    Material.PLAIN: _plain,
    Material.ROUGH: _rough,
    Material.ASPHALT: _asphalt,
    Material.PAVING: _paving,
    Material.GRASS: _grass,
    Material.FOLIAGE: _foliage,
    Material.FACADE: _facade,
    Material.CAR_SIDE: _car_side,
    Material.CAR_END: _car_end,
    Material.CAR_CABIN: _car_cabin,
    Material.WHEEL: _wheel,
}
"""Material → shader, which returns the colours ``(n, 3)`` of fragments."""
