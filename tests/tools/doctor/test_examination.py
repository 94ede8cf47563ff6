"""The whole examination: healthy data sets pass, and no trouble hides another."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vid2vid import Vid2VidDataModule
from vid2vid.tools.doctor import SEVERITIES, examine
from vid2vid.tools.doctor.material import RUN, choose_runs
from vid2vid.video import write_video

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import Clinic


def test_a_healthy_street_has_neither_errors_nor_warnings(street_data: Callable[..., Vid2VidDataModule]) -> None:
    report, study = examine(street_data())
    assert study is not None
    assert not report.of("error") + report.of("warning")
    assert report.verdict() == "This data set can be trained on."
    assert report.figures["looked_at"] == {"sequences": 5, "frames": 60, "frames_in_all": 60}
    assert report.figures["clips_per_epoch"] == 6
    assert sum(report.figures["label_shares"].values()) == pytest.approx(1, abs=1e-4)


def test_a_healthy_set_of_images_has_neither_errors_nor_warnings(clinic: "Clinic") -> None:
    clinic.add("a")
    report = clinic.examine(batch_size=1)
    assert not clinic.serious()
    assert {finding.severity for finding in report.findings} <= set(SEVERITIES)


def test_all_that_is_wrong_is_told_at_once(clinic: "Clinic", tmp_path: Path) -> None:
    labels = clinic.label_film()
    labels[3, :4, :4] = 99
    clinic.add("unknown", source=labels)
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    clinic.add("broken", target=text)
    clinic.add("missing", source=tmp_path / "nowhere.mkv")
    clinic.add("frozen", target=clinic.film()[[0] * 10])
    report = clinic.examine()
    assert [finding.where for finding in clinic.found("opening")] == [str(text), str(tmp_path / "nowhere.mkv")]
    assert "cannot be read as a video" in clinic.found("opening")[0].what
    assert "there is no such file" in clinic.found("opening")[1].what
    assert clinic.one("unknown_labels").severity == clinic.one("frozen_frames").severity == "error"
    assert report.status() == 2


def test_a_data_set_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    report, study = examine(Vid2VidDataModule(tmp_path / "nowhere"))
    (finding,) = report.findings
    assert study is None
    assert (finding.severity, finding.check) == ("error", "manifest")
    assert "there is no manifest here" in finding.what


def test_a_damaged_frame_is_named_and_the_others_are_looked_at(clinic: "Clinic") -> None:
    sequence = clinic.add("a", frames=40, target=clinic.film(40), source=clinic.label_film(40))
    bad = sequence.target / "000012.png"
    bad.write_bytes(bad.read_bytes()[:100])
    frozen = sequence.target / "000002.png"
    frozen.write_bytes((sequence.target / "000001.png").read_bytes())
    clinic.examine()
    assert clinic.one("reading").where.endswith("a/000012.png")
    assert clinic.one("frozen_frames").where.endswith("a, frame 2")


def test_a_truncated_video_is_named(clinic: "Clinic", tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    write_video(path, clinic.film(40), 25)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    clinic.add("cut", target=path, frames=40, source=clinic.label_film(40))
    assert clinic.examine().status() == 2
    assert clinic.found("opening")[0].where == str(path)


def test_a_video_that_is_shorter_than_its_header_says_is_found(clinic: "Clinic", tmp_path: Path) -> None:
    path = tmp_path / "cut.mkv"
    write_video(path, clinic.film(60), 25)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    clinic.add("cut", target=path, frames=60, source=clinic.label_film(60))
    clinic.examine(frames=0)
    assert clinic.one("lengths").where == str(path)
    assert clinic.one("exact_reading").where == str(path)


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


def test_few_frames_of_a_long_video_are_looked_at(clinic: "Clinic") -> None:
    clinic.add("long", frames=64, target=clinic.film(64), source=clinic.label_film(64))
    report = clinic.examine(frames=16)
    assert report.figures["looked_at"] == {"sequences": 2, "frames": 26, "frames_in_all": 74}
