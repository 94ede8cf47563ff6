"""From the videos of two models to a table of preferences, on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from vid2vid.video import write_video

Command = Callable[..., CompletedProcess[str]]
Cast = Callable[[Path, str, str], None]
MODELS = "models={ours:ours,theirs:theirs}"


@pytest.fixture
def videos(vid2vid: Command) -> Path:
    """The folder in which the commands run, with the videos of two models in it."""
    for model, level in {"ours": 200, "theirs": 50}.items():
        for name in ("one", "two"):
            write_video(Path(model, f"{name}.mp4"), list(np.full((3, 16, 16, 3), level, np.uint8)), 10)
    return Path.cwd()


def test_from_videos_to_preferences(vid2vid: Command, videos: Path, cast: Cast) -> None:
    made = vid2vid("compare", MODELS, "real=ours", "output=out")
    assert made.returncode == 0, made.stderr
    assert "out/page/index.html: 2 pairs" in made.stdout
    assert "vid2vid tally key=out/key.json" in made.stdout
    cast(Path("out"), "ann", "ours")
    cast(Path("out"), "bo", "theirs")
    counted = vid2vid("tally", "key=out/key.json", "votes=[votes-ann.csv,votes-bo.csv]")
    assert counted.returncode == 0, counted.stderr
    assert "| ours      | theirs | 0.50 [0.15, 0.85]    | 2 of 4 |" in counted.stdout
    assert (videos / "out" / "tally.md").read_text() in counted.stdout
    vid2vid("tally", "key=out/key.json", "votes=[votes-ann.csv]", "output=elsewhere")
    assert json.loads((videos / "elsewhere" / "tally.json").read_text())["preferences"][0]["rate"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        # what a shell makes of braces without quotes
        (["models=ours:ours", "models=theirs:theirs"], "in quotes"),
        (["models=[ours,theirs]"], "in quotes"),
        (["models={ours:ours}"], "two or more"),
        (["models={ours:ours,theirs:nowhere}"], "nowhere: there is no such file or folder; check models.theirs"),
        ([MODELS, "real=theirs/one.mp4"], "holds no video of two"),
        ([MODELS, "fps=-1"], "the frames a second must be above 0"),
        ([], "models must be given"),
        ([MODELS, "sed=1"], "Did you mean seed?"),
    ],
)
def test_mistakes_are_explained(vid2vid: Command, videos: Path, arguments: list[str], reason: str) -> None:
    done = vid2vid("compare", *arguments, "output=out")
    assert done.returncode == 2
    assert reason in done.stderr
    assert not (videos / "out").exists()


def test_votes_that_cannot_be_counted_are_named(vid2vid: Command, videos: Path, cast: Cast) -> None:
    assert vid2vid("compare", MODELS, "output=out").returncode == 0
    assert vid2vid("compare", MODELS, "seed=1", "output=other").returncode == 0
    cast(Path("other"), "other", "ours")
    other = vid2vid("tally", "key=out/key.json", "votes=[votes-other.csv]")
    assert (other.returncode, other.stdout) == (2, "")
    assert "votes-other.csv, row 2: the key knows no pair" in other.stderr
    none = vid2vid("tally", "key=out/key.json", "votes=[]")
    assert none.returncode == 2
    assert "votes names no file" in none.stderr
    gone = vid2vid("tally", "key=gone.json", "votes=[votes-other.csv]")
    assert "gone.json: there is no such file" in gone.stderr
    assert not (videos / "out" / "tally.json").exists()
