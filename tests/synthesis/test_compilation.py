"""Compilation of F: the cache that survives a kill, and what is said when it fails."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from vid2vid import Condition, Synthesizer, Vid2VidModule
from vid2vid.errors import ConfigError

VARIABLE = "TORCHINDUCTOR_CACHE_DIR"


class Compiler:
    """Stands for torch.compile: notes where it would keep what it compiles, once for each kind of input."""

    def __init__(self, fails: bool = False) -> None:
        self.folders: list[str] = []
        self.fails = fails

    def __call__(self, function: Callable[..., Any], **options: object) -> Callable[..., Any]:
        def compiled(*arguments: object) -> object:
            self.folders.append(os.environ.get(VARIABLE, ""))
            if self.fails:
                raise RuntimeError("no working C++ compiler")
            return function(*arguments)

        return compiled


@pytest.fixture
def module(small_module: Callable[..., Vid2VidModule]) -> Vid2VidModule:
    return small_module(Condition(label_ids=[0, 1]))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VID2VID_CACHE", str(tmp_path))
    return tmp_path / "compiled" / f"torch-{torch.__version__}"


def frames(module: Vid2VidModule, count: int, compiled: bool) -> list[torch.Tensor]:
    torch.manual_seed(3)
    source = torch.randint(2, (count, 1, 1, 20, 28), dtype=torch.uint8)
    synthesizer = Synthesizer(module, compiled=compiled)
    return [synthesizer.step(one).fake for one in source]


def test_frames_are_the_same_and_only_new_kinds_of_steps_lock_the_cache(
    module: Vid2VidModule, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = Compiler()
    monkeypatch.setattr(torch, "compile", compiler)
    made = frames(module, 4, compiled=True)
    assert all(torch.equal(a, b) for a, b in zip(made, frames(module, 4, compiled=False), strict=True))
    # the first frame, which has no past, and the second one
    assert compiler.folders == [str(cache)] * 2 + [os.environ.get(VARIABLE, "")] * 2
    assert not (cache / "unfinished").exists()


@pytest.mark.parametrize("killed", [True, False])
def test_what_a_killed_process_left_is_removed(
    module: Vid2VidModule, cache: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    monkeypatch.setattr(torch, "compile", Compiler())
    cache.mkdir(parents=True)
    (cache / "kernel.so").write_bytes(b"half of it")
    if killed:
        (cache / "unfinished").touch()
    frames(module, 2, compiled=True)
    assert (cache / "kernel.so").exists() == (not killed)


def test_a_failure_says_what_is_needed_and_leaves_nothing_for_the_next(
    module: Vid2VidModule, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", Compiler(fails=True))
    with pytest.raises(ConfigError, match=r"compile=true: F could not be compiled \(no working C\+\+ compiler"):
        frames(module, 1, compiled=True)
    assert (cache / "unfinished").exists()
    assert os.environ.get(VARIABLE) != str(cache)
