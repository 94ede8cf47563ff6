"""Warnings of data sources name the file at fault, whatever its path."""

from pathlib import Path

import numpy as np

from vid2vid.data.data_warnings import DataWarning
from vid2vid.errors import DataError
from vid2vid.video import VideoWriter


def test_an_error_becomes_a_warning_about_the_file_at_fault() -> None:
    target, source = Path("/data: set/target/a: b"), Path("/data: set/source/a: b")
    of_file = DataWarning.of_error(DataError(f"{source}: is bad: very."), [target, source])
    assert of_file == DataWarning(source, "is bad: very.", left_out=True)
    of_image = DataWarning.of_error(DataError(f"{source}/3.png: is bad: very."), [target, source])
    assert of_image == DataWarning(source / "3.png", "is bad: very.", left_out=True)
    of_both = DataWarning.of_error(DataError("frame 3: names differ."), [target, source])
    assert of_both == DataWarning(target, "frame 3: names differ.", left_out=True)


def test_what_is_lost_of_a_video_becomes_warnings(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with VideoWriter(path, 25, times=np.array([0, 0.04, 0.08, 0.9, 0.94])) as writer:
        for value in range(5):
            writer.write(np.full((16, 16, 3), 40 * value, np.uint8))
    (warning,) = DataWarning.of_video(path, tmp_path / "cache")
    assert str(warning).startswith(f"{path}: has a variable frame rate, but in a training")
    assert DataWarning.of_video(tmp_path, tmp_path / "cache") == []


def test_a_warning_is_one_line_of_a_log() -> None:
    assert str(DataWarning(Path("a.mp4"), "is odd.")) == "a.mp4: is odd."
    assert str(DataWarning(Path("a.mp4"), "is bad.", left_out=True)) == "a.mp4: is bad. (left out of the data set)"
