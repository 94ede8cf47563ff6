"""Changed streets, the ground truth of edits."""

import numpy as np
import pytest

from vid2vid.street import Street, StreetChange, StreetFrame
from vid2vid.street.street_classes import BUILDING, CAR, ROAD, SIDEWALK, SKY, VEGETATION

SEED = 3


def render(change: StreetChange, crossings: bool = False) -> StreetFrame:
    return Street(SEED, 48, 96, crossings=crossings, change=change).render(4)


@pytest.fixture(scope="module")
def before() -> StreetFrame:
    return render(StreetChange())


def test_without_cars_all_else_is_the_same(before: StreetFrame) -> None:
    after = render(StreetChange(cars=False))
    seen = before.label != CAR
    assert not seen.all()
    assert not (after.label == CAR).any()
    np.testing.assert_array_equal(after.instance[seen], before.instance[seen])
    walls = before.label == BUILDING
    np.testing.assert_array_equal(after.depth[walls], before.depth[walls])


def test_without_cars_none_turns_at_a_crossing() -> None:
    assert (render(StreetChange(), crossings=True).label == CAR).any()
    assert not (render(StreetChange(cars=False), crossings=True).label == CAR).any()


def test_trees_stand_in_the_place_of_houses(before: StreetFrame) -> None:
    after = render(StreetChange(houses=False))
    houses = before.label == BUILDING
    assert not (after.label == BUILDING).any()
    assert (after.label[houses] == VEGETATION).mean() > 0.2
    assert {*np.unique(after.label[houses])} > {SKY, VEGETATION}
    np.testing.assert_array_equal(after.label[before.label == ROAD], ROAD)


def test_a_moved_kerb_moves_nothing_else(before: StreetFrame) -> None:
    ground = (ROAD, SIDEWALK)
    for metres in (-0.6, 0.6):
        after = render(StreetChange(kerb=metres))
        moved = after.label != before.label
        assert moved.sum() > 20
        assert ((after.label == SIDEWALK).sum() > (before.label == SIDEWALK).sum()) == (metres < 0)
        assert np.isin(before.label[moved], ground).mean() > 0.9
        np.testing.assert_array_equal(after.label[before.label == BUILDING], BUILDING)
