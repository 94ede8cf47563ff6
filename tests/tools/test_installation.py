"""The report of an installation: all optional parts, present or missing."""

import re
import tomllib
from pathlib import Path

import pytest

from vid2vid.tools import installation as module
from vid2vid.tools.installation import EXTRAS, installation

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS_OF_PROJECT = PROJECT["optional-dependencies"]


def test_each_extra_is_named_with_its_packages() -> None:
    assert set(EXTRAS) == set(EXTRAS_OF_PROJECT) - {"dev"}
    for name, (purpose, packages) in EXTRAS.items():
        asked = {re.split(r"[^\w.-]", line)[0] for line in EXTRAS_OF_PROJECT[name]} - {"vid2vid"}
        assert asked <= set(packages), name
        assert purpose


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    known = module._version
    monkeypatch.setattr(module, "_version", lambda package: "" if package == "matplotlib" else known(package))
    rows = installation()
    assert rows["extra plots"] == "curves of vid2vid evaluate: missing (matplotlib)"
    assert rows["extra hub"].startswith("models on huggingface's hub: huggingface_hub ")
    assert re.fullmatch(r"\d+\.\d GiB, \d+\.\d GiB of it free", rows["memory"])
