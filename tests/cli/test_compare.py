"""``vid2vid compare``: videos of two models become a page, or mistakes are explained."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Command = Callable[..., CompletedProcess[str]]
MODELS = "models={ours:ours,theirs:theirs}"


def test_a_page_and_its_key_are_made(vid2vid: Command, videos: Path) -> None:
    made = vid2vid("compare", MODELS, "real=ours", "output=out")
    assert made.returncode == 0, made.stderr
    assert "out/page/index.html: 2 pairs and 2 attention checks" in made.stdout
    assert "With these 2 scenes that is 1" in made.stdout
    assert "vid2vid tally key=out/key.json" in made.stdout
    assert len(list((videos / "out" / "page" / "videos").glob("*.mp4"))) == 6 + 2 * 3
    page = (videos / "out" / "page" / "index.html").read_text(encoding="utf-8")
    assert "Which looks more realistic?" in page
    assert '"Real": ' in page


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        # what a shell makes of braces without quotes
        (["models=ours:ours", "models=theirs:theirs"], "Quote it"),
        (["models=[ours,theirs]"], "Quote it"),
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


def test_a_study_is_not_written_among_the_videos(vid2vid: Command, videos: Path) -> None:
    done = vid2vid("compare", "models={ours:ours,theirs:theirs}", "output=theirs/../ours/study")
    assert done.returncode == 2
    assert "study: would be written into the folder ours, which is read" in done.stderr
    assert {path.name for path in (videos / "ours").iterdir()} == {"one.mp4", "two.mp4"}
