"""The whole examination: healthy data sets pass, and no trouble hides another."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vid2vid import Vid2VidDataModule
from vid2vid.tools.doctor import SEVERITIES, examine
from vid2vid.video import write_frames, write_video

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder


def test_a_healthy_street_has_neither_errors_nor_warnings(street_data: Callable[..., Vid2VidDataModule]) -> None:
    report, dataset = examine(street_data())
    assert dataset is not None
    assert not report.of("error") + report.of("warning")
    assert report.verdict() == "This data set can be trained on."
    assert report.figures["looked_at"] == {"sequences": 5, "frames": 60, "frames_in_all": 60}
    assert report.figures["clips_per_epoch"] == 6
    assert sum(report.figures["label_shares"].values()) == pytest.approx(1, abs=1e-4)


def test_a_healthy_set_of_images_has_neither_errors_nor_warnings(builder: "DatasetBuilder") -> None:
    builder.add("a")
    report = builder.examine(batch_size=1)
    assert not builder.serious()
    assert {finding.severity for finding in report.findings} <= set(SEVERITIES)


def test_all_that_is_wrong_is_told_at_once(builder: "DatasetBuilder", tmp_path: Path) -> None:
    labels = builder.label_film()
    labels[3, :4, :4] = 99
    builder.add("unknown", source=labels)
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    builder.add("broken", target=text)
    builder.add("missing", source=tmp_path / "nowhere.mkv")
    builder.add("frozen", target=builder.film()[[0] * 10])
    report = builder.examine()
    assert [finding.where for finding in builder.found("opening")] == [str(text), str(tmp_path / "nowhere.mkv")]
    assert "cannot be read as a video" in builder.found("opening")[0].what
    assert "there is no such file" in builder.found("opening")[1].what
    assert builder.one("unknown_labels").severity == builder.one("frozen_frames").severity == "error"
    assert report.status() == 2


def test_what_is_left_out_is_named_whole_whatever_its_path(builder: "DatasetBuilder", tmp_path: Path) -> None:
    root = tmp_path / "data: set"
    for name in ("a: b", "c", "d"):
        labels = builder.label_film(height=16 if name == "a: b" else 32) // 8
        write_frames(root / "target" / name, builder.film())
        write_frames(root / "source" / name, np.repeat(labels[..., None], 3, axis=-1))
    report, dataset = examine(Vid2VidDataModule.folder(root, {"clip_frames": 4, "num_workers": 0}, on_broken="skip"))
    assert dataset is not None
    assert [sequence.entry.name for sequence in dataset.sequences] == ["c", "d"]
    (finding,) = (finding for finding in report.findings if finding.check == "left_out")
    assert (finding.severity, finding.where) == ("warning", str(root / "source" / "a: b"))
    assert finding.what.startswith(f"has frames of 16 x 48, but {root / 'target' / 'a: b'} of 32 x 48")


def test_a_damaged_file_is_named_whole_whatever_its_path(builder: "DatasetBuilder") -> None:
    folder = builder.folder / "a: b"
    write_frames(folder, builder.film())
    (folder / "000004.png").write_bytes(b"no image: really")
    builder.add("a", target=folder)
    builder.examine()
    assert builder.one("reading").where == str(folder / "000004.png")


def test_a_data_set_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    report, dataset = examine(Vid2VidDataModule(tmp_path / "nowhere"))
    (finding,) = report.findings
    assert dataset is None
    assert (finding.severity, finding.check) == ("error", "manifest")
    assert "there is no manifest here" in finding.what


def test_a_damaged_frame_is_named_and_the_others_are_looked_at(builder: "DatasetBuilder") -> None:
    sequence = builder.add("a", frames=40, target=builder.film(40), source=builder.label_film(40))
    bad = sequence.target / "000012.png"
    bad.write_bytes(bad.read_bytes()[:100])
    frozen = sequence.target / "000002.png"
    frozen.write_bytes((sequence.target / "000001.png").read_bytes())
    builder.examine()
    assert builder.one("reading").where.endswith("a/000012.png")
    assert builder.one("frozen_frames").where.endswith("a, frame 2")


def test_a_truncated_video_is_named(builder: "DatasetBuilder", tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    write_video(path, builder.film(40), 25)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    builder.add("cut", target=path, frames=40, source=builder.label_film(40))
    assert builder.examine().status() == 2
    assert builder.found("opening")[0].where == str(path)


def test_a_video_that_is_shorter_than_its_header_says_is_found(builder: "DatasetBuilder", tmp_path: Path) -> None:
    path = tmp_path / "cut.mkv"
    write_video(path, builder.film(60), 25)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    builder.add("cut", target=path, frames=60, source=builder.label_film(60))
    assert builder.examine(frames=0).status() == 2
    assert builder.found("opening")[0].where == str(path)
    assert "was cut short" in builder.found("opening")[0].what


def test_few_frames_of_a_long_video_are_looked_at(builder: "DatasetBuilder") -> None:
    builder.add("long", frames=64, target=builder.film(64), source=builder.label_film(64))
    report = builder.examine(frames=16)
    assert report.figures["looked_at"] == {"sequences": 2, "frames": 26, "frames_in_all": 74}
