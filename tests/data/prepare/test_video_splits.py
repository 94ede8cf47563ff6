"""Of several videos the last are held out, of one its end; parts that are too short are left out."""

from pathlib import Path
from typing import Any

import pytest

from vid2vid.config import VideoConfig
from vid2vid.data.prepare import Record, split_videos
from vid2vid.errors import DataError


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
