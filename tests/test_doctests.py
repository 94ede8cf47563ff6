"""Every public function of the parts that stand for themselves shows an example, which does what it shows."""

import doctest
import inspect
from importlib import import_module
from types import ModuleType

import numpy as np
import pytest
import torch

PARTS = ("ops", "metrics", "losses", "generator", "discriminator", "keypoints")


@pytest.fixture(params=PARTS)
def part(request: pytest.FixtureRequest) -> ModuleType:
    return import_module(f"vid2vid.{request.param}")


def test_every_public_function_has_an_example(part: ModuleType) -> None:
    functions = {name: getattr(part, name) for name in part.__all__ if inspect.isfunction(getattr(part, name))}
    assert functions
    assert [name for name, function in functions.items() if ">>>" not in (function.__doc__ or "")] == []


def test_the_examples_do_what_they_show(part: ModuleType) -> None:
    # torch, numpy and what the part exports are at hand
    names = {"torch": torch, "np": np, **{name: getattr(part, name) for name in part.__all__}}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    said: list[str] = []
    for name in part.__all__:
        text = getattr(part, name).__doc__ if callable(getattr(part, name)) else None
        example = doctest.DocTestParser().get_doctest(text or "", dict(names), name, part.__name__, 0)
        runner.run(example, out=said.append)
    assert runner.tries > 0
    assert not runner.failures, "".join(said)
