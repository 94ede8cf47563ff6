"""The lowest allowed versions: every dependency has one, and `make lowest` installs just these."""

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest
from packaging.version import Version


@pytest.fixture
def lowest(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script beside this file."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    yield import_module("lowest_versions")
    del sys.modules["lowest_versions"]


def test_every_dependency_has_a_floor_which_is_installed_or_older(lowest: ModuleType) -> None:
    found = lowest.floors(lowest.dependencies())
    assert len(found) > 10
    for name, floor in found.items():
        assert floor <= Version(version(name)), name


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("torch", "2.10"),
        ("hydra-core", "1.3.4"),
        ("av", "18.1"),
        ("pytorch-lightning", "2.6.6"),
        ("opencv-python-headless", "4.12"),
        ("pillow", "13"),
    ],
)
def test_versions_with_known_holes_are_not_allowed(lowest: ModuleType, name: str, least: str) -> None:
    assert lowest.floors(lowest.dependencies())[name] >= Version(least)


def test_constraints_allow_the_lowest_version_only(lowest: ModuleType) -> None:
    elsewhere = "decord2>=3.4; platform_system=='Elsewhere'"
    here = "decord>=0.6,<0.7; platform_system!='Elsewhere'"
    text = lowest.constraints(["torch>=2.10", "av>=18.1,<19", elsewhere, here])
    assert text == "torch==2.10\nav==18.1\ndecord==0.6\n"


def test_a_dependency_without_a_floor_is_named(lowest: ModuleType) -> None:
    with pytest.raises(ValueError, match="wandb has no lowest version"):
        lowest.constraints(["torch>=2.10", "wandb<1"])
