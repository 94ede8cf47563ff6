"""The flow of the street renderer: against closed forms, by warping, composed, hidden and moving things."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.street import Street
from vid2vid.street.camera import Camera
from vid2vid.street.exact_flow import backward_flow
from vid2vid.street.geometry import Geometry, GeometryBuilder, Paint
from vid2vid.street.look import Look
from vid2vid.street.street_classes import BUILDING, PERSON, ROAD, SKY
from vid2vid.street.views import SceneView
from vid2vid.street.visibility import Visibility, resolve
from vid2vid.street.world import World

SIZE = (64, 128)
Array = NDArray[np.float64]


def _grid() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, x = np.indices(SIZE).astype(np.float32)
    return x, y


def _warp(image: NDArray[np.generic], vectors: NDArray[np.floating], how: int = cv2.INTER_LINEAR) -> Array:
    x, y = _grid()
    maps = ((x + vectors[0]).astype(np.float32), (y + vectors[1]).astype(np.float32))
    return np.asarray(cv2.remap(np.asarray(image, np.float32), *maps, how), dtype=np.float64)


@pytest.mark.parametrize(("stride", "bound"), [(1, 0.35), (3, 0.35), (9, 0.40)])
def test_warping_by_the_flow_gives_the_frame(stride: int, bound: float) -> None:
    """The mean error stays below ``bound`` times that of zero flow; what remains is bilinear blur and outlines."""
    errors, still, visible, same = [], [], [], []
    for seed in range(4):
        street = Street(seed, *SIZE)
        now, then = street.render(15), street.render(15 - stride)
        vectors, seen = street.flow(15, stride)
        errors.append(np.abs(_warp(then.rgb, vectors) - now.rgb)[seen].mean())
        still.append(np.abs(then.rgb.astype(float) - now.rgb)[seen].mean())
        visible.append(seen.mean())
        same.append((_warp(then.instance, vectors, cv2.INTER_NEAREST) == now.instance)[seen].mean())
    assert np.mean(errors) < bound * np.mean(still)
    assert np.mean(visible) > 0.8
    assert np.mean(same) > 0.96


def test_the_depth_of_still_things_shrinks_by_the_way_driven() -> None:
    street, world = Street(2, *SIZE), World(Look(2, 10.0))
    now, then = street.render(20), street.render(17)
    vectors, seen = street.flow(20, 3)
    way = world.camera(20, SIZE).position[0] - world.camera(17, SIZE).position[0]
    still = seen & np.isin(now.label, (ROAD, BUILDING)) & (now.depth < 40)
    change = _warp(then.depth, vectors)[still] - now.depth[still]
    assert way > 0.8
    assert np.median(np.abs(change - way)) < 0.05 * way


def _intrinsics(camera: Camera) -> Array:
    return np.array([[camera.focal, 0, camera.centre[0]], [0, camera.focal, camera.centre[1]], [0, 0, 1]])


def _homography(now: Camera, then: Camera, plane: bool) -> Array:
    """Return the flow ``(2, H, W)`` of points at infinity, or on the plane z = 0, by a homography."""
    turn = then.rotation @ now.rotation.T
    if plane:
        # n · P = d in the camera's coordinates, with n the upward normal seen from above the plane
        shift = then.rotation @ (now.position - then.position)
        turn = turn + np.outer(shift, now.rotation @ [0, 0, 1]) / -now.position[2]
    x, y = _grid()
    pixels = np.stack([x, y, np.ones_like(x)]).reshape(3, -1).astype(np.float64)
    moved = _intrinsics(then) @ turn @ np.linalg.inv(_intrinsics(now)) @ pixels
    return np.asarray((moved[:2] / moved[2] - pixels[:2]).reshape(2, *SIZE))


@pytest.mark.parametrize(("label", "plane"), [(ROAD, True), (SKY, False)])
def test_road_and_sky_flow_by_a_homography(label: int, plane: bool) -> None:
    street, world = Street(4, *SIZE), World(Look(4, 10.0))
    vectors, seen = street.flow(9, 2)
    expected = _homography(world.camera(9, SIZE), world.camera(7, SIZE), plane)
    here = street.render(9).label == label
    assert here.sum() > 500
    assert seen[here].mean() > 0.5
    np.testing.assert_allclose(vectors[:, here], expected[:, here], atol=5e-3)


def test_three_small_steps_make_a_large_one() -> None:
    street = Street(1, *SIZE)
    whole, seen = street.flow(12, 3)
    total = np.zeros((2, *SIZE))
    valid, label = seen.copy(), street.render(12).instance
    for t in (12, 11, 10):
        vectors, visible = street.flow(t, 1)
        valid &= _warp(visible, total) > 0.999
        valid &= _warp(street.render(t).instance, total, cv2.INTER_NEAREST) == label
        total = total + np.stack([_warp(part, total) for part in vectors])
    error = np.hypot(*(total - whole))[valid]
    assert valid.mean() > 0.7
    assert np.median(error) < 0.02
    assert np.percentile(error, 95) < 0.5


def _drawn(geometry: Geometry, t: int, camera: Camera) -> tuple[SceneView, Visibility]:
    scene = SceneView.seen(geometry, camera, t, SIZE)
    return scene, resolve(scene)


def _standing() -> Camera:
    return Camera.looking(np.array([0.0, 0.0, 1.5]), 0.0, 0.0, 100.0, (63.5, 31.5))


def test_a_moving_block_uncovers_what_was_hidden() -> None:
    wall, block = GeometryBuilder(), GeometryBuilder(velocity=-1.0)
    wall.box((40, -60, -20), (41, 60, 60), Paint(BUILDING, (1, 1, 1)), ("back",))
    block.box((21, 1, 0), (22, 3, 3), Paint(PERSON, (1, 0, 0), instance=24001), ("back", "right", "left"))
    geometry = Geometry.join([wall.finish(), block.finish()])
    (now, seen_now), (then, seen_then) = (_drawn(geometry, t, _standing()) for t in (1, 0))
    vectors, visible = backward_flow(now, seen_now.owner, then, seen_then.owner)
    label = now.paint["label"][seen_now.owner].reshape(SIZE)
    x, _ = _grid()
    np.testing.assert_allclose(vectors[:, label == BUILDING], 0, atol=1e-4)
    # the near face goes from 21 m to 20 m: what is x - cx now was 20 / 21 of it before
    face = (label == PERSON) & (x <= np.floor(63.5 - 100 / 20)) & (x >= np.ceil(63.5 - 300 / 20))
    assert face.sum() > 40
    np.testing.assert_allclose(vectors[0][face], ((x - 63.5) * (20 / 21 - 1))[face], atol=1e-3)
    assert visible[face].all()
    (before, seen_before), (after, seen_after) = (_drawn(geometry, t, _standing()) for t in (1, 11))
    vectors, visible = backward_flow(before, seen_before.owner, after, seen_after.owner)
    hidden = (after.paint["label"][seen_after.owner] == PERSON).reshape(SIZE) & (label == BUILDING)
    assert hidden.sum() > 100
    assert not visible[hidden].any()


def test_a_swinging_limb_keeps_its_points() -> None:
    builder = GeometryBuilder(velocity=0.05)
    builder.ellipsoid((4, 0, 1.2), (0.2, 0.2, 0.8), Paint(PERSON, (1, 0, 0), instance=24001), (0.7, 0.9, 0.8, 0.3))
    builder.box((9, -60, -20), (10, 60, 60), Paint(BUILDING, (1, 1, 1)), ("back",))
    camera = Camera.looking(np.array([4.0, -4.0, 1.2]), np.pi / 2, 0.0, 100.0, (63.5, 31.5))
    (now, seen_now), (then, seen_then) = (_drawn(builder.finish(), t, camera) for t in (2, 0))
    vectors, visible = backward_flow(now, seen_now.owner, then, seen_then.owner)
    limb = seen_now.owner.reshape(SIZE) == now.first_ellipsoid
    limb_then = seen_then.owner.reshape(SIZE) == then.first_ellipsoid
    middle = cv2.erode(limb.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert middle.sum() > 100
    assert np.hypot(*vectors)[middle].max() > 5
    assert visible[middle].all()
    assert _warp(limb_then, vectors, cv2.INTER_NEAREST)[middle].all()
    # the limb turns in a plane parallel to the picture, which keeps areas: the Jacobian of x + flow is near 1
    (uy, ux), (vy, vx) = (np.gradient(part.astype(np.float64)) for part in vectors)
    area = (1 + ux) * (1 + vy) - uy * vx
    assert np.median(np.abs(area[middle] - 1)) < 0.05
