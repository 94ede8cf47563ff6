"""Visible surfaces: an A-buffer in plain numpy.

Each outline is converted to spans in rows, which are expanded without loops into the pixels that it covers wholly and
those that it may cover in part. A pixel has nine sample points: its centre, which determines label, instance and depth,
and eight others, one in each eighth of its width and height, which determine the colour. For pixels that a surface
covers wholly one comparison suffices; only along outlines all samples are tested. Surfaces thinner than a pixel are not
lost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.street.geometry import Bools, Floats, Ints
from vid2vid.street.views import REACH, EllipsoidView, QuadView, SceneView

Keys = NDArray[np.int64]

# offsets of the samples in pixels; the last one is the centre
_X = np.array([1, -1, 5, -3, -5, -7, 3, 7, 0], dtype=np.float32) / 16
_Y = np.array([-3, 3, 1, -5, 5, -1, 7, -7, 0], dtype=np.float32) / 16
SAMPLES = 8
_TOLERANCE = np.float32(-1e-3)  # pixels, so that there are no cracks between neighbours that share an edge


@dataclass(frozen=True)
class Visibility:
    """The visible surfaces of a frame.

    Attributes:
        owner: ``(H * W,)``, number of the surface at each pixel's centre.
        pixel: ``(n,)``, the pixel of each fragment, a pair of a pixel and a surface visible in it.
        surface: ``(n,)``, the surface of each fragment.
        x: ``(n,)``, mean column of the samples at which the surface is nearest.
        y: ``(n,)``, mean row of these samples.
        weight: ``(n,)``, their share of the pixel's samples; the shares of a pixel sum to 1.
    """

    owner: Ints
    pixel: Ints
    surface: Ints
    x: Floats
    y: Floats
    weight: Floats


@dataclass(frozen=True)
class Fragments:
    """Pairs of a pixel and a surface.

    Attributes:
        surface: ``(n,)``, number of the surface.
        x: ``(n,)``, column.
        y: ``(n,)``, row.
    """

    surface: Ints
    x: Ints
    y: Ints

    def __len__(self) -> int:
        return len(self.surface)

    def take(self, which: Ints) -> "Fragments":
        """Return the pairs with these indices."""
        return Fragments(self.surface[which], self.x[which], self.y[which])

    @classmethod
    def join(cls, first: "Fragments", second: "Fragments") -> "Fragments":
        """Return the pairs of both."""
        pairs = zip((first.surface, first.x, first.y), (second.surface, second.x, second.y), strict=True)
        return cls(*map(np.concatenate, pairs))


def resolve(scene: SceneView) -> Visibility:
    """Find the visible surfaces of a scene."""
    height, width = scene.size
    quads, quad_rims = quad_fragments(scene.quads, 1)
    ellipsoids, ellipsoid_rims = ellipsoid_fragments(scene.ellipsoids, scene.first_ellipsoid)
    inner, rim = Fragments.join(quads, ellipsoids), Fragments.join(quad_rims, ellipsoid_rims)
    nearest = np.zeros(height * width, dtype=np.int64)
    keys = _keys(scene.inverse_depth(inner.surface, inner.x, inner.y), inner.surface)
    np.maximum.at(nearest, inner.y * width + inner.x, keys)
    # keep fragments that are anywhere in their pixel in front of the surface that covers it wholly
    behind = nearest[rim.y * width + rim.x]
    front = scene.inverse_depth(rim.surface, rim.x, rim.y) + scene.slack[rim.surface]
    covering = (behind >> 32).astype(np.int32).view(np.float32)
    shown = np.flatnonzero(front >= covering - scene.slack[_surface(behind)])
    return _share(scene, rim.take(shown), nearest)


def _keys(inverse_depth: Floats, surface: Ints) -> Keys:
    """Return integers that sort by 1 / z, as the bits of positive floats do, then by the number of the surface."""
    return (inverse_depth.view(np.int32).astype(np.int64) << 32) | surface


def _surface(keys: Keys) -> Ints:
    return keys & 0xFFFFFFFF


def _share(scene: SceneView, rim: Fragments, nearest: Keys) -> Visibility:
    """Test all samples of the pixels that contain an outline."""
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
    x, y = (plain % width).astype(np.float32), (plain // width).astype(np.float32)
    whole = (plain, owner[plain], x, y, np.ones(len(plain), dtype=np.float32))
    parts = [whole, _won(base, base_keys == best, width), _won(rim, won, width)]
    columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Visibility(owner, *columns)


def _sample_keys(scene: SceneView, at: Fragments) -> Keys:
    x = at.x.astype(np.float32)[:, None] + _X
    y = at.y.astype(np.float32)[:, None] + _Y
    return _keys(scene.inverse_depth(at.surface, x, y), at.surface[:, None])


def _inside(scene: SceneView, rim: Fragments) -> Bools:
    """Return which samples ``(n, 9)`` are inside the outline of their surface."""
    inside = np.empty((len(rim), len(_X)), dtype=np.bool_)
    flat = rim.surface < scene.first_ellipsoid
    for chosen, test in ((np.flatnonzero(flat), _inside_quad), (np.flatnonzero(~flat), _inside_ellipsoid)):
        inside[chosen] = test(scene, rim.take(chosen))
    return inside


def _inside_quad(scene: SceneView, rim: Fragments) -> Bools:
    inside = np.ones((len(rim), len(_X)), dtype=np.bool_)
    edges = scene.quads.edges[rim.surface - 1]
    for edge in range(4):
        along, down, one = edges[:, edge].T
        centre = along * rim.x.astype(np.float32) + down * rim.y.astype(np.float32) + one
        inside &= along[:, None] * _X + down[:, None] * _Y + centre[:, None] >= _TOLERANCE
    return inside


def _inside_ellipsoid(scene: SceneView, rim: Fragments) -> Bools:
    number = rim.surface - scene.first_ellipsoid
    xx, xy, yy = scene.ellipsoids.gauge[number].T[..., None]
    x = (rim.x.astype(np.float32) - scene.ellipsoids.centre[number, 0])[:, None] + _X
    y = (rim.y.astype(np.float32) - scene.ellipsoids.centre[number, 1])[:, None] + _Y
    inside: Bools = (xx * x + 2 * xy * y) * x + yy * y * y <= 1
    return inside


def _won(at: Fragments, won: Bools, width: int) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Return the fragments that are nearest at any sample, at the mean of these, which is on the convex surface."""
    colour = won[:, :SAMPLES]
    count = colour.sum(axis=1)
    shown = np.flatnonzero(count)
    share, count32 = colour[shown].astype(np.float32), count[shown].astype(np.float32)
    x = at.x[shown] + (share @ _X[:SAMPLES]) / count32
    y = at.y[shown] + (share @ _Y[:SAMPLES]) / count32
    pixel = at.y[shown] * width + at.x[shown]
    return pixel, at.surface[shown], x.astype(np.float32), y.astype(np.float32), count32 / SAMPLES


