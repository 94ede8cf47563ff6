"""Keypoints that miss, leave the picture, jump or are tiny."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.keypoints import FACE_POINTS, PERSON_POINTS, Keypoints

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import Clinic


def look(clinic: "Clinic", points: NDArray[np.float32], kind: str = "face") -> None:
    """Have a data set with these keypoints looked at."""
    clinic.condition = Condition(kind=kind)
    for name, what in (("a", points), ("b", clinic.points(points.shape[2]))):
        path = clinic.folder / f"{name}.npz"
        Keypoints(what, size=(32, 48)).save(path)
        clinic.add(name, "train" if name == "a" else "val", source=path)
    clinic.examine()


@pytest.mark.parametrize(("kind", "number"), [("face", FACE_POINTS), ("pose", PERSON_POINTS)])
def test_healthy_keypoints_pass(clinic: "Clinic", kind: str, number: int) -> None:
    look(clinic, clinic.points(number, people=2), kind)
    assert not clinic.serious()


@pytest.mark.parametrize(("missing", "severity"), [([4], "note"), ([3, 4, 5], "warning"), (list(range(10)), "error")])
def test_frames_without_anybody_are_counted(clinic: "Clinic", missing: list[int], severity: str) -> None:
    points = clinic.points(FACE_POINTS)
    points[missing, ..., 2] = 0
    look(clinic, points)
    finding = clinic.one("nobody")
    assert finding.severity == severity
    assert finding.where.endswith(f"a.npz, frame {missing[0]}")
    assert f"in {len(missing)} of 10 frames" in finding.what


@pytest.mark.parametrize(("number", "severity"), [(2, "note"), (40, "warning")])
def test_points_outside_of_the_picture_are_counted(clinic: "Clinic", number: int, severity: str) -> None:
    points = clinic.points(FACE_POINTS)
    points[5:, :, :number, 0] += 90
    look(clinic, points)
    finding = clinic.one("outside")
    assert finding.severity == severity
    assert finding.where.endswith("a.npz, frame 5")
    assert f"{number / FACE_POINTS / 2:.1%} of the points" in finding.what


def test_a_jump_is_found(clinic: "Clinic") -> None:
    points = clinic.points(FACE_POINTS)
    points[6, ..., 0] += 20
    look(clinic, points)
    finding = clinic.one("jumps")
    assert finding.where.endswith("a.npz, frame 6")
    assert "2 times in 10 frames" in finding.what
    assert "follow" not in finding.advice


def test_two_who_change_places_are_found(clinic: "Clinic") -> None:
    points = clinic.points(PERSON_POINTS, people=2)
    points[4:] = points[4:, ::-1]
    look(clinic, points, "pose")
    finding = clinic.one("jumps")
    assert finding.where.endswith("a.npz, frame 4")
    assert "vid2vid.keypoints.follow" in finding.advice


def test_who_appears_late_does_not_jump(clinic: "Clinic") -> None:
    points = clinic.points(PERSON_POINTS, people=2)
    points[:5, 1] = 0
    look(clinic, points, "pose")
    assert not clinic.found("jumps")
    assert not clinic.found("nobody")


def test_people_who_are_tiny_are_found(clinic: "Clinic") -> None:
    points = clinic.points(FACE_POINTS)
    points[..., :2] *= 0.1
    look(clinic, points)
    # 20 of 48 pixels, made ten times smaller
    assert "4.1% of the longer side" in clinic.one("small_people").what


def test_only_the_frames_of_the_sequence_count(clinic: "Clinic") -> None:
    points = clinic.points(FACE_POINTS, frames=20)
    points[:8, ..., 2] = 0
    clinic.condition = Condition(kind="face")
    path = clinic.folder / "a.npz"
    Keypoints(points, size=(32, 48)).save(path)
    for split in ("train", "val"):
        clinic.add(split, split, target=clinic.film(20), source=path, start=8, frames=10)
    clinic.examine()
    assert not clinic.found("nobody")
