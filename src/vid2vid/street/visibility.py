"""Who is seen where: an A-buffer in plain numpy.

A pixel has nine sample points: its centre, which decides label, instance and depth, and eight others, one in each
eighth of its width and height, which share the colour. Pixels that a surface covers wholly are settled by one
comparison; only where an outline passes are all samples tested. Things thinner than a pixel are not lost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.street.fragments import Fragments, ellipsoid_fragments, quad_fragments
from vid2vid.street.model import Bools, Floats, Ints
from vid2vid.street.scene import Scene

Keys = NDArray[np.int64]

# sixteenths of a pixel; the last sample is the centre
_X = np.array([1, -1, 5, -3, -5, -7, 3, 7, 0], dtype=np.float32) / 16
_Y = np.array([-3, 3, 1, -5, 5, -1, 7, -7, 0], dtype=np.float32) / 16
SAMPLES = 8
_TOLERANCE = np.float32(-1e-3)  # pixels: neighbours that share an edge leave no crack


@dataclass(frozen=True)
class Visibility:
    """What is seen in a frame.

    Attributes:
        owner: ``(H * W,)`` number of the surface at each pixel's centre.
        pixel: ``(n,)`` the pixel,
        surface: ``(n,)`` the surface,
        x: ``(n,)`` and
        y: ``(n,)`` the mean of the sample points that it won, and
        weight: ``(n,)`` their share, for each surface seen in each pixel; the shares of a pixel sum to 1.
    """

    owner: Ints
    pixel: Ints
    surface: Ints
    x: Floats
    y: Floats
    weight: Floats


def resolve(scene: Scene) -> Visibility:
    """Find what is seen in a scene."""
    height, width = scene.size
    inner, rim = _fragments(scene)
    nearest = np.zeros(height * width, dtype=np.int64)
    keys = _keys(scene.inverse_depth(inner.surface, inner.x, inner.y), inner.surface)
    np.maximum.at(nearest, inner.y * width + inner.x, keys)
    rim = rim.take(_may_show(scene, rim, nearest))
    return _share(scene, rim, nearest)


def _fragments(scene: Scene) -> tuple[Fragments, Fragments]:
    inner, rim = quad_fragments(scene.quads, 1)
    round_inner, round_rim = ellipsoid_fragments(scene.ellipsoids, scene.first_ellipsoid)
    return Fragments.join(inner, round_inner), Fragments.join(rim, round_rim)


def _keys(inverse_depth: Floats, surface: Ints) -> Keys:
    """Return integers that sort by 1 / z (the bits of a positive float do), then by the surface's number."""
    return (inverse_depth.view(np.int32).astype(np.int64) << 32) | surface


def _surface(keys: Keys) -> Ints:
    return keys & 0xFFFFFFFF


def _inverse_depth(keys: Keys) -> Floats:
    return (keys >> 32).astype(np.int32).view(np.float32)


def _may_show(scene: Scene, rim: Fragments, nearest: Keys) -> Ints:
    """Return the fragments that are somewhere in the pixel in front of what covers it wholly."""
    behind = nearest[rim.y * scene.size[1] + rim.x]
    front = scene.inverse_depth(rim.surface, rim.x, rim.y) + scene.slack[rim.surface]
    return np.flatnonzero(front >= _inverse_depth(behind) - scene.slack[_surface(behind)])


def _share(scene: Scene, rim: Fragments, nearest: Keys) -> Visibility:
    """Test all samples of the pixels with an outline in them."""
    width = scene.size[1]
    pixel = rim.y * width + rim.x
    mixed = np.zeros(len(nearest), dtype=np.bool_)
    mixed[pixel] = True
    plain, mixed_pixel = np.flatnonzero(~mixed), np.flatnonzero(mixed)
    slot = np.zeros(len(nearest), dtype=np.intp)
    slot[mixed_pixel] = np.arange(len(mixed_pixel))
    base = Fragments(_surface(nearest[mixed_pixel]), mixed_pixel % width, mixed_pixel // width)
    base_keys, rim_keys = _sample_keys(scene, base), _sample_keys(scene, rim)
    inside = _inside(scene, rim)
    best = base_keys.copy()
    fragment, sample = np.nonzero(inside)
    np.maximum.at(best.reshape(-1), slot[pixel[fragment]] * len(_X) + sample, rim_keys[fragment, sample])
    owner = _surface(nearest)
    owner[mixed_pixel] = _surface(best[:, SAMPLES])
    won = inside & (rim_keys == best[slot[pixel]])
    parts = [_whole(plain, owner, width), _won(base, base_keys == best, width), _won(rim, won, width)]
    columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Visibility(owner, *columns)


def _sample_keys(scene: Scene, at: Fragments) -> Keys:
    x = at.x.astype(np.float32)[:, None] + _X
    y = at.y.astype(np.float32)[:, None] + _Y
    return _keys(scene.inverse_depth(at.surface, x, y), at.surface[:, None])


def _inside(scene: Scene, rim: Fragments) -> Bools:
    """Return which samples ``(n, 9)`` lie inside the outline of their surface."""
    inside = np.empty((len(rim), len(_X)), dtype=np.bool_)
    flat = rim.surface < scene.first_ellipsoid
    for chosen, test in ((np.flatnonzero(flat), _inside_quad), (np.flatnonzero(~flat), _inside_ellipsoid)):
        inside[chosen] = test(scene, rim.take(chosen))
    return inside


def _inside_quad(scene: Scene, rim: Fragments) -> Bools:
    inside = np.ones((len(rim), len(_X)), dtype=np.bool_)
    edges = scene.quads.edges[rim.surface - 1]
    for edge in range(4):
        along, down, one = edges[:, edge].T
        centre = along * rim.x.astype(np.float32) + down * rim.y.astype(np.float32) + one
        inside &= along[:, None] * _X + down[:, None] * _Y + centre[:, None] >= _TOLERANCE
    return inside


def _inside_ellipsoid(scene: Scene, rim: Fragments) -> Bools:
    number = rim.surface - scene.first_ellipsoid
    xx, xy, yy = scene.ellipsoids.gauge[number].T[..., None]
    x = (rim.x.astype(np.float32) - scene.ellipsoids.centre[number, 0])[:, None] + _X
    y = (rim.y.astype(np.float32) - scene.ellipsoids.centre[number, 1])[:, None] + _Y
    inside: Bools = (xx * x + 2 * xy * y) * x + yy * y * y <= 1
    return inside


Part = tuple[Ints, Ints, Floats, Floats, Floats]


def _whole(pixel: Ints, owner: Ints, width: int) -> Part:
    x, y = (pixel % width).astype(np.float32), (pixel // width).astype(np.float32)
    return pixel, owner[pixel], x, y, np.ones(len(pixel), dtype=np.float32)


def _won(at: Fragments, won: Bools, width: int) -> Part:
    """Return the fragments that won samples, at the mean of these: a convex surface is really there."""
    colour = won[:, :SAMPLES]
    count = colour.sum(axis=1)
    shown = np.flatnonzero(count)
    share, count32 = colour[shown].astype(np.float32), count[shown].astype(np.float32)
    x = at.x[shown] + (share @ _X[:SAMPLES]) / count32
    y = at.y[shown] + (share @ _Y[:SAMPLES]) / count32
    pixel = at.y[shown] * width + at.x[shown]
    return pixel, at.surface[shown], x.astype(np.float32), y.astype(np.float32), count32 / SAMPLES
