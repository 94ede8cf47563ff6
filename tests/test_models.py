"""The registry of models: its names lead to classes, which know their place in it."""

import inspect
import re
from dataclasses import fields
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

import vid2vid
from vid2vid.config.commands import Train
from vid2vid.models import MODELS
from vid2vid.training.adversarial_module import AdversarialModule


@pytest.mark.parametrize("kind", MODELS)
def test_an_entry_leads_to_the_module_of_its_kind(kind: str) -> None:
    module = MODELS[kind].module
    assert issubclass(module, AdversarialModule)
    assert module.kind == kind
    # users find it under its name
    assert getattr(vid2vid, module.__name__) is module


@pytest.mark.parametrize("kind", MODELS)
def test_the_settings_are_those_that_the_module_takes_and_the_command_line_has(kind: str) -> None:
    arguments = set(inspect.signature(MODELS[kind].module).parameters) - {"condition"}
    assert set(MODELS[kind].settings) == arguments
    known = {field.name: field for field in fields(Train)}
    for key in MODELS[kind].settings.values():
        group, _, part = key.partition(".")
        assert group in known
        config: Any = known[group].default_factory
        assert not part or hasattr(config(), part)
    assert not MODELS[kind].staged or MODELS[kind].staged in MODELS[kind].settings.values()


@pytest.mark.parametrize("kind", MODELS)
def test_the_classes_that_run_a_model_exist(kind: str) -> None:
    model = MODELS[kind]
    for home in filter(None, (model.adapter, model.synthesizer)):
        assert inspect.isclass(resolve_name(home))
    assert bool(model.adapter) == (model.predicts == "frames")
    # what cannot be synthesised with has other uses, which are named
    assert bool(model.synthesizer) != bool(model.instead)


def test_nobody_asks_for_the_class_of_a_model() -> None:
    classes = "|".join(model.home.rpartition(":")[2] for model in MODELS.values())
    asked = re.compile(rf"isinstance\([^()]*\b({classes})\b")
    root = Path(vid2vid.__file__).parent
    askers = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if asked.search(path.read_text("utf-8"))}
    assert not askers
