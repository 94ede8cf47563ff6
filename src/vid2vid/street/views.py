"""Projection of quads and ellipsoids: outlines, depth and texture as functionals of a camera's pixel coordinates.

With ``p = (x, y, 1)`` in pixels, a flat surface has ``1 / z = l · p``, and an ellipsoid has
``1 / z = l · p + sqrt(pᵀ G p)``, which is real inside its outline. All surfaces share one formula, with G = 0 for flat
ones.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.street.camera import Camera
from vid2vid.street.geometry import SKY_PAINT, Bools, Doubles, Floats, Geometry, Ints, Rows
from vid2vid.street.route import pose_on, to_street, turns

NEAR = 0.05
"""Least z-depth at which surfaces are drawn, metres."""
REACH = 0.4375
"""Largest offset of a sample from its pixel's centre along each axis, pixels."""


@dataclass(frozen=True)
class QuadView:
    """The quads that face the camera and may be visible.

    Attributes:
        kept: ``(K,)``, their rows in the geometry.
        edges: ``(K, 4, 3)``, functionals of the signed distances from the edges in pixels, positive inside.
        bounds: ``(K, 4)``, first and last column, first and last row that they may touch.
        depth: ``(K, 3)``, l.
        texture: ``(K, 2, 3)``, functionals of the texture: ``(u, v) = texture · p * z - origin`` in metres.
        origin: ``(K, 2)``, origin of the texture.
        normal: ``(K, 3)``, unit normal in world coordinates.
    """

    kept: Ints
    edges: Floats
    bounds: Ints
    depth: Floats
    texture: Floats
    origin: Floats
    normal: Floats


