"""``vid2vid doctor``: what it says, writes, and how it ends."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import cv2
import numpy as np
import pytest

from vid2vid.data.manifest import Manifest
from vid2vid.video import stream_frames, write_frames, write_labels, write_video

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def healthy(street_root: Path) -> list[str]:
    """Arguments that name a healthy data set."""
    return ["data=manifest", f"data.path={street_root}", "data.clip_frames=6", "data.num_workers=4"]


def test_a_healthy_data_set(vid2vid: Run, healthy: list[str]) -> None:
    done = vid2vid("doctor", *healthy)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"Written to {Path('runs/doctor')}: doctor.json, sheet.png."
    assert lines[-2:] == ["Looked at 60 of 60 frames in 5 sequences.", "This data set can be trained on."]
    assert not any(line.startswith(("ERRORS", "WARNINGS")) for line in lines)
    content = json.loads(Path("runs/doctor/doctor.json").read_text(encoding="utf-8"))
    assert (content["status"], content["counts"]["error"], content["counts"]["warning"]) == (0, 0, 0)
    sheet = cv2.imread("runs/doctor/sheet.png")
    assert sheet is not None
    assert sheet.shape[1] > 1000


def test_errors_end_with_status_2_and_the_whole_list(vid2vid: Run, street_root: Path, tmp_path: Path) -> None:
    manifest = Manifest.load(street_root)
    labels = tmp_path / "labels.mkv"
    write_labels(labels, np.full((12, 32, 64), 99, np.uint8), 10)
    spoilt = [replace(manifest.sequences[0], source=labels)]
    Manifest(manifest.condition, [*spoilt, *manifest.sequences[1:]]).save(tmp_path / "manifest.json")
    done = vid2vid("doctor", "data=manifest", f"data.path={tmp_path}", "data.clip_frames=14")
    assert done.returncode == 2
    assert "ERRORS (2)" in done.stdout
    assert "99 (100 %)" in " ".join(done.stdout.split())
    assert "too short for clips of 14 frames" in " ".join(done.stdout.split())
    assert "yet: 2 errors, named above." in done.stdout.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert json.loads(Path("runs/doctor/doctor.json").read_text(encoding="utf-8"))["status"] == 2


@pytest.mark.parametrize(("strict", "status"), [("false", 0), ("true", 2)])
def test_warnings_count_if_it_is_strict(vid2vid: Run, healthy: list[str], strict: str, status: int) -> None:
    stretched = ["data.height=32", "data.width=32", "frames=2"]
    done = vid2vid("doctor", *healthy, *stretched, f"strict={strict}", "output=other")
    assert done.returncode == status
    assert "WARNINGS" in done.stdout
    assert Path("other/doctor.json").is_file()


@pytest.mark.parametrize(
    ("kind", "message"),
    [("manifest", "there is no manifest here"), ("folder", "there is no such folder")],
)
def test_a_data_set_that_is_not_there(vid2vid: Run, kind: str, message: str) -> None:
    done = vid2vid("doctor", f"data={kind}", "data.path=nowhere")
    assert done.returncode == 2
    assert message in done.stdout
    assert done.stdout.endswith("yet: 1 error, named above.\n")
    assert "Written to runs/doctor: doctor.json." in done.stdout


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("frames=0", "frames must be at least 1, but is 0; all=true looks at every frame."),
        ("data.fit=cropp", "data.fit='cropp' is unknown. Did you mean 'crop'?"),
    ],
)
def test_mistakes_are_explained(vid2vid: Run, healthy: list[str], argument: str, message: str) -> None:
    done = vid2vid("doctor", *healthy, argument)
    assert done.returncode == 2
    assert message in done.stderr
    assert not Path("runs").exists()


def test_a_video_of_ones_own(vid2vid: Run, street_root: Path) -> None:
    frames = [frame for sequence in Manifest.load(street_root).sequences for frame in stream_frames(sequence.target)]
    write_video(Path("clip.mp4"), frames, 10)
    done = vid2vid(
        "doctor",
        "data=video",
        "data.path=clip.mp4",
        "data.height=32",
        "data.width=64",
        "data.clip_frames=3",
        "all=true",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Looked at 60 of 60 frames" in done.stdout


@pytest.mark.parametrize(("on_broken", "status"), [("error", 2), ("skip", 0)])
def test_all_broken_sequences_of_a_folder_are_named(vid2vid: Run, on_broken: str, status: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (8, 32, 48, 3), np.uint8)
    for name in "abcd":
        frames = np.stack([cv2.GaussianBlur(frame, (0, 0), 2) for frame in noise])
        write_frames(Path("data/target") / name, frames)
        write_frames(Path("data/source") / name, np.repeat(frames[..., :1] // 128, 3, axis=-1))
    for name in "ab":
        Path("data/source", name, "000003.png").unlink()
    done = vid2vid("doctor", "data=folder", "data.path=data", "data.clip_frames=4", f"data.on_broken={on_broken}")
    assert done.returncode == status, done.stdout + done.stderr
    findings = json.loads(Path("runs/doctor/doctor.json").read_text(encoding="utf-8"))["findings"]
    left_out = [finding for finding in findings if finding["check"] == "left_out"]
    assert [finding["severity"] for finding in left_out] == [{"error": "error", "skip": "warning"}[on_broken]] * 2
    assert "left out" not in done.stderr


def test_no_file_of_the_data_is_written_over(vid2vid: Run, tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (12, 32, 64, 3), np.uint8)
    write_frames(tmp_path / "mine", list(frames))
    (tmp_path / "mine" / "000000.png").rename(tmp_path / "mine" / "sheet.png")
    before = {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()}
    assert "sheet.png" in before
    done = vid2vid("doctor", "data=video", f"data.path={tmp_path}", f"output={tmp_path / 'mine'}")
    assert done.returncode == 2
    assert "mine/doctor.json: would be written into the folder" in done.stderr
    done = vid2vid("doctor", "data=video", f"data.path={tmp_path / 'mine'}", f"output={tmp_path / 'mine'}")
    assert (done.returncode, done.stdout) == (2, "")
    assert {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()} == before
