"""Real data, a few frames of each task, as other people keep it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vid2vid import Vid2VidDataModule
from vid2vid.config import GeneratorConfig
from vid2vid.tools.doctor import DoctorReport, draw_sheet, examine

LOADER = {"num_workers": 0, "clip_frames": 3, "height": 128, "width": 128, "fit": "crop"}


@pytest.fixture
def look(samples: Path) -> Callable[..., DoctorReport]:
    """Looks at the samples of a task."""

    def examined(task: str, foreground: str = "none", **loader: object) -> DoctorReport:
        data = Vid2VidDataModule.folder(samples / task, {**LOADER, **loader}, layout="tasks")
        # large frames: two of each sequence
        report, dataset = examine(data, GeneratorConfig(past_frames=2, foreground=foreground), frames=2)
        assert dataset is not None
        if foreground == "none":
            assert draw_sheet(dataset) is not None
        return report

    return examined


def checks(report: DoctorReport, severity: str) -> set[str]:
    return {finding.check for finding in report.of(severity)}


@pytest.mark.parametrize("task", ["street", "face", "pose"])
def test_real_frames_can_be_trained_on(look: Callable[..., DoctorReport], task: str) -> None:
    report = look(task)
    assert report.status() == 0
    # so few frames are held out and trained on, too
    assert checks(report, "warning") == {"leaks", "listing"}
    assert "little_data" in checks(report, "note")


def test_the_empty_masks_of_the_dancer_are_found(look: Callable[..., DoctorReport]) -> None:
    report = look("pose", foreground="prior")
    assert checks(report, "error") == {"missing_maps"}
    assert any("the maps of people have only the id 0" in finding.what for finding in report.of("warning"))


def test_a_stretched_face_is_found(look: Callable[..., DoctorReport]) -> None:
    report = look("face", fit="stretch")
    assert checks(report, "warning") == {"leaks", "listing", "stretched"}
