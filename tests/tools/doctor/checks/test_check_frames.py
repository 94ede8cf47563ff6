"""Real frames that repeat, show nothing, flash or are cut."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vid2vid.video import write_video

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder


def test_repeated_frames_are_found_in_a_lossy_video(builder: "DatasetBuilder", tmp_path: Path) -> None:
    frames = builder.film(30)[[*range(12), *[12] * 8, *range(13, 23)]]
    write_video(tmp_path / "a.mp4", frames, 25)
    builder.add("a", target=tmp_path / "a.mp4", frames=30, source=builder.label_film(30))
    builder.examine()
    finding = builder.one("frozen_frames")
    assert finding.severity == "warning"
    assert finding.where.endswith("a.mp4, frame 13")
    assert f"{7 / 29:.1%} of the frames looked at, up to 7 in a row" in finding.what


def test_a_single_repeated_frame_is_a_note(builder: "DatasetBuilder") -> None:
    frames = builder.film(30)
    frames[20] = frames[19]
    builder.add("a", target=frames, frames=30, source=builder.label_film(30))
    builder.examine()
    assert builder.one("frozen_frames").severity == "note"
    assert builder.one("frozen_frames").where.endswith("frame 20")


def test_slow_movement_is_not_taken_for_standing_still(builder: "DatasetBuilder") -> None:
    # a small thing moves before a ground that does not, as a dancer before a screen
    frames = np.repeat(builder.film(1), 10, axis=0)
    for t in range(10):
        frames[t, 10:14, t : t + 4] = 255
    builder.add("a", target=frames)
    builder.examine()
    assert not builder.found("frozen_frames")


@pytest.mark.parametrize(("level", "word"), [(0, "black"), (255, "white"), (128, "of one colour")])
def test_frames_that_show_nothing_are_found(builder: "DatasetBuilder", level: int, word: str) -> None:
    frames = builder.film()
    frames[[0, 1]] = level
    builder.add("a", target=frames)
    builder.examine()
    finding = builder.one("plain_frames")
    assert finding.where.endswith("a, frame 0")
    assert finding.what.startswith(f"is {word} and shows nothing, as do 2 of the 10 frames")


def test_a_flash_is_found(builder: "DatasetBuilder") -> None:
    frames = builder.film()
    frames[5] = frames[5] // 2 + np.uint8(120)
    builder.add("a", target=frames)
    builder.examine()
    assert builder.one("flashes").where.endswith("a, frame 5")
    assert builder.one("flashes").severity == "warning"


def test_a_change_of_light_is_no_flash(builder: "DatasetBuilder") -> None:
    frames = builder.film()
    frames[5:] = frames[5:] // 2 + np.uint8(120)
    builder.add("a", target=frames)
    builder.examine()
    assert not builder.found("flashes")


def test_a_cut_inside_a_sequence_is_found(builder: "DatasetBuilder") -> None:
    pytest.importorskip("scenedetect")
    scenes = np.concatenate([builder.film(12), 255 - builder.film(12, seed=9) // 2])
    builder.add("whole", target=scenes, frames=24, source=builder.label_film(24))
    sequence = builder.sequences[0]
    builder.add("second", "val", target=sequence.target, source=sequence.source, start=12, frames=12)
    builder.examine()
    finding = builder.one("cuts")
    assert finding.severity == "warning"
    assert finding.where.endswith("whole, frame 12")
    assert "1 cut inside the sequence 'whole', before 12." in finding.what


def test_without_the_extra_it_is_said_that_no_cuts_were_looked_for(
    builder: "DatasetBuilder", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "scenedetect", None)
    builder.examine()
    finding = builder.one("cuts")
    assert finding.severity == "note"
    assert "not looked for: scenedetect is not installed; install it with: pip install 'vid2vid[cuts]'" in finding.what


def test_long_videos_are_searched_only_where_all_is_looked_at(
    builder: "DatasetBuilder", monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("scenedetect")
    monkeypatch.setattr("vid2vid.tools.doctor.checks.check_frames.SEARCHED", 15)
    builder.examine()
    assert builder.one("cuts").what.startswith("1 of 2 videos were not searched")
    builder.examine(frames=0)
    assert not builder.found("cuts")
