"""Edits are read from lines and mappings, and wrong ones are refused."""

import pytest

from vid2vid.condition import Condition
from vid2vid.data.editing import Edit, LabelEditor, read_edits
from vid2vid.errors import ConfigError

CONDITION = Condition(label_ids=[7, 26, 23, 11], label_names=["road", "car", "sky", "building"])


@pytest.mark.parametrize(
    ("line", "edit"),
    [
        ("building->vegetation", Edit("building", "vegetation")),
        ("  traffic light -> pole ", Edit("traffic light", "pole")),
        ("remove car", Edit("car")),
        ("remove car from 3", Edit("car", first=3)),
        ("car->road in 10,20, 60,50 from 12 to 40", Edit("car", "road", (10, 20, 60, 50), 12, 40)),
        ("*->road in 0,0,2,2 to 5", Edit("*", "road", (0, 0, 2, 2), 0, 5)),
    ],
)
def test_a_line_is_an_edit(line: str, edit: Edit) -> None:
    assert read_edits(line) == [edit] == read_edits(str(edit))


def test_edits_come_as_text_mapping_or_list() -> None:
    given = ["remove car", {"what": 26, "into": "road", "region": [0, 0, 4, 4], "first": "2", "last": None}]
    assert read_edits(given) == [Edit("car"), Edit("26", "road", (0, 0, 4, 4), 2)]
    assert read_edits("") == read_edits([]) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("car=>road", r"'car=>road' is not an edit\. Write 'LABEL->LABEL'"),
        ("remove car in 1,2,3", "is not an edit|unknown"),
        ("remove *", r"\* cannot be removed"),
        ("remove car in 5,0,5,9", "top,left,bottom,right"),
        ("remove car from 9 to 3", "from 9 to 3"),
        ({"what": "car", "inot": "road"}, "Did you mean 'into'"),
        ({"what": "car", "region": ["a"]}, "whole numbers"),
        ({"into": "road"}, "name the label"),
        (5, "is not an edit"),
        ("remove cra", "Did you mean 'car'"),
        ("car->raod", "Did you mean 'road'"),
        ("remove 8", "'8' is unknown"),
    ],
)
def test_what_is_no_edit_is_refused(given: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        LabelEditor(CONDITION, read_edits(given))
