"""Edits change label maps and object ids."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.editing import Edit, LabelEditor, read_edits
from vid2vid.errors import ConfigError

ROAD, CAR, SKY, BUILDING = range(4)
CONDITION = Condition(label_ids=[7, 26, 23, 11], label_names=["road", "car", "sky", "building"])


@pytest.fixture
def labels() -> NDArray[np.uint8]:
    """Sky above a road, on which a car stands."""
    planes = np.full((1, 12, 16), ROAD, np.uint8)
    planes[0, :5] = SKY
    planes[0, 4:9, 6:11] = CAR
    return planes


def edited(planes: NDArray[np.uint8], *lines: str, frame: int = 0) -> NDArray[np.uint8]:
    return LabelEditor(CONDITION, read_edits(list(lines)))(planes, None, frame)[0]


def test_other_conditions_have_nothing_to_edit() -> None:
    with pytest.raises(ConfigError, match="'edges' and has no labels to edit"):
        LabelEditor(Condition(kind="edges"), [Edit("car")])
    assert not LabelEditor(Condition(kind="edges"), []).edits


def test_a_label_becomes_another(labels: NDArray[np.uint8]) -> None:
    before = labels.copy()
    changed = edited(labels, "sky->building")
    np.testing.assert_array_equal(changed, np.where(before == SKY, BUILDING, before))
    np.testing.assert_array_equal(labels, before)
    # by id, and one after the other
    np.testing.assert_array_equal(edited(labels, "23->11", "building->car"), np.where(before == SKY, CAR, before))


def test_what_is_removed_is_filled_from_both_sides(labels: NDArray[np.uint8]) -> None:
    changed = edited(labels, "remove car")
    assert not (changed == CAR).any()
    # its upper row lies nearest to the sky, its lower ones to the road
    assert (changed[0, 4, 6:11] == SKY).all()
    assert (changed[0, 7:, 6:11] == ROAD).all()
    outside = labels != CAR
    np.testing.assert_array_equal(changed[outside], labels[outside])


def test_what_has_no_surroundings_stays() -> None:
    planes = np.full((1, 4, 4), CAR, np.uint8)
    np.testing.assert_array_equal(edited(planes, "remove car"), planes)


def test_a_region_and_a_span_bound_the_change(labels: NDArray[np.uint8]) -> None:
    line = "*->building in 0,2,3,7 from 2 to 4"
    for frame in range(7):
        changed = edited(labels, line, frame=frame) != labels
        assert changed.sum() == (15 if 2 <= frame <= 4 else 0)
        assert changed[0, 0:3, 2:7].all() == (2 <= frame <= 4)
    with pytest.raises(ConfigError, match=r"\[0, 0, 13, 4\].*12 x 16"):
        edited(labels, "remove car in 0,0,13,4")


def test_objects_go_with_their_labels(labels: NDArray[np.uint8]) -> None:
    ids = np.array([7, 0, 23, 11])[labels]
    ids[labels == CAR] = 26001
    ids[0, 6:9, 6:8] = 26002
    editor = LabelEditor(CONDITION, [Edit("car")])
    planes, objects = editor(labels, ids, 0)
    np.testing.assert_array_equal(objects, np.array([7, 26, 23, 11])[planes])
    # what becomes sky is of the sky's one object; what becomes a building, of which there is none, keeps its own
    for into, expected in ("sky", np.where(ids > 26000, 23, ids)), ("building", ids):
        planes, objects = LabelEditor(CONDITION, [Edit("car", into)])(labels, ids, 0)
        assert objects is not None
        assert objects.dtype == ids.dtype
        np.testing.assert_array_equal(objects, expected)
        _, flat = LabelEditor(CONDITION, [Edit("car", into)])(labels, ids[0], 0)
        np.testing.assert_array_equal(flat, expected[0])
