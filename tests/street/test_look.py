"""The random properties of streets."""

import numpy as np

from vid2vid.street.look import Look, hsv, stream


def test_streams_differ_by_seed_purpose_and_index() -> None:
    keys = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, -1)]
    assert len({stream(*key).random() for key in keys}) == len(keys)
    assert stream(3, 2, -1).random() == stream(3, 2, -1).random()


def test_a_look_is_possible_whatever_the_seed() -> None:
    for seed in range(50):
        look = Look(seed, 10.0)
        for side in look.sides:
            assert look.lanes * look.lane_width < side.kerb < side.lawn <= side.front
        assert (look.right.sign, look.left.sign) == (-1, 1)
        np.testing.assert_allclose(np.linalg.norm(look.light.sun), 1, rtol=1e-6)
        assert look.light.sun[2] > 0
        # the camera drives on the right, in a lane
        assert -look.lanes * look.lane_width < look.drive.lateral < 0


def test_speeds_are_metres_a_frame() -> None:
    assert Look(4, 20.0).drive.speed == Look(4, 10.0).drive.speed / 2


def test_colours_stay_in_range() -> None:
    assert hsv(1.0, 2.0, 3.0) == hsv(0.0, 1.0, 1.0) == (1.0, 0.0, 0.0)
    assert hsv(-0.5, -1.0, 0.25) == (0.25, 0.25, 0.25)
