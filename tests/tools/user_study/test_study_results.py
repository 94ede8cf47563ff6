"""Rates and intervals, from votes whose count is known."""

import json
import math

import pytest

from vid2vid.tools.user_study import StudyKey, StudyResults, Vote
from vid2vid.tools.user_study.study_key import Match
from vid2vid.tools.user_study.study_results import Rate

MODELS = ["ours", "theirs", "a|b"]
MATCHES = {str(i): Match("s", {f"l{i}": "ours", f"r{i}": "theirs"}) for i in range(4)}


def vote(preferred: str, rejected: str, viewer: str = "Ann", side: str = "left", seconds: float = 2.0) -> Vote:
    return Vote("0", viewer, preferred, rejected, side, seconds, "v.csv, row 2")


@pytest.mark.parametrize(("chosen", "votes"), [(0, 1), (1, 1), (0, 12), (5, 12), (12, 12), (870, 1000)])
def test_intervals_are_wilsons(chosen: int, votes: int) -> None:
    rate = Rate(chosen, votes)
    assert rate.value == chosen / votes
    # its ends are the chances from which what was found lies just 1.96 standard deviations away
    for chance, side in zip(rate.interval, (1, -1), strict=True):
        deviation = math.sqrt(chance * (1 - chance) / votes)
        assert rate.value - chance == pytest.approx(side * 1.959964 * deviation, abs=1e-6)
    assert rate.interval[0] <= rate.value <= rate.interval[1]


def test_rates_of_all_pairs_that_were_voted_on() -> None:
    votes = [*[vote("ours", "theirs")] * 3, vote("theirs", "ours"), vote("a|b", "theirs")]
    found = {
        (model, rival): (rate.chosen, rate.votes)
        for model, rival, rate in StudyResults(StudyKey("?", MODELS, MATCHES), votes).preferences()
    }
    assert found == {("ours", "theirs"): (3, 4), ("theirs", "a|b"): (0, 1)}


def test_what_is_said_of_viewers_and_sides() -> None:
    votes = [
        vote("ours", "theirs", "Ann", "left", 1.0),
        vote("ours", "theirs", "Ann", "right", 2.0),
        *[vote("theirs", "ours", "Bo", "right", 9.0) for _ in range(4)],
    ]
    results = StudyResults(StudyKey("Which?", MODELS, MATCHES), votes)
    assert results.viewers == {"Ann": 2, "Bo": 4}
    assert (results.left.chosen, results.left.votes) == (1, 6)
    assert results.seconds == 9.0
    text = results.markdown()
    assert text.startswith("Which?\n\n| preferred | to")
    assert "| ours      | theirs | 0.33 [0.10, 0.70]    | 2 of 6 |" in text
    assert "Viewers: 2; pairs: 4; votes: 6, 9.0 s each" in text
    assert "Ann has voted on 2 of 4 pairs only." in text
    assert "Bo has voted" not in text


def test_json_says_the_same() -> None:
    results = StudyResults(
        StudyKey("Which?", MODELS, MATCHES), [vote("ours", "theirs")] * 3 + [vote("theirs", "ours", side="right")]
    )
    content = json.loads(results.json())
    (row,) = content["preferences"]
    assert row == {
        "model": "ours",
        "over": "theirs",
        "rate": 0.75,
        "interval": list(Rate(3, 4).interval),
        "chosen": 3,
        "votes": 4,
    }
    assert content["format"] == "vid2vid-tally-1"
    assert (content["question"], content["confidence"], content["pairs"]) == ("Which?", 0.95, 4)
    assert (content["left"]["rate"], content["viewers"], content["median_seconds"]) == (0.75, {"Ann": 4}, 2.0)


def test_names_do_not_break_the_table() -> None:
    lines = StudyResults(StudyKey("?", MODELS, MATCHES), [vote("a|b", "ours")]).markdown().splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert [line.replace("\\|", "").count("|") for line in table] == [5, 5, 5]
    assert len({len(line) for line in table}) == 1
