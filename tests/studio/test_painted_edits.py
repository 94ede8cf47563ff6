"""Lines, objects and layers change a condition in their order."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import ConfigError
from vid2vid.street import street_condition
from vid2vid.studio.carrying import CarriedLayer, Layer
from vid2vid.studio.painted_edits import ObjectChange, PaintedEdits

ROAD, BUILDING, VEGETATION, CAR = 0, 2, 4, 8


def still(frame: int, other: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    return np.zeros((2, 2, 4), np.float32), np.ones((2, 4), bool)


def painted(frame: int, value: int, columns: slice, first: int = 0, last: int = 9) -> CarriedLayer:
    where = np.zeros((2, 4), bool)
    where[:, columns] = True
    values, objects = np.full((2, 4), value, np.uint8), np.full((2, 4), 500 + frame, np.int32)
    return CarriedLayer(Layer(frame, values, where, objects, "place", first, last), still)


def test_edits_are_made_one_after_the_other() -> None:
    edits = PaintedEdits(street_condition())
    planes = np.array([[[ROAD, BUILDING, CAR, CAR]] * 2], np.uint8)
    ids = np.array([[7, 11001, 26001, 26002]] * 2, np.int32)
    edits.set_rules(["building->vegetation from 2"], [ObjectChange(26001, ROAD, 1, 3)])
    assert edits.apply(planes, ids, 0)[0][0, 0].tolist() == [ROAD, BUILDING, CAR, CAR]
    assert edits.apply(planes, ids, 2)[0][0, 0].tolist() == [ROAD, VEGETATION, ROAD, CAR]
    assert edits.painted
    edits.layers = {4: painted(4, CAR, slice(0, 2)), 8: painted(8, BUILDING, slice(1, 3), first=5)}
    changed, numbers = edits.apply(planes, ids, 5)
    assert changed[0, 0].tolist() == [CAR, CAR, BUILDING, CAR]
    assert numbers is not None
    assert numbers[0].tolist() == [504, 504, 508, 26002]
    # the layer of the nearer frame lies above, that of another frame ends
    assert edits.apply(planes, ids, 7)[0][0, 0].tolist() == [CAR, BUILDING, BUILDING, CAR]
    assert edits.apply(planes, ids, 4)[0][0, 0].tolist() == [CAR, CAR, CAR, CAR]
    # the map that is painted on
    assert edits.apply(planes, ids, 4, own_layer=False)[0][0, 0].tolist() == [ROAD, VEGETATION, CAR, CAR]
    # what was given stays
    assert planes[0, 0].tolist() == [ROAD, BUILDING, CAR, CAR]


def test_a_line_that_does_not_fit_leaves_the_edits_as_they_were() -> None:
    edits = PaintedEdits(street_condition())
    edits.set_rules(["remove car"], [])
    with pytest.raises(ConfigError, match="'cat' is unknown"):
        edits.set_rules(["cat->road"], [])
    assert edits.lines == ("remove car",)
    assert not edits.painted
