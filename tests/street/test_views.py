"""Projected surfaces: depth against a plain ray caster."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.street import SKY_DEPTH, Street
from vid2vid.street.camera import Camera
from vid2vid.street.geometry import Geometry, GeometryBuilder, Paint
from vid2vid.street.look import Look
from vid2vid.street.street_classes import BUILDING
from vid2vid.street.views import SceneView, corners_at, pose_at
from vid2vid.street.world import World


def _cast(geometry: Geometry, camera: Camera, t: float, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return the depth at each pixel's centre by trying every ray on every surface."""
    y, x = (axis.reshape(-1).astype(np.float64) for axis in np.indices(size))
    rays = np.asarray(camera.rays(x, y), dtype=np.float64)
    nearest = np.full(len(rays), SKY_DEPTH)
    for corners in camera.to_camera(corners_at(geometry.quads, t)):
        normal = np.cross(corners[2] - corners[0], corners[3] - corners[1])
        along = rays @ normal
        z = np.where(along < 0, (corners[0] @ normal) / np.minimum(along, -1e-12), -1.0)
        points = rays * z[:, None]
        inside = z > 0.05
        for first, second in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            inside &= np.cross(second - first, points - first) @ normal >= 0
        nearest = np.where(inside & (z < nearest), z, nearest)
    centres, turns = pose_at(geometry.ellipsoids, t)
    for centre, turn, radii in zip(camera.to_camera(centres), turns, geometry.ellipsoids["radii"], strict=True):
        scale = (camera.rotation @ turn).T / radii[:, None]
        ray, eye = rays @ scale.T, scale @ -centre
        a, b, c = (ray * ray).sum(1), ray @ eye, eye @ eye - 1
        root = b * b - a * c
        z = (-b - np.sqrt(np.maximum(root, 0))) / a
        nearest = np.where((root > 0) & (z > 0.05) & (z < nearest), z, nearest)
    return nearest


@pytest.mark.parametrize(("seed", "t"), [(0, 3), (5, 40)])
def test_depth_is_that_of_a_plain_ray_caster(seed: int, t: int) -> None:
    size = (36, 72)
    frame, world = Street(seed, *size).render(t), World(Look(seed, 10.0))
    camera = world.camera(t, size)
    expected = _cast(world.geometry(t, float(camera.position[0])), camera, t, size).reshape(size)
    close = np.isclose(frame.depth, expected, rtol=2e-3)
    assert close.mean() > 0.998  # float32 decides otherwise where a centre lies just on an outline


def test_only_what_faces_the_camera_in_its_view_is_kept() -> None:
    builder, paint = GeometryBuilder(), Paint(BUILDING, (1, 1, 1))
    builder.box((10, -1, 0), (11, 1, 2), paint)
    builder.box((-11, -1, 0), (-10, 1, 2), paint)
    for x in (10, -10):
        builder.ellipsoid((x, 3, 1), (1, 1, 1), paint)
    camera = Camera.looking(np.array([0.0, 0.0, 1.0]), 0.0, 0.0, 64.0, (63.5, 31.5))
    scene = SceneView.seen(builder.finish(), camera, 0, (64, 128))
    # of the box ahead its back; of the two balls the one ahead
    np.testing.assert_array_equal(scene.quads.kept, [3])
    np.testing.assert_array_equal(scene.ellipsoids.kept, [0])
    middle = np.array([1]), np.array([63.5], np.float32), np.array([31.5], np.float32)
    np.testing.assert_allclose(scene.inverse_depth(*middle), 1 / 10, rtol=1e-6)
