"""Too little data, too short sequences, missing or leaking splits."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from vid2vid import Vid2VidDataModule
from vid2vid.config import GeneratorConfig
from vid2vid.data.manifest import Manifest
from vid2vid.tools.doctor import examine
from vid2vid.tools.doctor.checks.check_amount import clips_per_epoch

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder


def test_sequences_shorter_than_a_clip_are_named_with_what_would_fit(builder: "DatasetBuilder") -> None:
    for name, frames in (("a", 12), ("b", 7), ("c", 9)):
        builder.add(name, frames=frames)
    report = builder.examine(clip_frames=10)
    finding = builder.one("short_sequences")
    assert finding.severity == "error"
    assert finding.what == "b (7), c (9): too short for clips of 10 frames (2 of 3 sequences)."
    assert finding.advice.startswith("data.clip_frames=7 would fit all of them")
    assert report.status() == 2
    builder.examine(clip_frames=7)
    assert not builder.found("short_sequences")


def test_growing_clips_count_at_their_longest(builder: "DatasetBuilder") -> None:
    builder.add("a")
    builder.examine(clip_frames=4, clip_double_every=2, clip_frames_max=16)
    assert builder.one("short_sequences").advice.startswith("data.clip_frames_max=10")


def test_what_is_too_short_for_any_clip_is_to_be_left_out(builder: "DatasetBuilder") -> None:
    builder.add("a", frames=2)
    builder.add("b", "val", frames=1)
    builder.examine(GeneratorConfig(downsamples=2))
    train, val = builder.found("short_sequences")
    assert train.advice == "Leave them out."
    assert "'b' of the split val has 1 frame, but needs at least 2" in val.what


def test_clips_that_leave_nothing_to_synthesise(builder: "DatasetBuilder") -> None:
    builder.examine(GeneratorConfig(downsamples=2, past_frames=2), clip_frames=2)
    assert builder.one("short_clips").severity == "error"
    assert "Set data.clip_frames to 3 at least" in builder.one("short_clips").advice


def test_strides_that_no_sequence_has_room_for(builder: "DatasetBuilder") -> None:
    builder.examine(frame_strides=[1, 3, 4], clip_frames=4)
    assert builder.one("wide_strides").severity == "note"
    assert "at the strides [4]" in builder.one("wide_strides").what


@pytest.mark.parametrize("repeats", [1, 3])
def test_little_data_is_noted_with_what_helps(builder: "DatasetBuilder", repeats: int) -> None:
    builder.add("a")
    builder.examine(clip_frames=4, repeats=repeats)
    frames, clips = builder.found("little_data")
    assert {frames.severity, clips.severity} == {"note"}
    assert "there are 10 frames to train on" in frames.what
    assert f"only {2 * repeats} clips" in clips.what
    assert "data.repeats=25 " in clips.advice
    assert builder.dataset is not None
    data = builder.dataset.data_module
    data.setup("fit")
    # as the sampler counts
    assert len(data.train_dataloader().sampler) == clips_per_epoch(builder.dataset)  # type: ignore[arg-type]


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_split_without_sequences_is_missed(builder: "DatasetBuilder", split: str) -> None:
    builder.add("only", "val" if split == "train" else "train")
    path = builder.folder / "manifest.json"
    Manifest(builder.condition, builder.sequences).save(path)
    builder.report, _ = examine(Vid2VidDataModule(path))
    finding = builder.one("missing_splits")
    assert finding.severity == "error"
    assert finding.what == f"no sequence is in the split {split}."


def test_held_out_frames_of_the_same_file_are_found(builder: "DatasetBuilder") -> None:
    sequence = builder.add("a", target=builder.film(20), source=builder.label_film(20), frames=12)
    builder.add("b", "val", target=sequence.target, source=sequence.source, start=12, frames=8)
    builder.examine()
    assert not builder.found("leaks")
    builder.add("c", "val", target=sequence.target, source=sequence.source, start=11, frames=8)
    builder.examine()
    finding = builder.one("leaks")
    assert finding.severity == "warning"
    assert "'c' of the split val shares frames of the same file with the sequence 'a'" in finding.what


def test_held_out_copies_of_training_frames_are_found(builder: "DatasetBuilder") -> None:
    frames = builder.film(seed=5)
    builder.add("a", target=frames)
    builder.add("b", "val", target=frames[::-1])
    builder.examine()
    assert "'b' of the split val shows the very same frames as the sequence 'a'" in builder.one("leaks").what


def test_black_frames_are_no_leak(builder: "DatasetBuilder") -> None:
    one, other = builder.film(seed=5), builder.film(seed=6)
    one[0] = other[0] = np.uint8(0)
    builder.add("a", target=one)
    builder.add("b", "val", target=other)
    builder.examine()
    assert not builder.found("leaks")
