"""Routes: straight on, along an arc, straight on."""

import numpy as np
import pytest

from vid2vid.street.geometry import ROUTE, Route
from vid2vid.street.route import pose_on, to_body, to_street

TURN = Route(x=3.0, y=-2.0, heading=0.4, curvature=-0.2, length=6.0, speed=0.5, start=4.0)


def test_a_body_drives_where_it_heads_to_at_its_speed() -> None:
    times = np.arange(0, 40, 0.01)
    x, y, heading = pose_on(np.array([TURN.row], ROUTE), times)
    step = np.stack([np.diff(x), np.diff(y)]) / 0.01
    middle = (heading[1:] + heading[:-1]) / 2
    np.testing.assert_allclose(step, 0.5 * np.stack([np.cos(middle), np.sin(middle)]), atol=1e-4)
    arc = (times * 0.5 > 4.0) & (times * 0.5 < 10.0)
    np.testing.assert_allclose(np.gradient(heading, times)[arc][1:-1], -0.2 * 0.5, atol=1e-9)
    assert heading[0] == pytest.approx(0.4)
    assert heading[-1] == pytest.approx(0.4 - 0.2 * 6.0)
    np.testing.assert_allclose([each[800] for each in (x, y, heading)], (3.0, -2.0, 0.4), atol=1e-9)


def test_a_body_sees_its_points_where_they_are_on_it() -> None:
    routes = np.array([TURN.row, Route(heading=1.0, speed=1.0).row], ROUTE)
    points = np.random.default_rng(0).normal(size=(2, 5, 3))
    placed = to_street(routes, points, 11.0)
    ahead, aside = np.array([np.cos(1.0), np.sin(1.0)]), np.array([-np.sin(1.0), np.cos(1.0)])
    wanted = 11 * ahead + points[1, :, :1] * ahead + points[1, :, 1:2] * aside
    np.testing.assert_allclose(placed[1], np.concatenate([wanted, points[1, :, 2:]], axis=1))
    np.testing.assert_allclose(to_body(routes, placed, 11.0), points, atol=1e-12)
