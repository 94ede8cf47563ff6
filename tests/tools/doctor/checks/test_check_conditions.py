"""Keypoints that are missing, outside of the picture, jump or are tiny; edges and empty conditions."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.keypoints.keypoint_layout import FACE_POINTS, PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder


def look(builder: "DatasetBuilder", points: NDArray[np.float32], kind: str = "face") -> None:
    """Have a data set with these keypoints looked at."""
    builder.condition = Condition(kind=kind)
    for name, what in (("a", points), ("b", builder.points(points.shape[2]))):
        path = builder.folder / f"{name}.npz"
        Keypoints(what, size=(32, 48)).save(path)
        builder.add(name, "train" if name == "a" else "val", source=path)
    builder.examine()


@pytest.mark.parametrize(("kind", "number"), [("face", FACE_POINTS), ("pose", PERSON_POINTS)])
def test_healthy_keypoints_pass(builder: "DatasetBuilder", kind: str, number: int) -> None:
    look(builder, builder.points(number, people=2), kind)
    assert not builder.serious()


@pytest.mark.parametrize(("missing", "severity"), [([4], "note"), ([3, 4, 5], "warning"), (list(range(10)), "error")])
def test_frames_without_anybody_are_counted(builder: "DatasetBuilder", missing: list[int], severity: str) -> None:
    points = builder.points(FACE_POINTS)
    points[missing, ..., 2] = 0
    look(builder, points)
    finding = builder.one("nobody")
    assert finding.severity == severity
    assert finding.where.endswith(f"a.npz, frame {missing[0]}")
    assert f"in {len(missing)} of 10 frames" in finding.what


@pytest.mark.parametrize(("number", "severity"), [(2, "note"), (40, "warning")])
def test_points_outside_of_the_picture_are_counted(builder: "DatasetBuilder", number: int, severity: str) -> None:
    points = builder.points(FACE_POINTS)
    points[5:, :, :number, 0] += 90
    look(builder, points)
    finding = builder.one("outside")
    assert finding.severity == severity
    assert finding.where.endswith("a.npz, frame 5")
    assert f"{number / FACE_POINTS / 2:.1%} of the points" in finding.what


def test_a_jump_is_found(builder: "DatasetBuilder") -> None:
    points = builder.points(FACE_POINTS)
    points[6, ..., 0] += 20
    look(builder, points)
    finding = builder.one("jumps")
    assert finding.where.endswith("a.npz, frame 6")
    assert "2 times in 10 frames" in finding.what
    assert "follow" not in finding.advice


def test_two_who_change_places_are_found(builder: "DatasetBuilder") -> None:
    points = builder.points(PERSON_POINTS, people=2)
    points[4:] = points[4:, ::-1]
    look(builder, points, "pose")
    finding = builder.one("jumps")
    assert finding.where.endswith("a.npz, frame 4")
    assert "vid2vid.keypoints.tracking.track_people" in finding.advice


def test_who_appears_late_does_not_jump(builder: "DatasetBuilder") -> None:
    points = builder.points(PERSON_POINTS, people=2)
    points[:5, 1] = 0
    look(builder, points, "pose")
    assert not builder.found("jumps")
    assert not builder.found("nobody")


def test_people_who_are_tiny_are_found(builder: "DatasetBuilder") -> None:
    points = builder.points(FACE_POINTS)
    points[..., :2] *= 0.1
    look(builder, points)
    # 20 of 48 pixels, made ten times smaller
    assert "4.1% of the longer side" in builder.one("small_people").what


def test_only_the_frames_of_the_sequence_count(builder: "DatasetBuilder") -> None:
    points = builder.points(FACE_POINTS, frames=20)
    points[:8, ..., 2] = 0
    builder.condition = Condition(kind="face")
    path = builder.folder / "a.npz"
    Keypoints(points, size=(32, 48)).save(path)
    for split in ("train", "val"):
        builder.add(split, split, target=builder.film(20), source=path, start=8, frames=10)
    builder.examine()
    assert not builder.found("nobody")


@pytest.mark.parametrize(("thresholds", "word"), [([1, 1], "many"), ([900, 2000], "few"), ([60, 150], None)])
def test_edges_are_counted(builder: "DatasetBuilder", thresholds: list[int], word: str | None) -> None:
    builder.condition = Condition(kind="edges", edge_thresholds=thresholds)
    for split in ("train", "val"):
        target = builder.store(split, builder.film(seed=split == "val"))
        builder.add(split, split, target=target, source=target)
    builder.examine()
    assert len(builder.found("faint_edges")) == 2 * (word is not None)
    for finding in builder.found("faint_edges"):
        assert f"too {word} to tell" in finding.what
        assert {"many": "higher", "few": "lower"}[str(word)] in finding.advice


def test_conditions_that_show_nothing_are_found(builder: "DatasetBuilder") -> None:
    builder.condition = Condition(kind="grey")
    builder.add("a", source=np.zeros((10, 32, 48), np.uint8))
    builder.add("b", "val")
    builder.examine()
    assert builder.one("empty_conditions").where.endswith("a-labels")
