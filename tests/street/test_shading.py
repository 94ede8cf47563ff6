"""Light, shadow, sky and haze."""

from copy import copy

import numpy as np

from vid2vid.street.camera import Camera
from vid2vid.street.geometry import GeometryBuilder, Paint, rectangle
from vid2vid.street.look import Look
from vid2vid.street.shading import ground_light, haze, light_on, shade, sky
from vid2vid.street.street_classes import ROAD
from vid2vid.street.views import SceneView
from vid2vid.street.visibility import resolve

SIZE = (32, 64)
LIGHT = Look(0, 10.0).light
LIGHT.clouds = 0.0


def scene(builder: GeometryBuilder) -> SceneView:
    camera = Camera.looking(np.array([0.0, 0.0, 2.0]), 0.0, 0.0, 32.0, (31.5, 11.5))
    return SceneView.seen(builder.finish(), camera, 0, SIZE)


def test_surfaces_towards_the_sun_are_brightest() -> None:
    normals = np.stack([LIGHT.sun, -LIGHT.sun, np.array([0, 0, 1], np.float32)])
    towards, away, up = light_on(normals, LIGHT)
    assert (towards > up).all()
    assert (up > away).all()
    np.testing.assert_allclose(away, LIGHT.skylight * (0.86 - 0.14 * LIGHT.sun[2]), rtol=1e-5)


def test_the_sky_goes_from_the_horizon_to_the_zenith() -> None:
    view = scene(GeometryBuilder())
    x = np.array([31.5, 31.5], np.float32)
    low, high = sky(view, x, np.array([11.5, -400.0], np.float32), LIGHT)
    assert np.abs(low - LIGHT.horizon).max() < 0.1
    # thin clouds remain
    assert np.abs(high - LIGHT.zenith).max() < 0.1 < 0.3 < np.abs(high - LIGHT.horizon).max()


def test_haze_takes_the_colour_of_the_horizon_with_the_distance() -> None:
    colours = np.zeros((3, 3), dtype=np.float32)
    near, far, farthest = haze(colours, np.array([0.0, LIGHT.haze, 1e5], np.float32), LIGHT)
    np.testing.assert_allclose(near, 0, atol=1e-6)
    np.testing.assert_allclose(far, (1 - np.exp(-1)) * LIGHT.horizon, rtol=1e-5)
    np.testing.assert_allclose(farthest, LIGHT.horizon, rtol=1e-5)


def test_shadows_darken_the_ground_inside_their_rectangle_only() -> None:
    builder = GeometryBuilder()
    builder.shadow((4, -1), (8, 1), 0.0, 0.2, 0.6)
    light = ground_light(scene(builder)).reshape(SIZE)
    # (6, 0, 0) is seen at row 11.5 + 32 * 2 / 6
    assert abs(light[22, 31] - 0.4) < 1e-3
    assert light[22, 5] == light[5, 31] == 1
    assert light.min() >= 0.4 - 1e-6


def test_a_lit_plain_ground_has_the_colour_of_its_paint_and_light() -> None:
    builder, clear = GeometryBuilder(), copy(LIGHT)
    clear.haze = 1e6
    builder.quad(rectangle((-5, -50), (60, 50), 0.0), Paint(ROAD, (0.4, 0.3, 0.2)))
    view = scene(builder)
    picture = shade(view, resolve(view), clear)
    assert picture.shape == (*SIZE, 3)
    wanted = np.array([0.4, 0.3, 0.2]) * light_on(np.array([[0, 0, 1]], np.float32), clear)[0]
    np.testing.assert_allclose(picture[-1], np.broadcast_to(wanted, (SIZE[1], 3)), rtol=1e-3)
