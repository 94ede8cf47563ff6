"""What a checkpoint keeps of the data, and whether a training may go on with it."""

import json
import logging
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vid2vid.data.epoch_state import EpochState, describe_sequences, windows_done
from vid2vid.data.manifest import VideoSequence
from vid2vid.data.sampler import Curriculum, WindowSampler
from vid2vid.errors import CheckpointError
from vid2vid.visual import save_png


@pytest.fixture
def sequences(tmp_path: Path) -> list[VideoSequence]:
    """Three sequences of 8 images."""
    found = []
    for name in "abc":
        for t in range(8):
            save_png(tmp_path / name / f"{t}.png", np.full((4, 4, 3), t, np.uint8))
        found.append(VideoSequence(name, "train", tmp_path / name, tmp_path / name, 8))
    return found


def sampler_of(sequences: list[VideoSequence], epoch: int = 1, **options: Any) -> WindowSampler:  # noqa: ANN401 - any setting
    sampler = WindowSampler(sequences, **{"curriculum": Curriculum(2), "seed": 1, **options})
    sampler.set_epoch(epoch)
    return sampler


def stored(sampler: WindowSampler, windows: int) -> dict[str, Any]:
    """The state as a checkpoint holds it: plain values."""
    state = asdict(EpochState.of(sampler, windows, describe_sequences(sampler.sequences)))
    return dict(json.loads(json.dumps(state)))


def test_the_windows_that_are_done_do_not_depend_on_the_processes(sequences: list[VideoSequence]) -> None:
    state = stored(sampler_of(sequences, world_size=2), 6)
    for world_size in (1, 2, 3, 6):
        assert windows_done(state, sampler_of(sequences, world_size=world_size), mid_epoch=True) == 6
    assert windows_done(state, sampler_of(sequences), mid_epoch=False) == 0


def test_more_processes_than_clips_are_refused(sequences: list[VideoSequence]) -> None:
    state = stored(sampler_of(sequences), 10)
    with pytest.raises(CheckpointError, match=r"within epoch 1, of which 2 clips are left.*Resume with at most 2, "):
        windows_done(state, sampler_of(sequences, world_size=3), mid_epoch=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 2}, r"data.seed=2 \(before: 1\)"),
        ({"repeats": 2}, r"data.repeats=2 \(before: 1\)"),
        ({"curriculum": Curriculum(4)}, r"data.clip_frames=4 \(before: 2\)"),
        ({"curriculum": Curriculum(2, strides=(1, 2))}, r"data.frame_strides=\[1, 2\] \(before: \[1\]\)"),
    ],
)
def test_within_an_epoch_other_windows_are_refused(
    options: dict[str, Any], message: str, sequences: list[VideoSequence]
) -> None:
    state = stored(sampler_of(sequences), 3)
    with pytest.raises(
        CheckpointError, match=f"would now have other clips: {message}. Give the same as before, resume from"
    ):
        windows_done(state, sampler_of(sequences, **options), mid_epoch=True)
    # the next epoch is drawn anew
    assert windows_done(state, sampler_of(sequences, **options), mid_epoch=False) == 0


def test_other_data_are_noticed(sequences: list[VideoSequence], caplog: pytest.LogCaptureFixture) -> None:
    state = stored(sampler_of(sequences), 3)
    changed = sequences[1].target / "4.png"
    before = changed.stat()
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    other = [*sequences[1:], replace(sequences[0], name="d")]
    message = "sequences: 1 missing, such as a, 1 new, such as d, 1 with other content, such as b"
    with pytest.raises(CheckpointError, match=message):
        windows_done(state, sampler_of(other), mid_epoch=True)
    with caplog.at_level(logging.WARNING):
        assert windows_done(state, sampler_of(other), mid_epoch=False) == 0
    assert message in caplog.text
    with pytest.raises(CheckpointError, match="with other content, such as b"):
        windows_done(state, sampler_of(sequences), mid_epoch=True)


def test_another_order_is_noticed(sequences: list[VideoSequence]) -> None:
    state = stored(sampler_of(sequences), 3)
    with pytest.raises(CheckpointError, match="sequences: in another order"):
        windows_done(state, sampler_of(sequences[::-1]), mid_epoch=True)
