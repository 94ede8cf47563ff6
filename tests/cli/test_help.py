"""The help of each verb: its own groups and settings, explained, without anything heavy being imported."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import hydra
import pytest
from omegaconf import OmegaConf

from vid2vid.cli import composition
from vid2vid.cli.composition import compose_verb, conf_dir, options, register
from vid2vid.cli.help import describe
from vid2vid.config import MEASURES, OptimizerConfig
from vid2vid.config.commands import COMMANDS

HEAVY = {"torch", "pytorch_lightning", "kornia", "torchmetrics", "wandb", "decord", "av", "cv2"}


Run = Callable[..., CompletedProcess[str]]


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    # one process for all of them, each of which takes half a second to start
    code = """
import sys
from vid2vid.__main__ import main

for verb in sys.argv[1:]:
    sys.argv = ["vid2vid", *verb.split(), "--help"]
    main()
    print("after", verb, *{name.split(".")[0] for name in sys.modules})
"""
    command = [sys.executable, "-c", code, "", *COMMANDS]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    *told, rest = re.split(r"^after (.*)\n", done.stdout, flags=re.MULTILINE)
    assert (len(told), rest) == (2 * (1 + len(COMMANDS)), "")
    for verb, text, after in zip(["", *COMMANDS], told[::2], told[1::2], strict=True):
        assert "usage: vid2vid" in text
        assert "vid2vid" in after.split()
        assert not HEAVY & set(after.split()), verb
    assert not list(tmp_path.iterdir())


def fields_of(value: Any, prefix: str = "") -> Iterator[str]:  # noqa: ANN401 - settings or a plain value
    """Yield the keys of all settings in a dataclass."""
    for f in fields(value):
        yield f"{prefix}{f.name}"
        inner = getattr(value, f.name)
        if is_dataclass(inner):
            yield from fields_of(inner, f"{prefix}{f.name}.")


WITH_DATA = [verb for verb, command in COMMANDS.items() if "data" in command.__annotations__]


@pytest.mark.parametrize(
    ("verb", "data"),
    [*((verb, "") for verb in COMMANDS), *((verb, f"data={kind}") for verb in WITH_DATA for kind in options("data"))],
)
def test_each_setting_has_its_value_and_its_explanation(verb: str, data: str) -> None:
    register()
    config, _ = compose_verb(conf_dir(), verb, [data] if data else [])
    told = dict(describe(COMMANDS[verb], config))
    for key in OmegaConf.missing_keys(config):
        OmegaConf.update(config, key, {"votes": [], "height": 1, "width": 1}.get(key, "given.onnx"))
        assert told[key].startswith(f"{key}=???")
    keys = set(fields_of(OmegaConf.to_object(config)))
    assert keys <= set(told)
    assert {key for key in told if "stages.N" not in key} == keys
    for key, text in told.items():
        head, _, explanation = text.strip().partition("\n" if "=" in text.splitlines()[0] else ": ")
        assert head.startswith(key)
        assert len(explanation.split()) > 1, key


def test_only_groups_of_the_verb_are_listed(vid2vid: Run) -> None:
    groups = {verb: set(re.findall(r"^(\w+) \[", vid2vid(verb, "--help").stdout, re.MULTILINE)) for verb in COMMANDS}
    assert groups["prepare"] == {"data", "flow_estimator"}
    assert groups["doctor"] == {"data", "flow_estimator", "generator"}
    assert groups["evaluate"] == groups["styles"] == {"data"}
    assert groups["train"] == {path.name for path in conf_dir().iterdir() if path.is_dir()}
    assert not any(groups[verb] for verb in ("fetch", "synthesize", "predict", "compare", "tally", "import"))


def test_the_help_shows_values_as_composed_with_types_and_choices(vid2vid: Run) -> None:
    told = vid2vid("train", "experiment=demo", "optimizer.lr=0.5", "--help")
    assert told.returncode == 0, told.stderr
    for line in (
        "generator [tiny]",
        "experiment [demo]",
        "generator.form=efficient  (text; paper, efficient)",
        "generator.foreground_labels=[]  (list of text)",
        "generator.scales=1  (int; at least 1 and at most 10)",
        "generator.norm=instance  (text; instance, batch, current_batch)",
        "optimizer.lr=0.5  (float; above 0)",
        "generator.use_flow=true  (bool)",
        "stages.N.epochs=0  (int; at least 0)",
        "data.flow_cache=true  (bool)",
        "run_dir=runs/demo  (text)",
    ):
        assert line in told.stdout.splitlines()
    assert "hydra" not in told.stdout.lower()
    assert "checkpoint=???  (path)" in vid2vid("synthesize", "--help").stdout
    assert max(map(len, told.stdout.splitlines())) <= 120


def test_the_help_of_one_part(vid2vid: Run) -> None:
    told = vid2vid("train", "optimizer=quick", "--help", "optimizer")
    assert told.returncode == 0, told.stderr
    assert "  optimizer=paper\n    Adam as in the paper" in told.stdout
    assert "* optimizer=quick\n" in told.stdout
    assert "optimizer.lr=0.0008  (float; above 0)\n    Learning rate of F" in told.stdout
    keys = set(re.findall(r"^([\w.]+)=", told.stdout, re.MULTILINE))
    assert keys == {f"optimizer.{f.name}" for f in fields(OptimizerConfig)}
    assert vid2vid("train", "--help", "seed").stdout.startswith("seed=0  (int)\n")
    assert "experiment=demo\n" in vid2vid("train", "--help", "experiment").stdout


def test_a_wrong_part_is_refused_with_the_nearest_named(vid2vid: Run) -> None:
    told = vid2vid("train", "--help", "optimzer")
    assert (told.returncode, told.stdout) == (2, "")
    assert "optimzer is neither a setting nor a group of vid2vid train. Did you mean optimizer?" in told.stderr
    told = vid2vid("prepare", "--help", "generator")
    assert (told.returncode, "generator is neither a setting nor a group" in told.stderr) == (2, True)
    told = vid2vid("train", "optimizer=quik", "--help")
    assert (told.returncode, "Did you mean optimizer=quick?" in told.stderr) == (2, True)


def test_the_help_composes_once(vid2vid: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    composed = []

    def compose(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Hydra's own signature
        composed.append(args)
        return hydra.compose(*args, **kwargs)

    monkeypatch.setattr(composition, "compose", compose)
    assert vid2vid("train", "experiment=demo", "--help").returncode == 0
    assert len(composed) == 1


def test_the_help_of_evaluate_names_each_measure(vid2vid: Run) -> None:
    text = vid2vid("evaluate", "--help").stdout
    for measure in MEASURES.values():
        assert f"\n{measure.heading}: {measure.summary}".replace("`", "") in text
    assert "tOF" not in vid2vid("train", "--help").stdout


def test_what_must_be_given_comes_first(vid2vid: Run) -> None:
    settings = vid2vid("synthesize", "--help").stdout.partition("Settings, overridden")[2]
    keys = re.findall(r"^(\w+)=", settings, re.MULTILINE)
    assert keys[:2] == ["checkpoint", "output"]
    assert len(keys) == len(set(keys)) > 20


def test_a_reader_that_has_seen_enough_ends_the_help_quietly() -> None:
    command = [sys.executable, "-m", "vid2vid", "train", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
