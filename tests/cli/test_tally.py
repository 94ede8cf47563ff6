"""``vid2vid tally``: votes of a user study become a table of preferences, or are refused."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Command = Callable[..., CompletedProcess[str]]
Cast = Callable[[Path, str, str], None]
MODELS = "models={ours:ours,theirs:theirs}"


def test_from_videos_to_preferences(vid2vid: Command, videos: Path, cast: Cast) -> None:
    made = vid2vid("compare", MODELS, "real=ours", "output=out")
    assert made.returncode == 0, made.stderr
    cast(Path("out"), "ann", "ours")
    cast(Path("out"), "bo", "theirs")
    cast(Path("out"), "cat", "damaged")
    counted = vid2vid("tally", "key=out/key.json", "votes=[votes-ann.csv,votes-bo.csv]")
    assert counted.returncode == 0, counted.stderr
    assert "| ours      | theirs | 0.50 [0.15, 0.85]    | 2 of 4 | -0.50 |" in counted.stdout
    assert (videos / "out" / "tally.md").read_text() in counted.stdout
    careless = vid2vid("tally", "key=out/key.json", "votes=[votes-ann.csv,votes-cat.csv]", "leave_out_failed=true")
    assert "cat has failed 2 of 2 attention checks and does not count." in careless.stdout
    vid2vid("tally", "key=out/key.json", "votes=[votes-ann.csv]", "output=elsewhere")
    assert json.loads((videos / "elsewhere" / "tally.json").read_text())["preferences"][0]["rate"] == 1.0


def test_votes_that_cannot_be_counted_are_named(vid2vid: Command, videos: Path, cast: Cast) -> None:
    assert vid2vid("compare", MODELS, "output=out").returncode == 0
    assert vid2vid("compare", MODELS, "seed=1", "output=other").returncode == 0
    cast(Path("other"), "other", "ours")
    other = vid2vid("tally", "key=out/key.json", "votes=[votes-other.csv]")
    assert (other.returncode, other.stdout) == (2, "")
    assert "votes-other.csv, row 2: the key has no pair" in other.stderr
    none = vid2vid("tally", "key=out/key.json", "votes=[]")
    assert none.returncode == 2
    assert "votes is empty" in none.stderr
    gone = vid2vid("tally", "key=gone.json", "votes=[votes-other.csv]")
    assert "gone.json: there is no such file" in gone.stderr
    assert not (videos / "out" / "tally.json").exists()


def test_no_vote_and_no_key_is_written_over(vid2vid: Command, videos: Path, cast: Cast) -> None:
    assert vid2vid("compare", MODELS, "output=out").returncode == 0
    cast(Path("out"), "ann", "ours")
    before = (videos / "votes-ann.csv").rename(videos / "tally.md").read_bytes()
    done = vid2vid("tally", "key=out/key.json", "votes=[tally.md]", "output=out/..")
    assert done.returncode == 2
    assert "out/../tally.md: would be written over tally.md, which is read" in done.stderr
    (videos / "out" / "key.json").rename(videos / "tally.json")
    done = vid2vid("tally", "key=tally.json", "votes=[tally.md]")
    assert done.returncode == 2
    assert "tally.json: would be written over tally.json" in done.stderr
    assert (videos / "tally.md").read_bytes() == before
