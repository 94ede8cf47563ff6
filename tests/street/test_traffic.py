"""Cars and pedestrians."""

import numpy as np

from vid2vid.street.geometry import GeometryBuilder
from vid2vid.street.look import stream
from vid2vid.street.roadside import KERB_HEIGHT
from vid2vid.street.street_classes import CAR, PERSON
from vid2vid.street.traffic import add_car, add_person
from vid2vid.street.views import pose_at


def test_the_colours_of_cars_tell_nothing_of_each_other_or_their_shapes() -> None:
    colours, lengths = [], []
    for seed in range(40):
        for place in range(10):
            builder = GeometryBuilder()
            add_car(builder, stream(seed, 20, place), 0.0, 0.0, 1, place)
            geometry = builder.finish()
            colours.append(geometry.quads["paint"]["colour"][0])
            lengths.append(np.ptp(geometry.quads["corners"][..., 0]))
    table = np.array(colours).reshape(40, 10, 3)
    for channel in range(3):
        here = table[:, :, channel]
        pairs = [(here[:, :-1], here[:, 1:]), (here[:-1], here[1:]), (here, np.reshape(lengths, (40, 10)))]
        for one, other in pairs:
            # five standard deviations of a correlation of 360 independent pairs are 0.26
            assert abs(np.corrcoef(one.reshape(-1), other.reshape(-1))[0, 1]) < 0.26
    assert len(np.unique(np.round(table[:, :, 0], 3))) > 100


def test_a_car_stands_on_its_wheels_where_it_was_put() -> None:
    for heading in (1, -1):
        builder = GeometryBuilder()
        add_car(builder, stream(0, 20), 30.0, -2.0, heading, 7)
        car = builder.finish()
        wheels, corners = car.ellipsoids, car.quads["corners"]
        np.testing.assert_allclose(wheels["centre"][:, 2], wheels["radii"][:, 2])
        np.testing.assert_allclose(corners[..., :2].reshape(-1, 2).mean(axis=0), (30, -2), atol=0.5)
        np.testing.assert_allclose(car.quads["paint"]["instance"], CAR * 1000 + 7)
        # the lights of the front are white, those of the rear red
        front = np.argmax(car.quads["paint"]["trim"][:, 2])
        assert np.sign(corners[front, :, 0].mean() - 30) == heading


def test_a_pedestrian_walks_with_swinging_limbs() -> None:
    builder = GeometryBuilder(velocity=0.12)
    add_person(builder, stream(0, 24), 3.0, 5.0, 10.0, 2)
    parts = builder.finish().ellipsoids
    assert (parts["paint"]["instance"] == PERSON * 1000 + 2).all()
    lowest = (parts["centre"][:, 2] - parts["radii"][:, 2]).min()
    np.testing.assert_allclose(lowest, KERB_HEIGHT, atol=0.02)
    limbs = parts["swing"][:, 1] != 0
    assert limbs.sum() == 4
    # in a whole step every limb is back where it was, moved along with the body
    period = 2 * np.pi / 0.9
    (now, turn), (later, turned) = pose_at(parts, 0.0), pose_at(parts, period)
    np.testing.assert_allclose(later - now, np.broadcast_to([0.12 * period, 0, 0], now.shape), atol=1e-9)
    np.testing.assert_allclose(turned, turn, atol=1e-9)
    _, half = pose_at(parts, period / 4)
    assert (np.abs(half - turn).max(axis=(1, 2)) > 1e-3).sum() == 4
