"""Damaged inputs: a short run of benchmarks/fuzz.py, and that its process notices whatever can go wrong."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is measured through /proc")


@pytest.fixture(scope="module")
def running() -> Iterator[ModuleType]:
    """The module ``fuzzing.running``."""
    before = list(sys.path)
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    yield import_module("fuzzing.running")
    sys.path[:] = before
    for name in [name for name in sys.modules if name.partition(".")[0] == "fuzzing"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def samples(running: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """A whole file of every kind."""
    made: list[Any] = import_module("fuzzing.samples").make_samples(tmp_path_factory.mktemp("whole"))
    return made


@pytest.mark.slow
def test_whatever_goes_wrong_is_noticed(running: ModuleType, samples: list[Any], tmp_path: Path) -> None:
    reader = running.Reader(tmp_path / "log", seconds=15.0)
    try:
        found = {kind: reader.read(kind, tmp_path, kind).result for kind in ("traceback", "memory", "crash")}
        assert found == {kind: kind for kind in found}
        assert reader.read("hang", tmp_path, "hang", seconds=1.0).result == "hang"
        # the next process reads on; labels are asked for of videos, which do not hold any
        for sample in samples:
            path = tmp_path / sample.kind / sample.name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(sample.data)
            if sample.kind not in ("video", "image", "keypoints"):
                assert reader.read(sample.kind, path, sample.name).result == "read", sample.name
    finally:
        reader.close()


def test_damage_depends_on_the_seed_only(running: ModuleType, samples: list[Any]) -> None:
    damaged = import_module("fuzzing.damaging").damaged
    one, again, other = ([damaged(sample, 5, seed) for sample in samples] for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert sum(data != sample.data for (_, data), sample in zip(one, samples, strict=True)) > len(samples) / 2


@pytest.mark.slow
def test_damaged_files_are_refused_in_words(running: ModuleType, samples: list[Any], tmp_path: Path) -> None:
    outcomes = list(running.run(samples, 3 * len(samples), 3, tmp_path))
    assert [f"{outcome.name}: {outcome.result}: {outcome.detail}" for outcome in outcomes if outcome.is_fault] == []
    assert sum(outcome.result == "refused" for outcome in outcomes) > len(outcomes) / 2
    assert "| all | 93 |" in running.table(outcomes)
