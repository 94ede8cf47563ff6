"""The pinhole camera."""

import numpy as np

from vid2vid.street.camera import Camera

CAMERA = Camera.looking(np.array([3.0, -2.0, 1.5]), 0.3, -0.1, 90.0, (63.5, 31.5))


def test_the_axes_are_right_down_and_forward() -> None:
    np.testing.assert_allclose(CAMERA.rotation @ CAMERA.rotation.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(CAMERA.rotation), 1)
    straight = Camera.looking(np.zeros(3), 0.0, 0.0, 90.0, (63.5, 31.5))
    # along the street is forward, left is negative x, up is negative y
    np.testing.assert_allclose(straight.to_camera(np.eye(3)), [[0, 0, 1], [-1, 0, 0], [0, -1, 0]], atol=1e-12)


def test_projection_and_rays_are_inverse() -> None:
    points = np.random.default_rng(0).uniform((15, -5, -5), (25, 5, 5), (20, 3))
    seen = CAMERA.to_camera(points)
    np.testing.assert_allclose(CAMERA.to_world(seen), points)
    x, y = CAMERA.project(seen)
    np.testing.assert_allclose(CAMERA.rays(x, y) * seen[:, 2:], seen)


def test_functionals_are_products_with_the_rays() -> None:
    random = np.random.default_rng(1)
    vectors, x, y = random.normal(size=(5, 3)), random.uniform(0, 128, 5), random.uniform(0, 64, 5)
    found = (CAMERA.functional(vectors) * np.stack([x, y, np.ones(5)], axis=-1)).sum(-1)
    np.testing.assert_allclose(found, (vectors * CAMERA.rays(x, y)).sum(-1))


def test_what_two_cameras_see_of_one_point_obeys_their_fundamental_matrix() -> None:
    other = Camera.looking(np.array([4.0, -2.2, 1.6]), 0.25, -0.05, 120.0, (60.0, 30.0))
    points = np.random.default_rng(2).uniform((15, -5, -5), (25, 5, 5), (20, 3))
    one, two = (
        np.stack([*camera.project(camera.to_camera(points)), np.ones(20)], axis=1) for camera in (CAMERA, other)
    )
    matrix = CAMERA.fundamental(other)
    np.testing.assert_allclose(np.einsum("ni,ij,nj->n", two, matrix, one), 0, atol=1e-12)
    np.testing.assert_allclose(other.fundamental(CAMERA) / np.linalg.norm(matrix), matrix.T / np.linalg.norm(matrix))
    # the epipole is where the one camera sees the other
    x, y = other.project(other.to_camera(CAMERA.position))
    np.testing.assert_allclose(np.array([x, y, 1.0]) @ matrix, 0, atol=1e-12)
