"""The endless street."""

import numpy as np

from vid2vid.street.crossing import CHUNK
from vid2vid.street.look import Look
from vid2vid.street.street_classes import CAR, PERSON
from vid2vid.street.world import AHEAD, World

SIZE = (64, 128)


def test_the_camera_drives_along_its_lane() -> None:
    look = Look(3, 10.0)
    cameras = [World(look).camera(t, SIZE) for t in range(200)]
    positions = np.stack([camera.position for camera in cameras])
    np.testing.assert_allclose(np.diff(positions[:, 0]).mean(), look.drive.speed, rtol=0.05)
    assert np.abs(positions[:, 1] - look.drive.lateral).max() < 0.25
    assert positions[:, 2].min() > 1.3
    assert all(camera.focal == look.drive.focal * 128 for camera in cameras)


def test_it_is_built_wherever_the_camera_is() -> None:
    world = World(Look(3, 10.0))
    for x in (-1000.0, 0.0, 3333.0):
        ground = world.geometry(0, x).quads["corners"][..., 0]
        assert ground.min() <= x - 6
        assert ground.max() >= x + AHEAD - CHUNK


def test_the_same_place_is_built_again_after_it_was_forgotten() -> None:
    world = World(Look(3, 10.0))
    first = world.geometry(0, 0.0)
    for chunk in range(40):
        world.geometry(0, chunk * CHUNK)
    again = world.geometry(0, 0.0)
    np.testing.assert_array_equal(first.quads, again.quads)
    np.testing.assert_array_equal(first.ellipsoids, again.ellipsoids)


def test_moving_bodies_keep_their_ids_and_speeds() -> None:
    world = World(Look(1, 10.0))
    rows = world.geometry(10, 20.0).ellipsoids["paint"]
    moving = rows[(rows["velocity"] != 0) & np.isin(rows["label"], (CAR, PERSON))]
    assert {CAR, PERSON} <= set(moving["label"].tolist())
    speeds = {int(instance): set(moving["velocity"][moving["instance"] == instance]) for instance in moving["instance"]}
    assert all(len(found) == 1 for found in speeds.values())


def test_no_car_stands_where_the_camera_drives() -> None:
    for seed in range(8):
        world = World(Look(seed, 10.0))
        camera = world.camera(5, SIZE)
        wheels = world.geometry(5, float(camera.position[0])).ellipsoids
        wheels = wheels[wheels["paint"]["label"] == CAR]
        x = wheels["centre"][:, 0] + 5 * wheels["paint"]["velocity"]
        near = (np.abs(x - camera.position[0]) < 8) & (np.abs(wheels["centre"][:, 1] - camera.position[1]) < 1)
        assert not near.any()
