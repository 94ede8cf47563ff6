"""Ways to run the command line: in this process, which is fast, and for real."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from vid2vid.cli.main import main
from vid2vid.video import write_video

SMALL = [
    "generator.base_channels=4",
    "generator.downsamples=2",
    "generator.blocks=2",
    "image.base_channels=4",
    "image.downsamples=1",
    "image.blocks=1",
    "predictor.base_channels=4",
    "predictor.past_frames=2",
    "predictor.blocks=2",
    "discriminators.image.base_channels=4",
    "discriminators.image.layers=1",
    "discriminators.video.base_channels=4",
    "discriminators.video.layers=1",
    "trainer.accelerator=cpu",
    "trainer.devices=1",
    "trainer.max_epochs=1",
    "output.preview_every=1",
]


@pytest.fixture(scope="session")
def small() -> list[str]:
    """Overrides of ``vid2vid train`` that make any configuration small."""
    return SMALL


@pytest.fixture(scope="session")
def small_stages() -> list[str]:
    """Overrides that make the three stages of a progressive training small."""
    sizes = [f"stages.{i}.{side}={pixels * 2**i}" for i in range(3) for side, pixels in (("height", 8), ("width", 16))]
    return [
        *sizes,
        *(f"stages.{i}.{key}" for i in (1, 2) for key in ("epochs=2", "freeze_coarse_epochs=1")),
        "stages.0.epochs=1",
    ]


@pytest.fixture
def vid2vid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., CompletedProcess[str]]:
    """Runs ``vid2vid ...`` in this process, in a folder of its own."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.setenv("VID2VID_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)

    def run(*arguments: object) -> CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["vid2vid", *map(str, arguments)])
        capfd.readouterr()
        code = 0
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
        return CompletedProcess(sys.argv, code, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def program() -> Callable[..., CompletedProcess[str]]:
    """Runs ``python -m vid2vid ...`` as a program of its own; ``cwd`` is the folder."""

    def run(*arguments: object, cwd: Path) -> CompletedProcess[str]:
        command = [sys.executable, "-m", "vid2vid", *map(str, arguments)]
        # one thread sums in one order on any machine, and on small networks is faster
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=200, check=False
        )

    return run


@pytest.fixture(scope="session")
def cast() -> Callable[[Path, str, str], None]:
    """Writes the votes on a comparison, ``votes-VIEWER.csv``, of somebody who always prefers one model."""

    def write(comparison: Path, viewer: str, favourite: str) -> None:
        with Path(f"votes-{viewer}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["pair", "left", "right", "choice", "seconds", "viewer"])
            for pair, match in json.loads((comparison / "key.json").read_text())["matches"].items():
                left, right = match["models"]
                choice = "left" if match["models"][left] in (favourite, "intact") else "right"
                if favourite in match["models"].values():
                    choice = "left" if match["models"][left] == favourite else "right"
                rows.writerow([pair, left, right, choice, 1.5, viewer])

    return write


@pytest.fixture
def videos(vid2vid: Callable[..., CompletedProcess[str]]) -> Path:
    """The folder in which the commands run, with the videos of two models in it."""
    for model, level in {"ours": 200, "theirs": 50}.items():
        for name in ("one", "two"):
            write_video(Path(model, f"{name}.mp4"), list(np.full((3, 16, 16, 3), level, np.uint8)), 10)
    return Path.cwd()
