"""Of several videos the last are held out, of one its end; parts that are too short are left out."""

from pathlib import Path
from typing import Any

import pytest

from vid2vid.config import VideoConfig
from vid2vid.data.prepare import Record, leave_out, split_videos
from vid2vid.data.prepare.video_splits import without
from vid2vid.errors import ConfigError, DataError


def config(path: Path, **given: Any) -> VideoConfig:  # noqa: ANN401 - any setting
    return VideoConfig(str(path), **{"cuts": "ignore", **given})


def test_of_one_video_in_scenes_the_end_is_held_out() -> None:
    record = Record("film", {}, "film.mp4", 25.0, [(0, 40), (50, 70), (80, 100)], "film.mp4")
    sequences = split_videos(["film"], [record], config(Path("film.mp4"), holdout=0.35))
    assert [(s.name, s.split, s.start, s.frames) for s in sequences] == [
        ("film-train-000", "train", 0, 40),
        ("film-train-001", "train", 50, 12),
        ("film-val-000", "val", 62, 8),
        ("film-val-001", "val", 80, 20),
    ]


def test_parts_too_short_for_a_clip_are_left_out() -> None:
    record = Record("film", {}, "film.mp4", 25.0, [(0, 40), (40, 45), (50, 70)], "film.mp4")
    sequences = split_videos(["film"], [record], config(Path("film.mp4"), holdout=0.25))
    # of the last scene 5 frames would be left to train on
    assert [(s.split, s.start, s.frames) for s in sequences] == [("train", 0, 40), ("val", 55, 15)]
    # of the scene before the last 2 frames would be held out
    record = Record("film", {}, "film.mp4", 25.0, [(0, 40), (50, 70)], "film.mp4")
    sequences = split_videos(["film"], [record], config(Path("film.mp4"), holdout=22 / 60))
    assert [(s.split, s.start, s.frames) for s in sequences] == [("train", 0, 38), ("val", 50, 20)]
    record = Record("film", {}, "film.mp4", 25.0, [(0, 40), (40, 45), (50, 70)], "film.mp4")
    several = split_videos(["film", "other"], [record], config(Path("raw")))
    assert [(s.split, s.start, s.frames) for s in several] == [("train", 0, 40), ("train", 50, 20)]


def test_a_single_video_must_be_long_enough_to_hold_out_a_part() -> None:
    record = Record("film", {}, "film.mp4", 25.0, [(0, 3)], "film.mp4")
    with pytest.raises(DataError, match=r"film\.mp4: 3 frames are too few to hold out 10% of them"):
        split_videos(["film"], [record], config(Path("film.mp4"), holdout=0.1))


def test_no_clip_crosses_a_part_without_anybody() -> None:
    assert without(range(20), (range(5, 9), range(11, 13), range(18, 20))) == [(0, 5), (13, 18)]
    assert without(range(10, 20), (range(8, 12), range(30, 40))) == [(12, 20)]
    assert without(range(20), ()) == [(0, 20)]


def test_parts_of_a_video_are_left_out_on_wish() -> None:
    record = Record("film", {}, "film.mp4", 25.0, [(0, 40), (50, 70), (80, 100)], "film.mp4")
    settings = config(Path("film.mp4"), leave_out=["60-69", "0-9", "20-54"], shortest=4)
    (kept,) = leave_out(["film"], [record], settings)
    assert kept.spans == [(10, 20), (55, 60), (80, 100)]
    assert kept.target == record.target
    sequences = split_videos(["film"], [kept], settings)
    assert {number for one in sequences for number in range(one.start, one.start + one.frames)} == {
        *range(10, 20),
        *range(55, 60),
        *range(80, 100),
    }


def test_of_several_videos_the_part_has_the_name_of_one() -> None:
    records = [Record(name, {}, f"{name}.mp4", 25.0, [(0, 40)], f"{name}.mp4") for name in ("a:b", "c")]
    kept = leave_out(["a:b", "c"], records, config(Path("raw"), leave_out=["a:b:0-9", "c:30-99"]))
    assert [record.spans for record in kept] == [[(10, 40)], [(0, 30)]]
    for part in ("0-9", "d:0-9"):
        with pytest.raises(DataError, match=r"leave_out: frames 0-9 are of no video( 'd')? in raw; .*: a:b, c\."):
            leave_out(["a:b", "c"], records, config(Path("raw"), leave_out=[part]))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("40-49", r"leave_out: film has no frames 40-49 that could be used, only 0-39, 50-69\."),
        ("0-100", r"leaves nothing of film, of which frames 0-39, 50-69 can be used\."),
    ],
)
def test_a_part_to_leave_out_that_cannot_be(part: str, message: str) -> None:
    record = Record("film", {}, "film.mp4", 25.0, [(0, 40), (50, 70)], "film.mp4")
    with pytest.raises(DataError, match=message):
        leave_out(["film"], [record], config(Path("film.mp4"), leave_out=[part]))


@pytest.mark.parametrize("part", ["12", "9-3", "-5-3", "a-b", "film:"])
def test_a_part_to_leave_out_has_a_first_and_a_last_frame(part: str) -> None:
    with pytest.raises(ConfigError, match=f"counted from 0, but has '{part}'"):
        config(Path("film.mp4"), leave_out=[part])