def quad_fragments(view: QuadView, first: int) -> tuple[Fragments, Fragments]:
    """Return the pixels that quads cover with all their samples, and those that they may cover in part.

    Args:
        view: The quads.
        first: Number of the first of them.
    """
    quad, y = _rows(view.bounds)
    left, right = view.bounds[quad, 0], view.bounds[quad, 1]
    reach = REACH * np.abs(view.edges[..., :2]).sum(-1)
    touched = _spans(view.edges, -reach, quad, y, left, right)
    whole = _spans(view.edges, reach, quad, y, left, right)
    empty = whole[0] > whole[1]
    # in a row without wholly covered pixels, the left rim is the whole span and the right rim is empty
    rim_left = np.where(empty, touched[1], whole[0] - 1)
    rim_right = np.where(empty, touched[1] + 1, whole[1] + 1)
    inner = _expand(quad, y, *whole, first)
    rim = Fragments.join(_expand(quad, y, touched[0], rim_left, first), _expand(quad, y, rim_right, touched[1], first))
    return inner, rim


def covered_pixels(view: QuadView) -> Fragments:
    """Return the pixels that quads may cover, wholly or in part, numbered from 0."""
    quad, y = _rows(view.bounds)
    reach = REACH * np.abs(view.edges[..., :2]).sum(-1)
    left, right = _spans(view.edges, -reach, quad, y, view.bounds[quad, 0], view.bounds[quad, 1])
    return _expand(quad, y, left, right, 0)


def ellipsoid_fragments(view: EllipsoidView, first: int) -> tuple[Fragments, Fragments]:
    """Return the pixels that ellipsoids cover with all their samples, and those that they may cover in part."""
    number, y = _rows(view.bounds)
    box = _expand(number, y, view.bounds[number, 0], view.bounds[number, 1], 0)
    distance = outline_distance(view, box)
    reach = REACH * np.float32(np.sqrt(2))
    inner, rim = np.flatnonzero(distance >= reach), np.flatnonzero(np.abs(distance) < reach)
    shifted = Fragments(box.surface + first, box.x, box.y)
    return shifted.take(inner), shifted.take(rim)


def outline_distance(view: EllipsoidView, at: Fragments) -> Floats:
    """Return how far pixels are inside the outline of their ellipsoid, in pixels, approximately; exact for circles."""
    xx, xy, yy = view.gauge[at.surface].T
    x = at.x.astype(np.float32) - view.centre[at.surface, 0]
    y = at.y.astype(np.float32) - view.centre[at.surface, 1]
    down_x, down_y = xx * x + xy * y, xy * x + yy * y
    radius = np.sqrt(x * down_x + y * down_y)
    result: Floats = (1 - radius) * radius / (np.hypot(down_x, down_y) + np.float32(1e-12))
    return result


def _rows(bounds: Ints) -> tuple[Ints, Ints]:
    """Return a pair (shape, row) for each row that each shape may touch."""
    count = bounds[:, 3] - bounds[:, 2] + 1
    shape = np.repeat(np.arange(len(bounds)), count)
    return shape, _steps(count) + bounds[shape, 2]


def _spans(edges: Floats, inset: Floats, quad: Ints, y: Ints, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return the first and last column of each row that are at least ``inset`` inside all four edges."""
    low, high = left.astype(np.float32), right.astype(np.float32)
    row = y.astype(np.float32)
    for edge in range(4):
        along, down, one = edges[:, edge].T
        along = np.where(np.abs(along) < 1e-6, np.float32(1e-6), along)
        slope, start = -down / along, (inset[:, edge] - one) / along
        border = slope[quad] * row + start[quad]
        rising = along[quad] > 0
        low = np.maximum(low, np.where(rising, border, -np.inf))
        high = np.minimum(high, np.where(rising, np.inf, border))
    first, last = np.ceil(low), np.floor(high)
    return np.clip(first, 0, 1 << 20).astype(np.intp), np.clip(last, -1, 1 << 20).astype(np.intp)


def _expand(shape: Ints, y: Ints, left: Ints, right: Ints, first: int) -> Fragments:
    count = np.maximum(right - left + 1, 0)
    span = np.repeat(np.arange(len(shape)), count)
    return Fragments(shape[span] + first, _steps(count) + left[span], y[span])


def _steps(count: Ints) -> Ints:
    """Return 0, 1, .., count[0] - 1, 0, 1, .., count[1] - 1, ..."""
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) - np.repeat(ends - count, count)
