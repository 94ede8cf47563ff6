"""Shading: the colours of visible surfaces, from material, light, shadow and haze, averaged over each pixel."""

from dataclasses import dataclass

import numpy as np

from vid2vid.street.filters import noise
from vid2vid.street.geometry import Floats, Ints, Material
from vid2vid.street.look import Light
from vid2vid.street.materials import SHADERS, Surface
from vid2vid.street.views import QuadView, SceneView
from vid2vid.street.visibility import Visibility, covered_pixels

_GROUND = (Material.ASPHALT, Material.PAVING, Material.GRASS)
_LEAST_EXTENT = np.float32(1e-4)
_CLOUD_BASE = np.float32(0.15)  # keeps the plane of clouds at a finite distance at the horizon


@dataclass(frozen=True)
class Points:
    """Points on surfaces.

    Attributes:
        surface: ``(n,)``, number of the surface.
        x: ``(n,)``, column in pixels.
        y: ``(n,)``, row in pixels.
        z: ``(n,)``, z-depth in metres.
    """

    surface: Ints
    x: Floats
    y: Floats
    z: Floats

    def take(self, which: Ints) -> "Points":
        """Return the points with these indices."""
        return Points(self.surface[which], self.x[which], self.y[which], self.z[which])


def shade(scene: SceneView, seen: Visibility, light: Light) -> Floats:
    """Return the picture ``(H, W, 3)`` in 0..1."""
    # the sky's depth is infinite, and is not used
    z = 1 / np.maximum(scene.inverse_depth(seen.surface, seen.x, seen.y), np.float32(1e-6))
    points = Points(seen.surface, seen.x, seen.y, z)
    colours = np.empty((len(z), 3), dtype=np.float32)
    shadow = ground_light(scene)
    material = scene.material[seen.surface]
    for kind in np.unique(material):
        at = np.flatnonzero(material == kind)
        if kind == Material.SKY:
            colours[at] = sky(scene, seen.x[at], seen.y[at], light)
            continue
        lit = _lit(scene, points.take(at), Material(kind), light)
        if kind in _GROUND:
            lit *= shadow[seen.pixel[at]][:, None]
        colours[at] = haze(lit, z[at], light)
    # the mean of each pixel's surfaces, weighted by their share of its samples
    height, width = scene.size
    colours = np.clip(colours, 0, 1)
    channels = [np.bincount(seen.pixel, seen.weight * colours[:, k], height * width) for k in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32).reshape(height, width, 3)


def _lit(scene: SceneView, points: Points, kind: Material, light: Light) -> Floats:
    """Return the lit colours ``(n, 3)`` of points of one material, on quads and ellipsoids."""
    result = np.empty((len(points.x), 3), dtype=np.float32)
    flat = points.surface < scene.first_ellipsoid
    for chosen, place in ((np.flatnonzero(flat), on_quads), (np.flatnonzero(~flat), on_ellipsoids)):
        if chosen.size:
            surface, shine = place(scene, points.take(chosen), light)
            result[chosen] = SHADERS[kind](surface) * shine
    return result


def light_on(normal: Floats, light: Light) -> Floats:
    """Return the light ``(n, 3)`` on surfaces with these unit normals ``(n, 3)``."""
    sun = np.maximum(normal @ light.sun, 0)[:, None]
    sky = (0.86 + 0.14 * normal[:, 2])[:, None]
    result: Floats = light.skylight * sky + light.sunlight * sun
    return result


def on_quads(scene: SceneView, at: Points, light: Light) -> tuple[Surface, Floats]:
    """Return texture and light of points on quads."""
    quad = at.surface - 1
    coordinates, extents = texture(scene.quads, Points(quad, at.x, at.y, at.z))
    surface = _painted(scene, at.surface, coordinates, extents, np.zeros_like(at.x))
    return surface, light_on(scene.quads.normal, light)[quad]


