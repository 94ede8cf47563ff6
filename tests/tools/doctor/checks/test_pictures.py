"""Real frames that stand still, show nothing, flash or are cut."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vid2vid.condition import Condition
from vid2vid.video import write_video

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import Clinic


def test_frames_that_repeat_the_one_before_are_found_in_a_lossy_video(clinic: "Clinic", tmp_path: Path) -> None:
    frames = clinic.film(30)[[*range(12), *[12] * 8, *range(13, 23)]]
    write_video(tmp_path / "a.mp4", frames, 25)
    clinic.add("a", target=tmp_path / "a.mp4", frames=30, source=clinic.label_film(30))
    clinic.examine()
    finding = clinic.one("frozen_frames")
    assert finding.severity == "warning"
    assert finding.where.endswith("a.mp4, frame 13")
    assert f"{7 / 29:.1%} of the frames looked at, up to 7 on end" in finding.what


def test_a_single_repeated_frame_is_a_note(clinic: "Clinic") -> None:
    frames = clinic.film(30)
    frames[20] = frames[19]
    clinic.add("a", target=frames, frames=30, source=clinic.label_film(30))
    clinic.examine()
    assert clinic.one("frozen_frames").severity == "note"
    assert clinic.one("frozen_frames").where.endswith("frame 20")


def test_slow_movement_is_not_taken_for_standing_still(clinic: "Clinic") -> None:
    # a small thing moves before a ground that does not, as a dancer before a screen
    frames = np.repeat(clinic.film(1), 10, axis=0)
    for t in range(10):
        frames[t, 10:14, t : t + 4] = 255
    clinic.add("a", target=frames)
    clinic.examine()
    assert not clinic.found("frozen_frames")


@pytest.mark.parametrize(("level", "word"), [(0, "black"), (255, "white"), (128, "of one colour")])
def test_frames_that_show_nothing_are_found(clinic: "Clinic", level: int, word: str) -> None:
    frames = clinic.film()
    frames[[0, 1]] = level
    clinic.add("a", target=frames)
    clinic.examine()
    finding = clinic.one("plain_frames")
    assert finding.where.endswith("a, frame 0")
    assert finding.what.startswith(f"is {word}, and shows nothing; 2 of the 10 frames")


def test_a_flash_is_found(clinic: "Clinic") -> None:
    frames = clinic.film()
    frames[5] = frames[5] // 2 + np.uint8(120)
    clinic.add("a", target=frames)
    clinic.examine()
    assert clinic.one("flashes").where.endswith("a, frame 5")
    assert clinic.one("flashes").severity == "warning"


def test_a_change_of_light_is_no_flash(clinic: "Clinic") -> None:
    frames = clinic.film()
    frames[5:] = frames[5:] // 2 + np.uint8(120)
    clinic.add("a", target=frames)
    clinic.examine()
    assert not clinic.found("flashes")


def test_a_cut_inside_a_sequence_is_found(clinic: "Clinic") -> None:
    pytest.importorskip("scenedetect")
    scenes = np.concatenate([clinic.film(12), 255 - clinic.film(12, seed=9) // 2])
    clinic.add("whole", target=scenes, frames=24, source=clinic.label_film(24))
    sequence = clinic.sequences[0]
    clinic.add("second", "val", target=sequence.target, source=sequence.source, start=12, frames=12)
    clinic.examine()
    finding = clinic.one("cuts")
    assert finding.severity == "warning"
    assert finding.where.endswith("whole, frame 12")
    assert "1 cut inside of the sequence 'whole', before 12." in finding.what


def test_without_the_extra_it_is_said_that_no_cuts_were_looked_for(
    clinic: "Clinic", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "scenedetect", None)
    clinic.examine()
    finding = clinic.one("cuts")
    assert finding.severity == "note"
    assert "not looked for: scenedetect is not installed; install it with: pip install 'vid2vid[cuts]'" in finding.what


def test_long_videos_are_searched_only_where_all_is_looked_at(
    clinic: "Clinic", monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("scenedetect")
    monkeypatch.setattr("vid2vid.tools.doctor.checks.cuts.SEARCHED", 15)
    clinic.examine()
    assert clinic.one("cuts").what.startswith("1 video of 2 not searched")
    clinic.examine(frames=0)
    assert not clinic.found("cuts")


@pytest.mark.parametrize(("thresholds", "word"), [([1, 1], "many"), ([900, 2000], "few"), ([60, 150], None)])
def test_edges_are_counted(clinic: "Clinic", thresholds: list[int], word: str | None) -> None:
    clinic.condition = Condition(kind="edges", edge_thresholds=thresholds)
    for split in ("train", "val"):
        target = clinic.store(split, clinic.film(seed=split == "val"))
        clinic.add(split, split, target=target, source=target)
    clinic.examine()
    assert len(clinic.found("faint_edges")) == 2 * (word is not None)
    for finding in clinic.found("faint_edges"):
        assert f"too {word} to tell" in finding.what
        assert {"many": "higher", "few": "lower"}[str(word)] in finding.advice


def test_conditions_that_show_nothing_are_found(clinic: "Clinic") -> None:
    clinic.condition = Condition(kind="grey")
    clinic.add("a", source=np.zeros((10, 32, 48), np.uint8))
    clinic.add("b", "val")
    clinic.examine()
    assert clinic.one("empty_conditions").where.endswith("a-labels")
