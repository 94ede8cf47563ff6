"""Rates and intervals, from votes whose count is known."""

import json
import math
from dataclasses import replace

import pytest

from vid2vid.errors import DataError
from vid2vid.tools.user_study import StudyKey, StudyResults, Vote
from vid2vid.tools.user_study.study_key import Match
from vid2vid.tools.user_study.study_results import Rate
from vid2vid.tools.user_study.study_statistics import votes_needed

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
    assert "| ours      | theirs | 0.33 [0.10, 0.70]    | 2 of 6 | 0.00  |" in text
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
        "alpha": 0,
    }
    assert content["format"] == "vid2vid-tally-1"
    assert (content["question"], content["confidence"], content["pairs"]) == ("Which?", 0.95, 4)
    assert (content["left"]["rate"], content["viewers"], content["median_seconds"]) == (0.75, {"Ann": 4}, 2.0)


def test_names_do_not_break_the_table() -> None:
    lines = StudyResults(StudyKey("?", MODELS, MATCHES), [vote("a|b", "ours")]).markdown().splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert [line.replace("\\|", "").count("|") for line in table] == [6, 6, 6]
    assert len({len(line) for line in table}) == 1


def test_who_prefers_a_damaged_video_is_named_and_can_be_left_out() -> None:
    key = StudyKey("?", MODELS, {**MATCHES, "9": Match("check 1: s", {"l": "intact", "r": "damaged"}, check=True)})
    votes = [
        *[vote("ours", "theirs", "Ann")] * 3,
        replace(vote("intact", "damaged", "Ann"), pair="9", check=True),
        *[vote("theirs", "ours", "Bo")] * 5,
        replace(vote("damaged", "intact", "Bo"), pair="9", check=True),
    ]
    results = StudyResults(key, votes)
    assert results.attention == {"Ann": (0, 1), "Bo": (1, 1)}
    assert [rate.votes for _, _, rate in results.preferences()] == [8]
    assert "Viewers: 2; pairs: 4; votes: 8" in results.markdown()
    assert "Bo has failed 1 of 1 attention checks; leave_out_failed=true leaves such viewers out." in results.markdown()
    strict = StudyResults(key, votes, leave_out_failed=True)
    ((model, _, rate),) = strict.preferences()
    assert (model, rate.chosen, rate.votes) == ("ours", 3, 3)
    assert "Bo has failed 1 of 1 attention checks and does not count." in strict.markdown()
    content = json.loads(strict.json())
    assert (content["left_out"], content["checks"]["Bo"]) == (["Bo"], {"failed": 1, "of": 1})
    assert "All viewers have passed" in StudyResults(key, votes[:4]).markdown()
    with pytest.raises(DataError, match="no vote on a pair of models: all viewers failed"):
        StudyResults(key, votes[4:], leave_out_failed=True)


def test_agreement_is_that_on_each_pair() -> None:
    votes = [
        replace(vote(wins, "theirs" if wins == "ours" else "ours", viewer), pair=pair)
        for pair, winners in {"0": ("ours", "ours"), "1": ("theirs", "theirs"), "2": ("ours", "theirs")}.items()
        for viewer, wins in zip(("Ann", "Bo"), winners, strict=True)
    ]
    # of 6 choices, 3 and 3: D_o = 1/3, D_e = 2 · 9 / (6 · 5)
    assert StudyResults(StudyKey("?", MODELS, MATCHES), votes).agreement("ours", "theirs") == pytest.approx(4 / 9)
    assert f"need {votes_needed()} votes" in StudyResults(StudyKey("?", MODELS, MATCHES), votes).markdown()
