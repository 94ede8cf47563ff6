"""Training and validation share no frame, unless there are too few."""

from pathlib import Path

import pytest

from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.formats.splits import LEAST_HELD_OUT, hold_out, splits_of
from vid2vid.data.manifest import VideoSequence


def sequence(name: str, split: str = "", frames: int = 20, start: int = 0) -> VideoSequence:
    return VideoSequence(name, split, Path(name), Path(name), frames, start)


@pytest.mark.parametrize(("count", "part", "held"), [(2, 0.15, 1), (3, 0.15, 1), (20, 0.15, 3), (3, 0.99, 2)])
def test_of_several_the_last_ones_are_held_out(count: int, part: float, held: int) -> None:
    names = [f"s{i}" for i in range(count)]
    divided = hold_out([sequence(name) for name in names], part, [])
    assert [s.name for s in divided] == names
    assert [s.split for s in divided] == ["train"] * (count - held) + ["val"] * held


@pytest.mark.parametrize(("frames", "part", "held"), [(20, 0.15, 3), (100, 0.15, 15), (6, 0.15, 3), (8, 0.5, 4)])
def test_of_one_its_end_is_held_out(frames: int, part: float, held: int) -> None:
    train, val = hold_out([sequence("s", frames=frames, start=5)], part, [])
    assert (train.name, train.split, train.start, train.frames) == ("s-train", "train", 5, frames - held)
    assert (val.name, val.split, val.start, val.frames) == ("s-val", "val", 5 + frames - held, held)
    assert min(train.frames, val.frames) >= LEAST_HELD_OUT


@pytest.mark.parametrize("frames", [4, 5])
def test_of_very_few_all_are_validated_on_and_it_is_said(frames: int) -> None:
    warnings: list[DataWarning] = []
    train, val = hold_out([sequence("s", frames=frames)], 0.15, warnings)
    assert (train.split, val.split) == ("train", "val")
    assert (train.frames, val.frames) == (train.start + frames, val.start + frames)
    (warning,) = warnings
    assert warning.path == Path("s")
    assert warning.message.startswith(
        f"{frames} frames are too few to hold any out; the validation uses the training frames"
    )


def test_what_is_divided_already_stays_so() -> None:
    given = [sequence("a", "train"), sequence("b", "val"), sequence("c", "val")]
    assert hold_out(given, 0.9, []) == given
    assert hold_out(given[:1], 0.9, []) == given[:1]


@pytest.mark.parametrize(
    ("there", "splits"),
    [
        ({"train", "val"}, {"train": "train", "val": "val"}),
        ({"train", "test"}, {"train": "train", "test": "val"}),
        ({"train", "val", "test"}, {"train": "train", "val": "val"}),
        ({"train"}, {"train": ""}),
        ({"", "train", "val"}, {"train": "train", "val": "val"}),
        ({""}, {"": ""}),
        (set(), {}),
    ],
)
def test_sets_become_splits(there: set[str], splits: dict[str, str]) -> None:
    assert splits_of(("train", "val", "test", ""), there.__contains__) == splits