def texture(view: QuadView, at: Points) -> tuple[Floats, Floats]:
    """Return texture coordinates (u, v) of points and extents (du, dv) of a pixel there, in metres, each ``(2, n)``.

    The extents are derivatives of ``texture · p * z``. The numbers of surfaces are rows of ``view`` here.
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


def on_ellipsoids(scene: SceneView, at: Points, light: Light) -> tuple[Surface, Floats]:
    """Return texture and light of points on ellipsoids; parameter 0 of the paint shifts the texture."""
    view, number = scene.ellipsoids, at.surface - scene.first_ellipsoid
    sphere, normal = view.normals(number, at.x, at.y, at.z)
    # stereographic projection from both poles, so that the texture is not squeezed and has no seam
    spread = view.radius[number] / (1 + np.abs(sphere[:, 2]))
    coordinates = np.stack([sphere[:, 0] * spread + scene.params[0][at.surface], sphere[:, 1] * spread])
    extent = at.z / np.float32(scene.camera.focal)
    surface = _painted(scene, at.surface, coordinates, np.stack([extent, extent]), np.abs(sphere[:, 1]))
    return surface, light_on(normal, light)


def _painted(scene: SceneView, number: Ints, coordinates: Floats, extents: Floats, side: Floats) -> Surface:
    (u, v), (du, dv) = coordinates, extents
    return Surface(u, v, du, dv, side, scene.colour[number], scene.trim[number], scene.params[:, number])


def sky(scene: SceneView, x: Floats, y: Floats, light: Light) -> Floats:
    """Return the colours ``(n, 3)`` of the sky at pixel coordinates: a gradient from horizon to zenith, with clouds."""
    camera = scene.camera
    rays: Floats = (camera.rays(x, y) @ camera.rotation).astype(np.float32)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    up = np.maximum(rays[:, 2], 0.02)
    blue = np.clip(1.9 * up, 0, 1)[:, None] ** np.float32(0.7)
    colour = light.horizon + (light.zenith - light.horizon) * blue
    distance = 1 / (up + _CLOUD_BASE)
    u, v, size = rays[:, 0] * distance, rays[:, 1] * distance, distance**2 / np.float32(camera.focal)
    cloud = 0.55 * noise(u, v, 1.3, size) + 0.3 * noise(u, v, 0.45, size) + 0.15 * noise(u, v, 0.2, size)
    cover = np.clip((cloud + light.clouds - 0.62) * 2.2, 0, 0.85) * np.clip(5 * up - 0.3, 0, 1)
    white = np.minimum(light.horizon * np.float32(1.08), 1)
    result: Floats = colour + (white - colour) * cover[:, None]
    return result


def ground_light(scene: SceneView) -> Floats:
    """Return the share of light that reaches the ground at each pixel, ``(H * W,)``.

    Where shadows overlap, the darkest one counts.
    """
    height, width = scene.size
    result = np.ones(height * width, dtype=np.float32)
    at, depth = covered_pixels(scene.shadows), scene.shadows.depth
    x, y = at.x.astype(np.float32), at.y.astype(np.float32)
    inverse = depth[at.surface, 0] * x + depth[at.surface, 1] * y + depth[at.surface, 2]
    ahead = np.flatnonzero(inverse > 1e-4)
    points = Points(at.surface[ahead], x[ahead], y[ahead], 1 / inverse[ahead])
    (u, v), (du, dv) = texture(scene.shadows, points)
    length, breadth, soft, strength = (scene.shadow_params[k][points.surface] for k in range(4))
    dark = np.clip(np.minimum(u, length - u) / np.maximum(soft, du), 0, 1)
    dark *= np.clip(np.minimum(v, breadth - v) / np.maximum(soft, dv), 0, 1)
    np.minimum.at(result, at.y[ahead] * width + at.x[ahead], 1 - strength * dark * dark * (3 - 2 * dark))
    return result


def haze(colour: Floats, z: Floats, light: Light) -> Floats:
    """Return colours ``(n, 3)`` as seen through the haze at z-depths ``(n,)``."""
    through = np.exp(-((z / np.float32(light.haze)) ** np.float32(1.5)))[:, None]
    result: Floats = light.horizon + (colour - light.horizon) * through
    return result
