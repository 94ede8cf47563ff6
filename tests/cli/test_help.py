"""Help comes at once, without anything heavy being imported."""

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from vid2vid.cli.main import VERBS

HEAVY = {"torch", "pytorch_lightning", "kornia", "torchmetrics", "wandb", "decord", "av", "cv2"}


Run = Callable[..., CompletedProcess[str]]
COMMANDS = [["--help"], *([verb, "--help"] for verb in VERBS)]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_help_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "vid2vid", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    imported = {match.split(".")[0] for match in re.findall(r"\|\s+([\w.]+)$", done.stderr, re.MULTILINE)}
    assert "vid2vid" in imported
    assert not imported & HEAVY
    assert "usage: vid2vid" in done.stdout
    assert not list(tmp_path.iterdir())


def test_help_lists_verbs_groups_and_settings(vid2vid: Run) -> None:
    usage = vid2vid("--help")
    assert usage.returncode == 0
    for verb, text in VERBS.items():
        assert re.search(rf"^  {verb} +{text}$", usage.stdout, re.MULTILINE)
    assert vid2vid().stdout == vid2vid("-h").stdout == usage.stdout
    settings = vid2vid("train", "--help")
    assert settings.returncode == 0
    for line in (
        "generator: paper, small",
        "experiment: ",
        ", street, ",
        "  flow_weight: 10.0",
        "run_dir: runs/",
    ):
        assert line in settings.stdout
    assert "hydra" not in settings.stdout.lower()
    assert "checkpoint: ???" in vid2vid("synthesize", "--help").stdout


def test_the_version_is_that_of_the_package(vid2vid: Run) -> None:
    assert vid2vid("--version").stdout.strip() == version("vid2vid")


def test_the_configuration_can_be_shown_without_running(vid2vid: Run) -> None:
    shown = vid2vid("train", "trainer.max_epochs=7", "--cfg", "job")
    assert shown.returncode == 0
    assert "max_epochs: 7" in shown.stdout
    assert not list(Path.cwd().iterdir())
