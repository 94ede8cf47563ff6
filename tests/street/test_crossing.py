"""Crossings: cars turn, keep apart, and what is told of them agrees with how they move."""

import numpy as np
import pytest

from vid2vid.street import Street
from vid2vid.street.crossing import FREE, Crossing
from vid2vid.street.look import Look
from vid2vid.street.route import pose_on
from vid2vid.street.street_classes import BUILDING, CAR, ROAD, VEGETATION
from vid2vid.street.world import World

SEED, SIZE, T = 50_004, (64, 128), 12


@pytest.fixture(scope="module")
def street() -> Street:
    return Street(SEED, *SIZE, crossings=True)


def test_cars_keep_apart() -> None:
    for seed in range(4):
        crossing = Crossing(Look(seed, 10.0, crossings=True), 0)
        for t in range(0, 200, 4):
            cars = list(crossing.cars(t))
            x, y, _ = pose_on(np.array([car.quads["paint"]["route"][0] for car in cars]), t)
            apart = np.hypot(x[:, None] - x, y[:, None] - y)
            # those that pass each other in lanes beside each other are as far apart as the lanes
            assert apart[~np.eye(len(x), dtype=bool)].min() > 2.9


def test_cars_of_neighbouring_crossings_have_ids_of_their_own() -> None:
    for seed in range(4):
        look = Look(seed, 10.0, crossings=True)
        ids = [
            {int(car.quads["paint"]["instance"][0]) for car in Crossing(look, number).cars(0)} for number in range(3)
        ]
        assert all(ids)
        assert not ids[0] & ids[1]
        assert not ids[1] & ids[2]


def test_nothing_stands_on_the_side_road() -> None:
    look = Look(3, 10.0, crossings=True)
    crossing, geometry = Crossing(look, 0), World(look).geometry(0, 0.0)
    standing = geometry.quads[
        (geometry.quads["paint"]["velocity"] == 0) & (geometry.quads["paint"]["route"]["speed"] == 0)
    ]
    there = np.abs(standing["corners"][..., 0] - crossing.x).min(axis=1) < FREE - 0.01
    assert not np.isin(standing["paint"]["label"][there], (BUILDING, VEGETATION, CAR)).any()
    across = np.abs(standing["corners"][..., 1]).max(axis=1) > 400
    assert (there & across & (standing["paint"]["label"] == ROAD)).any()


def test_an_object_keeps_its_id_and_turns_steadily(street: Street) -> None:
    headings = [street.headings(t) for t in range(T - 3, T + 4)]
    seen = [set(np.unique(street.render(t).instance[street.render(t).label == CAR])) for t in range(T - 3, T + 4)]
    assert seen == [set(each) for each in headings]
    lasting = set.intersection(*seen)
    rates = {key: np.diff(np.unwrap([each[key] for each in headings])) for key in lasting}
    turning = {key: rate for key, rate in rates.items() if np.abs(rate).min() > 0.01}
    assert turning
    for rate in turning.values():
        np.testing.assert_allclose(rate, rate[0], atol=1e-9)


def test_points_of_a_car_on_an_arc_flow_about_its_centre(street: Street) -> None:
    frame, (vectors, seen) = street.render(T), street.flow(T, 2)
    now, then = (street._drawn(t).scene.camera for t in (T, T - 2))
    y, x = np.indices(SIZE).astype(float)
    points = now.to_world((now.rays(x, y) * frame.depth[..., None]).astype(np.float64))
    routes = {int(row["instance"]): row["route"] for row in street._drawn(T).scene.paint if row["route"]["speed"]}
    visible = []
    for key, route in routes.items():
        on_arc = all(0 < route["speed"] * t - route["start"] < route["length"] for t in (T - 2, T))
        here = frame.instance == key
        if not on_arc or here.sum() < 60:
            continue
        sideways = np.array([-np.sin(route["heading"]), np.cos(route["heading"])])
        centre = np.array([route["x"], route["y"]]) + sideways / route["curvature"]
        angle = -2 * route["speed"] * route["curvature"]
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        before = points[here].copy()
        before[:, :2] = (before[:, :2] - centre) @ turn.T + centre
        wanted = np.stack(then.project(then.to_camera(before))) - np.stack([x[here], y[here]])
        np.testing.assert_allclose(vectors[:, here], wanted, atol=0.02)
        visible.append(seen[here].mean())
    # others were hidden before
    assert max(visible) > 0.5


def test_sides_that_come_into_view_have_their_own_normals(street: Street) -> None:
    """The upright faces of a car's body, whose heading is known, look along it or across it."""
    frame, normals = street.render(T), street.normals(T)
    rotation = street._drawn(T).scene.camera.rotation
    for key, heading in street.headings(T).items():
        here = frame.instance == key
        if here.sum() < 100:
            continue
        world = normals[:, here].T @ rotation
        local = world[:, :2] @ np.array([[np.cos(heading), -np.sin(heading)], [np.sin(heading), np.cos(heading)]])
        upright = np.abs(world[:, 2]) < 0.3
        assert np.median(np.abs(local[upright]).max(axis=1)) > 0.95
