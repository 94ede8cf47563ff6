"""Poses of a real dancer against OpenPose's, and faces of the mesh against dlib's."""

import importlib
import itertools
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import MissingExtraError
from vid2vid.keypoints.detectors.detect_keypoints import detect_face, detect_pose
from vid2vid.keypoints.detectors.mediapipe_models import (
    MESH_LANDMARKS,
    POSE_LANDMARKS,
    POSE_MIDDLES,
    Holistic,
    Solution,
)
from vid2vid.keypoints.keypoint_layout import (
    BODY,
    BODY_NAMES,
    FACE,
    FACE_PARTS,
    FACE_POINTS,
    LEFT_HAND,
    PERSON_POINTS,
    RIGHT_HAND,
)
from vid2vid.keypoints.keypoint_sequence import Keypoints

Frames = list[NDArray[np.uint8]]
Masks = list[NDArray[np.bool_]]

FRAME = np.zeros((20, 30, 3), np.uint8)
EYES = (36, 45)
"""The outer corners of the eyes, whose distance errors are measured in."""
INNER = slice(17, FACE_POINTS)
"""All but the jaw, of which each detector has its own idea."""


def distances(keypoints: Keypoints, truth: Keypoints, part: slice) -> NDArray[np.floating]:
    """Return how far each point lies from OpenPose's, as a part of the height of the body.

    The mean over the frames in which both are sure of the point, NaN where there is no such frame.
    """
    ours, theirs = keypoints.points[..., part, :], truth.points[..., part, :]
    height = np.ptp(truth.points[0, 0, BODY, 1][truth.points[0, 0, BODY, 2] > 0])
    both = (ours[..., 2] > 0.3) & (theirs[..., 2] > 0.3)
    assert both.sum() > 0.8 * (theirs[..., 2] > 0.3).sum(), "most of what OpenPose sees must be found"
    apart = np.where(both, np.linalg.norm((ours - theirs)[..., :2], axis=-1) / height, np.nan)
    return np.asarray([row[~np.isnan(row)].mean() if both[..., i].any() else np.nan for i, row in enumerate(apart.T)])


def errors(found: NDArray[np.float32], truth: NDArray[np.float32]) -> NDArray[np.floating]:
    """Return how far points ``(..., 68, 3)`` lie from the truth, as a part of the distance of the eyes."""
    eyes = np.linalg.norm(truth[..., EYES[0], :2] - truth[..., EYES[1], :2], axis=-1)
    return np.asarray(np.linalg.norm(found[..., :2] - truth[..., :2], axis=-1) / eyes[..., None])


@pytest.mark.usefixtures("mediapipe_installed")
def test_a_dancer_is_found_as_openpose_found_it(
    dance_frames: Frames, dance_truth: Keypoints, dance_masks: Masks
) -> None:
    outlines: list[NDArray[np.uint8]] = []
    keypoints = detect_pose(iter(dance_frames), "holistic", 30, outlines.extend)
    assert keypoints.points.shape == (5, 1, PERSON_POINTS, 3)
    assert (keypoints.size, keypoints.fps) == ((1080, 1920), 30)
    # of a body of 565 pixels; its arms and legs are crossed, so that left for right would be far off
    body = distances(keypoints, dance_truth, BODY)
    assert np.nanmean(body) < 0.03
    assert np.nanmax(body) < 0.05, BODY_NAMES[int(np.nanargmax(body))]
    assert np.nanmax(distances(keypoints, dance_truth, FACE)) < 0.02
    for outline, mask in zip(outlines, dance_masks, strict=True):
        assert outline.shape == mask.shape
        assert outline.dtype == np.uint8
        person = outline > 127
        # DensePose leaves the hair out
        assert (person & mask).sum() > 0.95 * mask.sum()
        assert (person & mask).sum() > 0.7 * person.sum()


@pytest.mark.usefixtures("mediapipe_installed")
def test_the_body_alone_is_the_same(dance_frames: Frames, dance_truth: Keypoints) -> None:
    keypoints = detect_pose(iter(dance_frames[:2]), "pose")
    assert not keypoints.points[:, :, BODY.stop :].any()
    assert np.nanmax(distances(keypoints, Keypoints(dance_truth.points[:2]), BODY)) < 0.05


def test_each_point_of_the_body_is_mapped_once_but_the_small_toes() -> None:
    named = [*POSE_LANDMARKS, *POSE_MIDDLES]
    assert len(named) == len(set(named)) == len(set(POSE_LANDMARKS.values())) + len(POSE_MIDDLES)
    assert set(BODY_NAMES) - set(named) == {"left_small_toe", "right_small_toe"}


