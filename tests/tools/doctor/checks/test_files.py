"""Files that do not belong together, or are not what they say."""

from pathlib import Path
from typing import TYPE_CHECKING

import av
import pytest

from vid2vid.condition import Condition
from vid2vid.keypoints import FACE_POINTS, Keypoints
from vid2vid.video import write_labels, write_video

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import Clinic


def test_files_of_other_lengths_are_named(clinic: "Clinic") -> None:
    clinic.add("long", source=clinic.label_film(12))
    clinic.add("short", target=clinic.film(8), source=clinic.label_film(8))
    clinic.examine()
    assert [(Path(finding.where).name, finding.severity) for finding in clinic.found("lengths")] == [
        ("long-labels", "error"),
        ("short", "error"),
        ("short-labels", "error"),
    ]
    assert "has 12 frames, but the sequence 'long' needs 10" in clinic.found("lengths")[0].what


def test_a_part_of_a_longer_video_is_fine(clinic: "Clinic") -> None:
    clinic.add("part", target=clinic.film(20), source=clinic.label_film(20), start=3, frames=9)
    clinic.examine()
    assert not clinic.found("lengths")


def test_conditions_of_another_size_are_named(clinic: "Clinic") -> None:
    clinic.add("a", source=clinic.label_film(height=16, width=24))
    clinic.examine()
    assert "is for pictures of 24 x 16 pixels" in clinic.one("sizes").what
    assert clinic.one("sizes").severity == "error"


def test_keypoints_of_another_size_are_named(clinic: "Clinic") -> None:
    clinic.condition = Condition(kind="face")
    points = clinic.folder / "points.npz"
    spread = clinic.points(FACE_POINTS)
    Keypoints(spread, size=(64, 96)).save(points)
    clinic.add("a", source=points)
    healthy = clinic.folder / "healthy.npz"
    Keypoints(spread, size=(32, 48)).save(healthy)
    clinic.add("b", "val", source=healthy)
    clinic.examine()
    assert clinic.one("sizes").where == str(points)


def test_images_of_another_size_inside_a_folder_are_named(clinic: "Clinic") -> None:
    sequence = clinic.add("a")
    odd = sequence.target / "000004.png"
    (clinic.store("larger", clinic.film(1, height=64, width=96)) / "000000.png").replace(odd)
    clinic.examine()
    assert clinic.one("reading").where == str(odd)
    assert "is 96x64, but the first image of its folder is 48x32" in clinic.one("reading").what


def test_a_condition_at_another_frame_rate_is_doubtful(clinic: "Clinic", tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", clinic.film(), 25)
    write_labels(tmp_path / "a.mkv", clinic.label_film(), 30)
    clinic.add("a", target=tmp_path / "a.mp4", source=tmp_path / "a.mkv")
    clinic.examine()
    assert clinic.one("rates").severity == "warning"
    assert "30 frames a second" in clinic.one("rates").what


@pytest.mark.parametrize(("frames", "told"), [(0, True), (8, False)])
def test_a_video_that_would_be_misread_is_told_where_all_is_looked_at(
    clinic: "Clinic", tmp_path: Path, frames: int, told: bool
) -> None:
    path = tmp_path / "a.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "12"})
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for frame in clinic.film(30):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    clinic.add("a", target=path, frames=30, source=clinic.label_film(30))
    clinic.examine(frames=frames)
    misread = [finding for finding in clinic.found("exact_reading") if finding.where == str(path)]
    assert len(misread) == told
    if told:
        assert "other frames than there are" in misread[0].what
