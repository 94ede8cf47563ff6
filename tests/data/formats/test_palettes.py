"""Palettes: the built-in one, and files."""

import json
from pathlib import Path

import pytest

from vid2vid.data.formats import Label, read_palette
from vid2vid.data.formats.palettes import first_of_each_colour
from vid2vid.errors import DataError
from vid2vid.street.street_classes import CLASSES


def test_cityscapes_has_its_labels() -> None:
    labels = read_palette("cityscapes")
    assert [label.id for label in labels] == [*range(34), 255]
    assert len({label.name for label in labels}) == 35
    # written down independently
    known = {label.id: (label.name, label.colour) for label in labels}
    assert {i: known[i] for i in CLASSES} == CLASSES


def test_ade20k_has_its_labels() -> None:
    labels = read_palette("ade20k")
    assert [label.id for label in labels] == list(range(151))
    by_name = {label.name: (label.id, label.colour) for label in labels}
    assert by_name["wall"] == (1, (120, 120, 120))
    assert by_name["sky"] == (3, (6, 230, 230))
    assert by_name["person"] == (13, (150, 5, 61))
    assert by_name["flag"] == (150, (92, 0, 255))


def test_colours_that_several_labels_share_belong_to_the_first() -> None:
    labels = read_palette("cityscapes")
    seen = first_of_each_colour(labels)
    assert len(seen) == len({label.colour for label in labels}) == 29
    assert [label.id for label in seen if label.colour in {(0, 0, 0), (0, 0, 142), (153, 153, 153)}] == [0, 17, 26]


def test_files_are_read(tmp_path: Path) -> None:
    rows = [{"id": 3, "name": "road", "r": 128, "g": 64, "b": 0}, {"id": 0, "name": "sky", "r": 0, "g": 0, "b": 255}]
    wanted = [Label(3, "road", (128, 64, 0)), Label(0, "sky", (0, 0, 255))]
    (tmp_path / "palette.json").write_text(json.dumps(rows))
    assert read_palette(str(tmp_path / "palette.json")) == wanted
    (tmp_path / "palette.csv").write_text("id,name,r,g,b\n3, road,128,64,0\n0,sky, 0,0,255\n")
    assert read_palette(str(tmp_path / "palette.csv")) == wanted


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "id,name,r,g\n3,road,128,64\n", "entry 1 must have id, name, r, g and b"),
        ("a.csv", "id,name,r,g,b\n3,road,128,64,0\n4,sky,0,0,256\n", "entry 2 .*256"),
        ("a.csv", "id,name,r,g,b\n3,road,128,64,0\n3,sky,0,0,0\n", "lists ids twice: 3"),
        ("a.csv", "", "lists no labels"),
        ("a.json", "{", "not JSON"),
        ("a.json", '{"road": 3}', "must be a list of objects"),
        ("a.json", '[{"id": 1.5, "name": "x", "r": 0, "g": 0, "b": 0}]', "entry 1"),
        ("a.json", '[{"id": null, "name": "x", "r": 0, "g": 0, "b": 0}]', "entry 1"),
    ],
)
def test_mistakes_in_files_are_named(name: str, text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=rf"(?s){name}: .*{message}"):
        read_palette(str(tmp_path / name))


def test_a_palette_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data\.palette=cityscape: cannot be read.*Built-in palettes: cityscapes"):
        read_palette("cityscape")


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.json", "[" * 200_000), ("a.json", "9" * 5000), ("a.csv", "id,name,r,g,b\n1,{},2,3,4\n".format("x" * 200_000))],
)
def test_tables_that_python_cannot_hold_are_refused(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.(json: not JSON|csv: cannot be read as CSV)"):
        read_palette(str(tmp_path / name))
