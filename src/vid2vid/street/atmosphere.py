"""What lies between the sun, the street and the eye: the sky, shadows on the ground, haze."""

import numpy as np

from vid2vid.street.filters import noise
from vid2vid.street.fragments import covered
from vid2vid.street.look import Light
from vid2vid.street.model import Floats
from vid2vid.street.scene import Scene
from vid2vid.street.surfaces import Points, texture

_CLOUD_BASE = np.float32(0.15)  # keeps the clouds' plane from running to infinity at the horizon


def sky(scene: Scene, x: Floats, y: Floats, light: Light) -> Floats:
    """Return the colours ``(n, 3)`` of the sky at pixel coordinates: from horizon to zenith, with high clouds."""
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


def ground_light(scene: Scene) -> Floats:
    """Return the share of light that reaches the ground at each pixel, ``(H * W,)``.

    Where shadows overlap, the darkest counts.
    """
    height, width = scene.size
    result = np.ones(height * width, dtype=np.float32)
    at, depth = covered(scene.shadows), scene.shadows.depth
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
    """Return colours ``(n, 3)`` as seen through the air at z-depths ``(n,)``."""
    through = np.exp(-((z / np.float32(light.haze)) ** np.float32(1.5)))[:, None]
    result: Floats = light.horizon + (colour - light.horizon) * through
    return result