@dataclass(frozen=True)
class EllipsoidView:
    """The ellipsoids that may be visible.

    Attributes:
        kept: ``(K,)``, their rows in the geometry.
        centre: ``(K, 2)``, centre of the outline, pixels.
        gauge: ``(K, 3)``, xx, xy, yy of S; the outline is ``(p - centre)ᵀ S (p - centre) = 1``.
        bounds: ``(K, 4)``, first and last column, first and last row that they may touch.
        depth: ``(K, 3)``, l.
        form: ``(K, 6)``, xx, yy, 11, xy, x1, y1 of G, the mixed ones doubled.
        local: ``(K, 3, 3)``, functionals of the point on the unit sphere, which is ``local p * z - offset``.
        offset: ``(K, 3)``, offset of that point.
        normal: ``(K, 3, 3)``, maps a point on the unit sphere to a normal in world coordinates, not of unit length.
        radius: ``(K,)``, mean radius, metres.
    """

    kept: Ints
    centre: Floats
    gauge: Floats
    bounds: Ints
    depth: Floats
    form: Floats
    local: Floats
    offset: Floats
    normal: Floats
    radius: Floats

    def normals(self, number: Ints, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Return points on the unit sphere and their unit normals in world coordinates, each ``(n, 3)``.

        Args:
            number: ``(n,)``, rows of this view.
            x: ``(n,)``, column in pixels.
            y: ``(n,)``, row in pixels.
            z: ``(n,)``, z-depth in metres.
        """
        p = np.stack([x, y, np.ones_like(x)], axis=-1)
        sphere = np.einsum("nij,nj->ni", self.local[number], p) * z[:, None] - self.offset[number]
        normal = np.einsum("nij,nj->ni", self.normal[number], sphere)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        return sphere, normal


def corners_at(rows: Rows, t: float) -> Doubles:
    """Return the corners ``(Q, 4, 3)`` of quads at frame ``t``."""
    corners: Doubles = rows["corners"].copy()
    corners[:, :, 0] += (rows["paint"]["velocity"] * t)[:, None]
    turning, routes = _on_routes(rows["paint"])
    corners[turning] = to_street(routes, corners[turning], t)
    return corners


def _on_routes(paint: Rows) -> tuple[Ints, Rows]:
    """Return the indices of rows of dtype `PAINT` that belong to turning bodies, and their routes."""
    at = np.flatnonzero(paint["route"]["speed"])
    return at, paint["route"][at]


def pose_at(rows: Rows, t: float) -> tuple[Doubles, Doubles]:
    """Return centres ``(E, 3)`` of ellipsoids and rotations ``(E, 3, 3)`` from body to world at frame ``t``."""
    height, amplitude, speed, phase = rows["swing"].T
    angle = amplitude * np.sin(speed * t + phase)
    cosine, sine, zero, one = np.cos(angle), np.sin(angle), np.zeros_like(angle), np.ones_like(angle)
    turn = np.stack([cosine, zero, sine, zero, one, zero, -sine, zero, cosine], axis=-1).reshape(-1, 3, 3)
    ahead = rows["paint"]["velocity"] * t - sine * height
    moved = rows["centre"] + np.stack([ahead, zero, (1 - cosine) * height], axis=-1)
    turning, routes = _on_routes(rows["paint"])
    moved[turning] = to_street(routes, moved[turning, None], t)[:, 0]
    turn[turning] = turns(pose_on(routes, t)[2]) @ turn[turning]
    return moved, turn


def view_quads(rows: Rows, camera: Camera, t: float, size: tuple[int, int]) -> QuadView:
    """Return how the camera sees quads at frame ``t``; ``size`` is (H, W)."""
    corners = camera.to_camera(corners_at(rows, t))
    normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    distance = (normal * corners[:, 0]).sum(-1)
    kept = np.flatnonzero((distance < -1e-3) & _in_frustum(corners, camera, size))
    corners, normal, distance = corners[kept], normal[kept], distance[kept]
    ahead = np.asarray((corners[..., 2] > NEAR).all(axis=1))
    x, y = camera.project(np.where(ahead[:, None, None], corners, 1.0))
    low = np.where(ahead, (x.min(1), y.min(1)), -np.inf)
    high = np.where(ahead, (x.max(1), y.max(1)), np.inf)
    bounds = _bounds(low, high, size)
    shown = _not_empty(bounds)
    kept, corners, normal, distance = kept[shown], corners[shown], normal[shown], distance[shown]
    along = corners[:, 1] - corners[:, 0]
    along = along / np.linalg.norm(along, axis=-1, keepdims=True)
    texture = np.stack([along, np.cross(normal, along)], axis=1)
    return QuadView(
        kept,
        _f32(_edges(corners, camera)),
        bounds[shown],
        _f32(camera.functional(normal / distance[:, None])),
        _f32(camera.functional(texture)),
        _f32(np.einsum("kij,kj->ki", texture, corners[:, 0])),
        _f32(normal @ camera.rotation),
    )


def _in_frustum(corners: Doubles, camera: Camera, size: tuple[int, int]) -> Bools:
    """Return which quads may be in the view: no plane of the frustum has all their corners beyond it."""
    x, y, z = np.moveaxis(corners, -1, 0)
    (height, width), (cx, cy) = size, camera.centre
    x, y = x * camera.focal + cx * z, y * camera.focal + cy * z
    beyond = (z < NEAR, x < -z, x > width * z, y < -z, y > height * z)
    outside = np.stack([np.asarray(side.all(axis=1)) for side in beyond])
    return ~np.asarray(outside.any(axis=0))


def _bounds(low: Doubles, high: Doubles, size: tuple[int, int]) -> Ints:
    """Return the first and last columns and rows with samples that shapes from ``low`` to ``high`` may touch.

    Both are ``(2, K)``, x and y in pixels; the result is ``(K, 4)``.
    """
    height, width = size
    x0, y0 = np.maximum(np.ceil(low - 0.5), 0)
    x1, y1 = np.minimum(np.floor(high + 0.5), [[width - 1], [height - 1]])
    return np.stack([x0, x1, y0, y1], axis=-1).astype(np.intp)


def _not_empty(bounds: Ints) -> Bools:
    shown: Bools = (bounds[:, 1] >= bounds[:, 0]) & (bounds[:, 3] >= bounds[:, 2])
    return shown


def _edges(corners: Doubles, camera: Camera) -> Doubles:
    """Return the signed distances from the edges, in pixels.

    Each edge and the camera span a plane, so the distances are also right if corners are behind the camera.
    """
    planes = camera.functional(-np.cross(corners, np.roll(corners, -1, axis=1)))
    length = np.hypot(planes[..., 0], planes[..., 1])
    # at a repeated corner, as of a triangle, there is no edge, and everything is inside
    empty = length < 1e-9 * np.abs(planes[..., 2]) + 1e-30
    return np.where(empty[..., None], (0.0, 0.0, 1e6), planes / np.where(empty, 1.0, length)[..., None])


def view_ellipsoids(rows: Rows, camera: Camera, t: float, size: tuple[int, int]) -> EllipsoidView:
    """Return how the camera sees ellipsoids at frame ``t``; ``size`` is (H, W)."""
    centre, turn = pose_at(rows, t)
    centre = camera.to_camera(centre)
    # the outline of an ellipsoid that reaches behind the camera is no ellipse; streets have none in view
    kept = np.flatnonzero(centre[:, 2] - rows["radii"].max(axis=1) > NEAR)
    centre, turn, radii = centre[kept], turn[kept], rows["radii"][kept]
    scaled = np.swapaxes(camera.rotation @ turn, 1, 2) / radii[..., None]
    depth, form = _ellipsoid_depth(centre, scaled, camera)
    middle, gauge, extent = _outline(form)
    bounds = _bounds((middle - extent).T, (middle + extent).T, size)
    shown = _not_empty(bounds)
    packed = np.stack([form[:, 0, 0], form[:, 1, 1], form[:, 2, 2], *(2 * form[:, i, j] for i, j in _MIXED)], axis=-1)
    return EllipsoidView(
        kept[shown],
        _f32(middle[shown]),
        _f32(gauge[shown]),
        bounds[shown],
        _f32(depth[shown]),
        _f32(packed[shown]),
        _f32(camera.functional(scaled)[shown]),
        _f32(np.einsum("kij,kj->ki", scaled, centre)[shown]),
        _f32((turn / radii[:, None])[shown]),
        _f32(radii[shown].mean(axis=1)),
    )


_MIXED = ((0, 1), (0, 2), (1, 2))


def _ellipsoid_depth(centre: Doubles, scaled: Doubles, camera: Camera) -> tuple[Doubles, Doubles]:
    """Return l and G: ``z² dᵀMd - 2z dᵀMc + cᵀMc - 1 = 0``, solved for the larger 1 / z, in pixel coordinates."""
    shape = np.swapaxes(scaled, 1, 2) @ scaled
    polar = np.einsum("kij,kj->ki", shape, centre)
    power = (polar * centre).sum(-1) - 1
    form = polar[:, :, None] * polar[:, None] - power[:, None, None] * shape
    form /= power[:, None, None] ** 2
    pixels = camera.functional(np.swapaxes(camera.functional(form), 1, 2))
    return camera.functional(polar / power[:, None]), pixels


def _outline(form: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Return the centre, the gauge and the half extent of the ellipses ``pᵀ G p >= 0``."""
    middle = np.linalg.solve(-form[:, :2, :2], form[:, :2, 2:])[..., 0].astype(np.float64)
    greatest = form[:, 2, 2] + (form[:, :2, 2] * middle).sum(-1)
    gauge = -form[:, :2, :2] / greatest[:, None, None]
    extent: Doubles = np.sqrt(np.diagonal(np.linalg.inv(gauge), axis1=1, axis2=2))
    return middle, np.stack([gauge[:, 0, 0], gauge[:, 0, 1], gauge[:, 1, 1]], axis=-1), extent


def _f32(values: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float32)


@dataclass(frozen=True)
class SceneView:
    """All surfaces that a camera sees at one frame, numbered: 0 is the sky, followed by the quads and the ellipsoids.

    Attributes:
        camera: The camera at this frame.
        size: (H, W) in pixels.
        time: The frame.
        quads: The quads in view.
        ellipsoids: The ellipsoids in view.
        shadows: The shadows on the ground in view, which have no numbers.
        paint: ``(N,)``, rows of dtype `PAINT`.
        shadow_params: ``(8, S)``, parameters of the shadows.
        rest: ``(E,)``, rows of dtype `ELLIPSOID` of the ellipsoids in view, for the flow.
    """

    camera: Camera
    size: tuple[int, int]
    time: float
    quads: QuadView
    ellipsoids: EllipsoidView
    shadows: QuadView
    paint: Rows
    shadow_params: Floats
    rest: Rows

    @classmethod
    def seen(cls, geometry: Geometry, camera: Camera, time: float, size: tuple[int, int]) -> "SceneView":
        """Return what ``camera`` sees of ``geometry`` at frame ``time``."""
        quads = view_quads(geometry.quads, camera, time, size)
        ellipsoids = view_ellipsoids(geometry.ellipsoids, camera, time, size)
        shadows = view_quads(geometry.shadows, camera, time, size)
        rest = geometry.ellipsoids[ellipsoids.kept]
        paint = np.concatenate([SKY_PAINT, geometry.quads["paint"][quads.kept], rest["paint"]])
        shadow_params = geometry.shadows["paint"]["params"][shadows.kept].T.copy()
        return cls(camera, size, time, quads, ellipsoids, shadows, paint, shadow_params, rest)

    @cached_property
    def first_ellipsoid(self) -> int:
        """Number of the first ellipsoid."""
        return 1 + len(self.quads.kept)

    @cached_property
    def material(self) -> Ints:
        """Material of each surface, ``(N,)``."""
        return self.paint["material"].copy()

    @cached_property
    def colour(self) -> Floats:
        """First colour of each surface, ``(N, 3)``."""
        return self.paint["colour"].copy()

    @cached_property
    def trim(self) -> Floats:
        """Second colour of each surface, ``(N, 3)``."""
        return self.paint["trim"].copy()

    @cached_property
    def params(self) -> Floats:
        """Parameters of each surface, ``(8, N)``."""
        return self.paint["params"].T.copy()

    @cached_property
    def _linear(self) -> tuple[Floats, Floats, Floats]:
        sky = np.zeros((1, 3), dtype=np.float32)
        x, y, one = np.concatenate([sky, self.quads.depth, self.ellipsoids.depth]).T.copy()
        return x, y, one

    @cached_property
    def slack(self) -> Floats:
        """How much 1 / z of each surface may differ within half a pixel, ``(N,)``."""
        x, y, _ = self._linear
        slack = (np.abs(x) + np.abs(y)) * REACH
        # the depth of an ellipsoid is infinitely steep at its outline, so its whole thickness is used
        form, centre = self.ellipsoids.form, self.ellipsoids.centre
        slack[self.first_ellipsoid :] += np.sqrt(np.maximum(_quadratic(form, centre[:, 0], centre[:, 1]), 0))
        return slack

    def inverse_depth(self, surface: Ints, x: Floats | Ints, y: Floats | Ints) -> Floats:
        """Return 1 / z of surfaces at pixel coordinates, float32 and never negative; the sky has 0.

        Args:
            surface: ``(n,)``, numbers of surfaces.
            x: ``(n,)`` or ``(n, S)``, columns in pixels.
            y: ``(n,)`` or ``(n, S)``, rows in pixels.
        """
        axis = (...,) if np.ndim(x) == 1 else (..., None)
        along, down, one = (part[surface][axis] for part in self._linear)
        inverse = along * np.asarray(x, np.float32)
        inverse += down * np.asarray(y, np.float32)
        inverse += one
        bulging = np.flatnonzero(surface >= self.first_ellipsoid)
        if bulging.size:
            form = self.ellipsoids.form[surface[bulging] - self.first_ellipsoid]
            form = form if np.ndim(x) == 1 else form[:, None]
            inverse[bulging] += np.sqrt(np.maximum(_quadratic(form, x[bulging], y[bulging]), 0))
        return np.maximum(inverse, 0, out=inverse)


def surface_normals(scene: SceneView, surface: Ints, x: Floats, y: Floats) -> Floats:
    """Return the unit normals of surfaces in world coordinates, ``(n, 3)``; the sky has zeros.

    Args:
        scene: The scene.
        surface: ``(n,)``, numbers of surfaces.
        x: ``(n,)``, columns in pixels.
        y: ``(n,)``, rows in pixels.
    """
    normals = np.zeros((len(surface), 3), np.float32)
    flat = np.flatnonzero((surface > 0) & (surface < scene.first_ellipsoid))
    normals[flat] = scene.quads.normal[surface[flat] - 1]
    round_ones = np.flatnonzero(surface >= scene.first_ellipsoid)
    x, y = x[round_ones], y[round_ones]
    z = 1 / np.maximum(scene.inverse_depth(surface[round_ones], x, y), np.float32(1e-6))
    normals[round_ones] = scene.ellipsoids.normals(surface[round_ones] - scene.first_ellipsoid, x, y, z)[1]
    return normals


def _quadratic(form: Floats, x: Floats | Ints, y: Floats | Ints) -> Floats:
    xx, yy, one, xy, x1, y1 = np.moveaxis(form, -1, 0)
    x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
    result: Floats = (xx * x + xy * y + x1) * x + (yy * y + y1) * y + one
    return result
