"""The benchmarks import, explain themselves, and train with settings that exist; they are too long to be run here."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from omegaconf import OmegaConf

from vid2vid.cli.composition import check, conf_dir, register

FOLDER = Path(__file__).parents[1] / "benchmarks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


@pytest.fixture
def benchmark(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module of a benchmark; it finds the folder ``comparison`` beside it, as when it is run."""
    monkeypatch.syspath_prepend(FOLDER)
    yield import_module(str(request.param))
    for name in [name for name in sys.modules if name.partition(".")[0] in {*NAMES, "comparison", "fuzzing", "ways"}]:
        del sys.modules[name]


def compose(verb: str, *overrides: str) -> None:
    """Build the settings of a command.

    Raises:
        ConfigError: One does not exist, or has a value that is not allowed.
    """
    register()
    OmegaConf.to_object(check(conf_dir(), verb, list(overrides)))


@pytest.mark.parametrize("benchmark", NAMES, indirect=True)
def test_a_benchmark_imports_and_says_how_to_run_it(benchmark: ModuleType) -> None:
    assert f"python benchmarks/{benchmark.__name__}.py" in (benchmark.__doc__ or "")


@pytest.mark.parametrize("benchmark", ["comparison.variants"], indirect=True)
def test_the_comparison_composes(benchmark: ModuleType) -> None:
    budget = import_module("comparison.trainings").budget
    for subject, compared in benchmark.SUBJECTS.items():
        for variant in compared.variants:
            part = benchmark.Part(subject, variant, 0, Path("runs"))
            compose("train", *part.settings(), *part.beginning(), *budget(3), "preflight=true", "resume=true")
        compose("evaluate", "checkpoint=[a,b]", "names=[a,b]", "output=c", *compared.evaluation)


@pytest.mark.parametrize("benchmark", ["long"], indirect=True)
def test_what_may_help_long_videos_composes(benchmark: ModuleType) -> None:
    variants = import_module("comparison.variants")
    for subject in benchmark.MATERIAL:
        for way in benchmark.ways(Path("image.ckpt"), benchmark.LONGER[subject]).values():
            compose("train", *variants.COMMON, *variants.SUBJECTS[subject].settings, *(way.training or ()), "seed=0")
            compose("synthesize", "checkpoint=a", "source=b", "output=c", *way.synthesis)
