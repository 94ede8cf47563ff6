"""Exact optical flow: each visible point is traced back to its place in an earlier frame."""

import numpy as np

from vid2vid.street.geometry import Bools, Doubles, Floats, Ints
from vid2vid.street.route import to_body, to_street
from vid2vid.street.views import NEAR, SceneView, pose_at

# Relative depth by which a point may lie behind the visible surface of its own object (around a corner) or of another.
_SAME = 0.06
_OTHER = 0.01


def backward_flow(now: SceneView, owner: Ints, then: SceneView, owner_then: Ints) -> tuple[Floats, Bools]:
    """Return where the points seen now were in an earlier frame.

    Args:
        now: The scene of this frame.
        owner: ``(H * W,)``, the surface at each pixel's centre in this frame.
        then: The scene of the earlier frame.
        owner_then: ``(H * W,)``, the surface at each pixel's centre in the earlier frame.

    Returns:
        Vectors ``(2, H, W)`` in pixels (x, y), and ``(H, W)``, whether the point was inside the earlier picture and not
        hidden in it.
    """
    height, width = now.size
    y, x = (axis.reshape(-1).astype(np.float64) for axis in np.indices(now.size))
    points = _points_then(now, owner, x, y, then)
    ahead = points[:, 2] > NEAR
    points[~ahead] = (0.0, 0.0, 1.0)
    x_then, y_then = then.camera.project(points)
    inside = ahead & (x_then >= 0) & (x_then <= width - 1) & (y_then >= 0) & (y_then <= height - 1)
    seen = np.zeros(height * width, dtype=np.bool_)
    at = np.flatnonzero(inside)
    inverse = np.where(owner[at] == 0, 0.0, 1 / points[at, 2])
    # compare with the surface at the nearest pixel of the earlier frame, extended to the point itself
    nearest = owner_then[np.rint(y_then[at]).astype(np.intp) * width + np.rint(x_then[at]).astype(np.intp)]
    cover = then.inverse_depth(nearest, x_then[at].astype(np.float32), y_then[at].astype(np.float32))
    same = now.paint["instance"][owner[at]] == then.paint["instance"][nearest]
    seen[at] = inverse * (1 + np.where(same, _SAME, _OTHER)) + 1e-6 >= cover
    vectors = np.stack([x_then - x, y_then - y]).reshape(2, height, width).astype(np.float32)
    return vectors, seen.reshape(height, width)


def _points_then(now: SceneView, owner: Ints, x: Doubles, y: Doubles, then: SceneView) -> Doubles:
    """Return the points ``(n, 3)`` in the earlier camera's coordinates; the sky is infinitely far and only rotates."""
    inverse = now.inverse_depth(owner, x.astype(np.float32), y.astype(np.float32)).astype(np.float64)
    rays = now.camera.rays(x, y)
    sky = owner == 0
    points = now.camera.to_world(rays / np.where(sky, 1.0, inverse)[:, None])
    points[:, 0] += (then.time - now.time) * now.paint["velocity"][owner]
    turning = np.flatnonzero(now.paint["route"]["speed"][owner])
    routes = now.paint["route"][owner[turning]]
    points[turning] = to_street(routes, to_body(routes, points[turning, None], now.time), then.time)[:, 0]
    _swing_back(now, owner, points, then.time)
    points = then.camera.to_camera(points)
    points[sky] = rays[sky] @ now.camera.rotation @ then.camera.rotation.T
    return points


def _swing_back(now: SceneView, owner: Ints, points: Doubles, time: float) -> None:
    """Rotate points on swinging ellipsoids, which have already moved with their bodies, to their place at ``time``."""
    number = owner - now.first_ellipsoid
    at = np.flatnonzero(number >= 0)
    at = at[now.rest["swing"][number[at], 1] != 0]
    if not at.size:
        return
    rows = now.rest[number[at]]
    centre_now, turn_now = pose_at(rows, now.time)
    centre_now[:, 0] += (time - now.time) * rows["paint"]["velocity"]
    centre_then, turn_then = pose_at(rows, time)
    local = np.einsum("nji,nj->ni", turn_now, points[at] - centre_now)
    points[at] = centre_then + np.einsum("nij,nj->ni", turn_then, local)
