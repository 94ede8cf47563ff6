"""Which pixels each outline covers wholly and which it may cover in part: spans of rows, expanded without loops."""

from dataclasses import dataclass

import numpy as np

from vid2vid.street.model import Floats, Ints
from vid2vid.street.views import REACH, EllipsoidView, QuadView


@dataclass(frozen=True)
class Fragments:
    """Pairs of a pixel and a surface.

    Attributes:
        surface: ``(n,)`` number of the surface.
        x: ``(n,)`` column.
        y: ``(n,)`` row.
    """

    surface: Ints
    x: Ints
    y: Ints

    def __len__(self) -> int:
        return len(self.surface)

    def take(self, which: Ints) -> "Fragments":
        """Return some of them."""
        return Fragments(self.surface[which], self.x[which], self.y[which])

    @classmethod
    def join(cls, first: "Fragments", second: "Fragments") -> "Fragments":
        """Return the pairs of both."""
        return cls(
            np.concatenate([first.surface, second.surface]),
            np.concatenate([first.x, second.x]),
            np.concatenate([first.y, second.y]),
        )


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
    # where nothing is covered wholly, the left rim takes the whole row and the right one nothing
    rim_left = np.where(empty, touched[1], whole[0] - 1)
    rim_right = np.where(empty, touched[1] + 1, whole[1] + 1)
    inner = _expand(quad, y, *whole, first)
    rim = Fragments.join(_expand(quad, y, touched[0], rim_left, first), _expand(quad, y, rim_right, touched[1], first))
    return inner, rim


def covered(view: QuadView) -> Fragments:
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
    """Return about how far pixels are inside the outline of their ellipsoid, in pixels; exact for circles."""
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
    """Return the first and last column of each row that lie at least ``inset`` inside all four edges."""
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
