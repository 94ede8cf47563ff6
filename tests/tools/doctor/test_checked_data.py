"""The frames of a sequence that are measured, and the files that are read for it."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vid2vid.condition import Condition
from vid2vid.errors import VideoError
from vid2vid.keypoints.keypoint_layout import FACE_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.tools.doctor.checked_data import RUN, choose_runs

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder


@pytest.mark.parametrize(("frames", "budget"), [(1, 0), (2, 0), (8, 8), (9, 0), (40, 0), (40, 100), (15, 15)])
def test_without_a_limit_each_step_is_in_one_run(frames: int, budget: int) -> None:
    runs = list(choose_runs(frames, budget))
    steps = [i for run in runs for i in run[1:]]
    assert steps == list(range(1, frames))
    assert runs[0][0] == 0
    assert max(map(len, runs)) <= RUN


@pytest.mark.parametrize(("frames", "budget"), [(100, 32), (33, 32), (1000, 8), (50, 3), (20, 1)])
def test_with_a_limit_runs_are_spread_over_the_video(frames: int, budget: int) -> None:
    runs = list(choose_runs(frames, budget))
    seen = np.array([i for run in runs for i in run])
    assert len(seen) <= budget
    assert seen.min() == 0
    assert seen.max() == (frames - 1 if len(runs) > 1 else len(runs[0]) - 1)
    assert not list(choose_runs(0, budget))


def test_runs_start_at_the_first_frame_of_the_sequence_and_share_one(builder: "DatasetBuilder") -> None:
    builder.add("part", target=builder.film(20), source=builder.label_film(20), start=4, frames=12)
    builder.examine(frames=0)
    assert builder.dataset is not None
    sequence = builder.dataset.sequences[0]
    runs = list(sequence.runs())
    assert [(run.frames.start, run.frames.stop, run.again) for run in runs] == [(4, 12, 0), (11, 16, 1)]
    frames, labels = runs[0].pictures("target"), runs[0].labels()
    assert frames is not None
    assert labels is not None
    np.testing.assert_array_equal(frames, builder.film(20)[4:12])
    np.testing.assert_array_equal(labels, builder.label_film(20)[4:12])
    assert runs[0].pictures("target") is frames
    assert runs[0].ids() is None
    with pytest.raises(VideoError):
        sequence.dataset.readers.get(Path("nowhere")).read(range(1))


def test_computed_conditions_have_no_file_of_their_own(builder: "DatasetBuilder", tmp_path: Path) -> None:
    builder.condition = Condition(kind="face")
    Keypoints(builder.points(FACE_POINTS), size=(32, 48)).save(tmp_path / "points.npz")
    for split in ("train", "val"):
        builder.add(split, split, source=tmp_path / "points.npz")
    builder.examine()
    assert builder.dataset is not None
    for sequence in builder.dataset.sequences:
        assert set(sequence.picture_paths) == set(sequence.files) == {"target"}
        assert sequence.keypoints is not None
        assert len(sequence.keypoints) == 10
