"""What docs/paper.md names is there: equations, objects, tests, settings."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from vid2vid.config import DiscriminatorsConfig, GeneratorConfig, ObjectiveConfig

ROOT = Path(__file__).parents[1]
PAPER = (ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
ROWS = [line for line in PAPER.splitlines() if line.startswith("| ") and "`vid2vid." in line]
SETTINGS = {"generator": GeneratorConfig(), "discriminators": DiscriminatorsConfig(), "objective": ObjectiveConfig()}


def found(name: str) -> object:
    """Import an object by its dotted name; its class or module may hold it."""
    module, *rest = name.split(".")
    thing: object = import_module(module)
    for i, part in enumerate(rest):
        try:
            thing = getattr(thing, part)
        except AttributeError:
            thing = import_module(".".join([module, *rest[: i + 1]]))
    return thing


def test_every_equation_has_a_row() -> None:
    numbers = {number for row in ROWS for number in re.match(r"\| ([\d, ]*)", row)[1].split(", ")}  # type: ignore[index]
    assert numbers >= {str(i) for i in range(1, 10)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:12])
def test_each_row_names_objects_and_tests_that_exist(row: str) -> None:
    objects, tests = re.findall(r"`(vid2vid\.[\w.]+)`", row), re.findall(r"`(tests/[\w/.]+)`", row)
    assert objects
    assert tests
    for name in objects:
        assert found(name) is not None
    for path in tests:
        source = (ROOT / path).read_text(encoding="utf-8")
        assert "def test_" in source, path


def test_the_settings_that_it_names_exist() -> None:
    named = re.findall(r"`(generator|discriminators|objective)\.([\w.]+)(?:=(\w+))?`", PAPER)
    assert len(named) > 5
    for part, path, value in named:
        setting: object = SETTINGS[part]
        for name in path.split("."):
            setting = getattr(setting, name)
        if value:
            type(SETTINGS[part])(**{path: value})
