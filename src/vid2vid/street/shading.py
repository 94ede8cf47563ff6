"""From what is seen to a picture: material, light, shadow and haze, and the mean over each pixel."""

import numpy as np

from vid2vid.street.atmosphere import ground_light, haze, sky
from vid2vid.street.look import Light
from vid2vid.street.materials import SHADERS
from vid2vid.street.model import Floats, Material
from vid2vid.street.scene import Scene
from vid2vid.street.surfaces import Points, on_ellipsoids, on_quads
from vid2vid.street.visibility import Visibility

_GROUND = (Material.ASPHALT, Material.PAVING, Material.GRASS)


def shade(scene: Scene, seen: Visibility, light: Light) -> Floats:
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
    return _mean(seen, colours, scene.size)


def _lit(scene: Scene, points: Points, kind: Material, light: Light) -> Floats:
    """Return the colours ``(n, 3)`` of points of one material under the light; it may be on quads and ellipsoids."""
    result = np.empty((len(points.x), 3), dtype=np.float32)
    flat = points.surface < scene.first_ellipsoid
    for chosen, place in ((np.flatnonzero(flat), on_quads), (np.flatnonzero(~flat), on_ellipsoids)):
        if chosen.size:
            surface, shine = place(scene, points.take(chosen), light)
            result[chosen] = SHADERS[kind](surface) * shine
    return result


def _mean(seen: Visibility, colours: Floats, size: tuple[int, int]) -> Floats:
    """Return the mean colour of each pixel, weighted by the share of its samples."""
    height, width = size
    colours = np.clip(colours, 0, 1)
    channels = [np.bincount(seen.pixel, seen.weight * colours[:, k], height * width) for k in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32).reshape(height, width, 3)
