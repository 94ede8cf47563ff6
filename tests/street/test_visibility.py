"""Visible surfaces: shares of pixels, spans of outlines."""

import numpy as np

from vid2vid.street.camera import Camera
from vid2vid.street.geometry import GeometryBuilder, Paint
from vid2vid.street.look import Look
from vid2vid.street.street_classes import BUILDING, CAR
from vid2vid.street.views import SceneView
from vid2vid.street.visibility import covered_pixels, quad_fragments, resolve
from vid2vid.street.world import World

SIZE = (32, 48)


def test_the_shares_of_each_pixel_sum_to_one() -> None:
    size, world = (48, 96), World(Look(2, 10.0))
    camera = world.camera(7, size)
    seen = resolve(SceneView.seen(world.geometry(7, float(camera.position[0])), camera, 7, size))
    np.testing.assert_allclose(np.bincount(seen.pixel, seen.weight, 48 * 96), 1.0)
    assert (seen.weight < 1).mean() > 0.1


def wall(distance: float, left: float, right: float, label: int, builder: GeometryBuilder) -> None:
    builder.box((distance, left, -50), (distance + 1, right, 50), Paint(label, (1, 1, 1)), ("back",))


def seen(builder: GeometryBuilder) -> SceneView:
    # 8 pixels a metre at a distance of 4 m
    camera = Camera.looking(np.array([0.0, 0.0, 0.0]), 0.0, 0.0, 32.0, (23.5, 15.5))
    return SceneView.seen(builder.finish(), camera, 0, SIZE)


def test_the_nearer_surface_hides_the_other() -> None:
    builder = GeometryBuilder()
    wall(8, -40, 40, BUILDING, builder)
    wall(4, 0, 40, CAR, builder)  # the left half of the picture
    scene = seen(builder)
    label = scene.paint["label"][resolve(scene).owner].reshape(SIZE)
    assert (label[:, :24] == CAR).all()
    assert (label[:, 24:] == BUILDING).all()


def test_a_surface_thinner_than_a_pixel_has_its_share() -> None:
    builder = GeometryBuilder()
    wall(8, -40, 40, BUILDING, builder)
    wall(4, -0.03, 0.03, CAR, builder)  # half a pixel
    scene = seen(builder)
    visible = resolve(scene)
    label = scene.paint["label"][visible.surface]
    share = visible.weight[label == CAR].sum() / SIZE[0]
    assert 0.25 <= share <= 0.75


def test_pixels_that_are_covered_wholly_and_in_part_are_told_apart() -> None:
    builder = GeometryBuilder()
    wall(4, -1, 1.03, CAR, builder)  # columns 15.26 to 31.5
    view = seen(builder).quads
    inner, rim = quad_fragments(view, 1)
    assert set(inner.x.tolist()) == set(range(16, 32)) - set(rim.x.tolist())
    assert 15 in rim.x
    both = {*zip(inner.x, inner.y, strict=True), *zip(rim.x, rim.y, strict=True)}
    every = covered_pixels(view)
    assert both == {*zip(every.x, every.y, strict=True)}
    assert len(inner) + len(rim) == len(both)
