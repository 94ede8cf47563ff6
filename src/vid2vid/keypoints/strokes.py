"""Smooth curves through points, drawn with subpixel accuracy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# curves are drawn as straight pieces of at most this length, in pixels
_PIECE = 4.0
# most pieces between two points; curved parts rarely need more
_MOST_PIECES = 16
# points are clipped to this distance, since a wrong point would cost millions of pieces
_FAR = 1 << 14


def smooth_curve(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a smooth curve through points, in their order.

    It is a centripetal Catmull-Rom spline, which has neither loops nor cusps, however unevenly the points are spaced.

    Args:
        points: ``(M, 2)`` x and y, at least one.

    Returns:
        ``(K, 2)``: points on the curve, including the given ones, so close that straight lines between them look
        smooth. Two points give the line between them; a single point is returned unchanged.
    """
    points = points.clip(-_FAR, _FAR)
    if len(points) > 2:
        # repeated points have no direction
        points = points[np.concatenate([[True], (points[1:] != points[:-1]).any(axis=1)])]
    if len(points) < 3:
        return points
    knots = points.astype(np.float64)
    # the curve is extended beyond its ends by mirroring
    around = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    chords = around[1:] - around[:-1]
    lengths = np.hypot(chords[:, :1], chords[:, 1:])
    times = np.sqrt(lengths)
    speeds = chords / times
    tangents = (speeds[:-1] * times[1:] + speeds[1:] * times[:-1]) / (times[:-1] + times[1:])
    count = int(np.clip(np.ceil(lengths.max() / _PIECE), 1, _MOST_PIECES))
    t = (np.arange(count) / count)[:, None]
    # the cubic Hermite spline at the fractions t between each two knots
    start, end = knots[:-1, None], knots[1:, None]
    blend = t * t * (3 - 2 * t)
    bent = t * (1 - t) ** 2 * tangents[:-1, None] - t * t * (1 - t) * tangents[1:, None]
    curve = (1 - blend) * start + blend * end + times[1:-1, None] * bent
    return np.concatenate([curve.reshape(-1, 2), knots[-1:]]).astype(np.float32)


def stroke(
    canvas: NDArray[np.uint8], curves: Sequence[NDArray[np.float32]], colour: tuple[int, ...], thickness: float
) -> None:
    """Draw anti-aliased curves with round ends onto a picture, in place.

    OpenCV's anti-aliased lines are asymmetrical, too wide, and rough where pieces of a curve meet.

    Args:
        canvas: ``(H, W)`` or ``(H, W, C)``.
        curves: Each ``(K, 2)`` x and y in pixels, with pixel centres at integer coordinates; a single point is a dot.
        colour: One number per channel, 0..255.
        thickness: Line thickness in pixels.
    """
    starts, ends = _pieces(curves)
    margin = int(np.ceil(thickness / 2 + 0.5))
    near = (np.minimum(starts, ends) < np.array(canvas.shape[1::-1]) + margin) & (np.maximum(starts, ends) > -margin)
    starts, ends = starts[near.all(axis=1)], ends[near.all(axis=1)]
    if not len(starts):
        return
    x, y, cover = _cover(starts, ends, thickness, margin)
    inside = (cover > 0) & (x >= 0) & (x < canvas.shape[1]) & (y >= 0) & (y < canvas.shape[0])
    x, y, cover = x[inside], y[inside], cover[inside]
    if not len(x):
        return
    left, top, width = x.min(), y.min(), np.ptp(x) + 1
    # where pieces overlap, the largest share counts
    shares = np.zeros((np.ptp(y) + 1, width))
    np.maximum.at(shares.reshape(-1), (y - top) * width + x - left, cover)
    part = canvas[top : top + len(shares), left : left + width]
    shares = shares.reshape(*shares.shape, *[1] * (canvas.ndim - 2))
    part[...] = np.round(part + (np.array(colour).squeeze() - part) * shares)


def _pieces(curves: Sequence[NDArray[np.float32]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cut curves into short straight pieces; return their starts and ends, each ``(K, 2)``."""
    starts = [curve[:-1] if len(curve) > 1 else curve for curve in curves]
    ends = [curve[1:] if len(curve) > 1 else curve for curve in curves]
    start, end = (np.concatenate([np.zeros((0, 2)), *side]) for side in (starts, ends))
    counts = np.ceil(np.linalg.norm(end - start, axis=1) / _PIECE).clip(min=1).astype(int)
    # 0, 1, ... within each line
    order = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
    step = np.repeat((end - start) / counts[:, None], counts, axis=0)
    first = np.repeat(start, counts, axis=0) + order[:, None] * step
    return first, first + step


def _cover(
    starts: NDArray[np.float64], ends: NDArray[np.float64], thickness: float, margin: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return the columns, rows and covered shares of the pixels around each piece, each ``(K, n, n)``."""
    corner = np.floor(np.minimum(starts, ends)).astype(int) - margin
    offsets = np.arange(int(_PIECE) + 2 * margin + 2)
    x, y = np.broadcast_arrays(corner[:, 0, None, None] + offsets, corner[:, 1, None, None] + offsets[:, None])
    (ax, ay), (dx, dy) = starts.T[..., None, None], (ends - starts).T[..., None, None]
    # position along the piece of the point nearest to the pixel
    along = ((x - ax) * dx + (y - ay) * dy) / np.maximum(dx * dx + dy * dy, 1e-12)
    along = along.clip(0, 1)
    distance = np.hypot(x - ax - along * dx, y - ay - along * dy)
    return x, y, (thickness / 2 + 0.5 - distance).clip(0, 1)