def landmarks(count: int, x: float, visibility: float = 0.0) -> SimpleNamespace:
    """Return landmarks as mediapipe gives them, one below the other at ``x`` of the width."""
    points = [SimpleNamespace(x=x, y=i / count, visibility=visibility) for i in range(count)]
    return SimpleNamespace(landmark=points)


def test_hands_and_middles_go_where_openpose_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pose = landmarks(33, 0.5, 0.9)
    pose.landmark[11] = SimpleNamespace(x=0.8, y=0.2, visibility=0.4)
    pose.landmark[12] = SimpleNamespace(x=0.4, y=0.4, visibility=1.0)
    found = SimpleNamespace(
        pose_landmarks=pose,
        left_hand_landmarks=landmarks(21, 0.1),
        right_hand_landmarks=landmarks(21, 0.2),
        face_landmarks=None,
        segmentation_mask=np.linspace(-0.1, 1.1, 600).reshape(20, 30),
    )
    monkeypatch.setattr(Solution, "__init__", lambda *_, **__: None)
    monkeypatch.setattr(Solution, "__call__", lambda *_: found)
    person = Holistic()(FRAME)
    points = person.points[0]
    np.testing.assert_allclose(points[LEFT_HAND], [(3, 20 * i / 21, 1) for i in range(21)], rtol=1e-6)
    np.testing.assert_allclose(points[RIGHT_HAND, 0], 6, rtol=1e-6)
    np.testing.assert_allclose(points[BODY_NAMES.index("neck")], [18, 6, 0.4], rtol=1e-6)
    assert not points[FACE].any()
    assert not points[BODY_NAMES.index("left_small_toe")].any()
    assert (person.silhouette.min(), person.silhouette.max()) == (0, 255)


def test_without_mediapipe_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions.pose", None)
    with pytest.raises(MissingExtraError, match=r"install it with: pip install .*--no-deps mediapipe==0\.10\.21"):
        Solution("pose", "Pose")


@pytest.mark.usefixtures("mediapipe_installed")
def test_its_native_code_keeps_quiet_unless_it_fails() -> None:
    code = (
        "import os, numpy as np; from vid2vid.keypoints.detectors.mediapipe_models import Solution, _quiet\n"
        "Solution('pose', 'Pose', model_complexity=1)(np.zeros((32, 32, 3), np.uint8))\n"
        "os.write(2, b'before ')\n"
        "with _quiet():\n"
        "    os.write(2, b'reason ')\n"
        "    raise SystemExit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}, check=False)
    assert (done.returncode, done.stderr) == (3, "before reason ")


@pytest.mark.usefixtures("mediapipe_installed")
def test_the_mesh_has_each_point_where_dlib_has_it(face_frames: Frames, face_truth: Keypoints) -> None:
    keypoints = detect_face(iter(face_frames), "mediapipe")
    assert (keypoints.points[..., 2] == 1).all()
    wrong = errors(keypoints.points, face_truth.points)
    assert wrong[..., INNER].mean() < 0.05
    assert wrong.mean(axis=(0, 1)).max() < 0.15, wrong.mean(axis=(0, 1)).round(3)
    # along each curve they follow each other in the same direction: neighbours are not exchanged
    steps = (np.diff(points.mean(axis=(0, 1)), axis=0) for points in (keypoints.points, face_truth.points))
    along = np.sum(np.prod(list(steps), axis=0)[:, :2], axis=1)
    for part, curves in FACE_PARTS.items():
        for curve in curves:
            joined = [i for i, j in itertools.pairwise(curve) if j == i + 1]
            assert (along[joined] > 0).all(), part


@pytest.mark.usefixtures("mediapipe_installed")
def test_the_vertices_of_the_mesh_are_those_of_its_contours() -> None:
    mesh = importlib.import_module("mediapipe.python.solutions.face_mesh_connections")
    contours = {
        "FACEMESH_FACE_OVAL": slice(0, 17),
        "FACEMESH_RIGHT_EYEBROW": slice(17, 22),
        "FACEMESH_LEFT_EYEBROW": slice(22, 27),
        "FACEMESH_RIGHT_EYE": slice(36, 42),
        "FACEMESH_LEFT_EYE": slice(42, 48),
        "FACEMESH_LIPS": slice(48, 68),
    }
    assert len(MESH_LANDMARKS) == len(set(MESH_LANDMARKS)) == FACE_POINTS
    for name, points in contours.items():
        vertices = {vertex for edge in getattr(mesh, name) for vertex in edge}
        assert set(MESH_LANDMARKS[points]) <= vertices, name
