"""The files around the code: they agree on the version, and workflows run nothing but targets of the Makefile."""

import re
from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

import vid2vid

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_version_stands_in_one_place() -> None:
    citation = OmegaConf.load(ROOT / "CITATION.cff")
    assert isinstance(citation, DictConfig)
    assert citation.version == vid2vid.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == vid2vid.__version__
    assert "\nversion =" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_targets_of_the_makefile(path: Path) -> None:
    commands = re.findall(r"run: (.*)", path.read_text(encoding="utf-8"))
    assert commands
    assert {command.split()[0] for command in commands} == {"make"}
    assert {target for command in commands for target in command.split()[1:]} <= TARGETS


def test_every_target_is_phony() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == TARGETS
