"""Shaders."""

import numpy as np
import pytest

from vid2vid.street.geometry import Material
from vid2vid.street.materials import SHADERS, Surface

COUNT = 400
PARAMS = {
    Material.ROUGH: (0.1,),
    Material.ASPHALT: (4.0, 3.5, 2.0, 1.0, 0.3, 7.7, 8.0, 0.85),
    Material.PAVING: (0.8, 0.16),
    Material.FACADE: (2.5, 3.0, 0.4, 0.5, 3.5, 7.0, 1.0, 0.05),
    Material.CAR_SIDE: (1.0, 3.4, 0.39, 0.08, 1.2, 3.0, 0.7),
    Material.CAR_END: (1.8, 0.7, 1.0),
    Material.CAR_CABIN: (2.8, 0.6, 2.0, 0.6, 1.3, 0.1),
}


def surface(material: Material, extent: float) -> Surface:
    random = np.random.default_rng(0)
    u, v = random.uniform(0, 9, (2, COUNT)).astype(np.float32)
    params = np.zeros((8, COUNT), dtype=np.float32)
    given = PARAMS.get(material, ())
    params[: len(given)] = np.array(given, dtype=np.float32).reshape(-1, 1)
    pixel, side = np.full(COUNT, extent, np.float32), random.uniform(0, 1, COUNT).astype(np.float32)
    colour, trim = np.full((COUNT, 3), 0.5, np.float32), np.full((COUNT, 3), 0.9, np.float32)
    return Surface(u, v, pixel, pixel, side, colour, trim, params)


def test_every_material_but_the_sky_has_a_shader() -> None:
    assert set(SHADERS) == set(Material) - {Material.SKY}


@pytest.mark.parametrize("material", SHADERS)
def test_patterns_vary_near_by_and_fade_far_away(material: Material) -> None:
    near = SHADERS[material](surface(material, 0.005))
    far = SHADERS[material](surface(material, 60.0))
    assert near.shape == far.shape == (COUNT, 3)
    assert np.isfinite(near).all()
    if material == Material.PLAIN:
        np.testing.assert_array_equal(near, 0.5)
    else:
        assert near.std() > 0.01
    # all that is left far away are the hub of the wheel, which lies on a sphere, and gradients over a whole surface
    if material in (Material.ROUGH, Material.ASPHALT, Material.PAVING, Material.GRASS, Material.FOLIAGE):
        assert far.std() < 0.1 * near.std()
