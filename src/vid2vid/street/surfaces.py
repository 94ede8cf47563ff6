"""Texture coordinates and light of the fragments that are seen: what the shaders of `materials` start from."""

from dataclasses import dataclass

import numpy as np

from vid2vid.street.look import Light
from vid2vid.street.materials import Surface
from vid2vid.street.model import Floats, Ints
from vid2vid.street.scene import Scene
from vid2vid.street.views import QuadView

_LEAST_EXTENT = np.float32(1e-4)


@dataclass(frozen=True)
class Points:
    """Points on surfaces.

    Attributes:
        surface: ``(n,)`` number of the surface.
        x: ``(n,)`` and
        y: ``(n,)`` pixel coordinates.
        z: ``(n,)`` z-depth, metres.
    """

    surface: Ints
    x: Floats
    y: Floats
    z: Floats

    def take(self, which: Ints) -> "Points":
        """Return some of them."""
        return Points(self.surface[which], self.x[which], self.y[which], self.z[which])


def light_on(normal: Floats, light: Light) -> Floats:
    """Return the light ``(n, 3)`` that falls on surfaces with these unit normals."""
    sun = np.maximum(normal @ light.sun, 0)[:, None]
    sky = (0.86 + 0.14 * normal[:, 2])[:, None]
    result: Floats = light.skylight * sky + light.sunlight * sun
    return result


def on_quads(scene: Scene, at: Points, light: Light) -> tuple[Surface, Floats]:
    """Return texture and light of points on quads."""
    quad = at.surface - 1
    coordinates, extents = texture(scene.quads, Points(quad, at.x, at.y, at.z))
    surface = _painted(scene, at.surface, coordinates, extents, np.zeros_like(at.x))
    return surface, light_on(scene.quads.normal, light)[quad]


def texture(view: QuadView, at: Points) -> tuple[Floats, Floats]:
    """Return the coordinates (u, v) of points and the extents (du, dv) of a pixel there, metres, each ``(2, n)``.

    The extents come from the derivatives of ``texture · p * z``; numbers of surfaces start at 0 here.
    """
    depth_x, depth_y = view.depth[:, 0][at.surface], view.depth[:, 1][at.surface]
    coordinates = np.empty((2, len(at.x)), dtype=np.float32)
    extents = np.empty_like(coordinates)
    for axis in range(2):
        along, down, one = (view.texture[:, axis, k][at.surface] for k in range(3))
        value = (along * at.x + down * at.y + one) * at.z
        extents[axis] = (np.abs(along - value * depth_x) + np.abs(down - value * depth_y)) * at.z
        coordinates[axis] = value - view.origin[:, axis][at.surface]
    return coordinates, np.maximum(extents, _LEAST_EXTENT)


def on_ellipsoids(scene: Scene, at: Points, light: Light) -> tuple[Surface, Floats]:
    """Return texture and light of points on ellipsoids; parameter 0 of the paint shifts the texture."""
    view, number = scene.ellipsoids, at.surface - scene.first_ellipsoid
    p = np.stack([at.x, at.y, np.ones_like(at.x)], axis=-1)
    sphere = np.einsum("nij,nj->ni", view.local[number], p) * at.z[:, None] - view.offset[number]
    normal = np.einsum("nij,nj->ni", view.normal[number], sphere)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    # stereographic from both poles, so that the texture is squeezed nowhere and has no seam
    spread = view.radius[number] / (1 + np.abs(sphere[:, 2]))
    coordinates = np.stack([sphere[:, 0] * spread + scene.params[0][at.surface], sphere[:, 1] * spread])
    extent = at.z / np.float32(scene.camera.focal)
    surface = _painted(scene, at.surface, coordinates, np.stack([extent, extent]), np.abs(sphere[:, 1]))
    return surface, light_on(normal, light)


def _painted(scene: Scene, number: Ints, coordinates: Floats, extents: Floats, side: Floats) -> Surface:
    (u, v), (du, dv) = coordinates, extents
    return Surface(u, v, du, dv, side, scene.colour[number], scene.trim[number], scene.params[:, number])
