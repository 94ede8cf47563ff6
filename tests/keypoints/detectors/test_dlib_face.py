"""Landmarks of real faces against those that others have found, and of faces that come and go."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import ConfigError, MissingExtraError
from vid2vid.keypoints.detectors.detect_keypoints import detect_face
from vid2vid.keypoints.detectors.dlib_face import DlibFace
from vid2vid.keypoints.keypoint_layout import FACE_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints

EYES = (36, 45)
"""The outer corners of the eyes, whose distance errors are measured in."""
INNER = slice(17, FACE_POINTS)
"""All but the jaw, of which each detector has its own idea."""

Frames = list[NDArray[np.uint8]]


def errors(found: NDArray[np.float32], truth: NDArray[np.float32]) -> NDArray[np.floating]:
    """Return how far points ``(..., 68, 3)`` lie from the truth, as a part of the distance of the eyes."""
    eyes = np.linalg.norm(truth[..., EYES[0], :2] - truth[..., EYES[1], :2], axis=-1)
    return np.asarray(np.linalg.norm(found[..., :2] - truth[..., :2], axis=-1) / eyes[..., None])


def moved(truth: NDArray[np.float32], scale: float, x: float, y: float) -> NDArray[np.float32]:
    """Return where points are after a resizing by ``scale`` and then a shift."""
    places = truth.copy()
    places[..., :2] = (truth[..., :2] + 0.5) * scale - 0.5 + (x, y)
    return places


@pytest.mark.usefixtures("dlib_installed")
def test_dlib_finds_what_others_found_with_it(face_frames: Frames, face_truth: Keypoints) -> None:
    keypoints = detect_face(iter(face_frames), "dlib", fps=25)
    assert keypoints.points.shape == (5, 1, FACE_POINTS, 3)
    assert (keypoints.size, keypoints.fps) == ((480, 640), 25)
    assert (keypoints.points[..., 2] == 1).all()
    assert errors(keypoints.points, face_truth.points).mean() < 0.02


@pytest.mark.usefixtures("dlib_installed")
def test_dlib_finds_small_faces_and_follows_them_out_and_in_again(face_frames: Frames, face_truth: Keypoints) -> None:
    small = cv2.resize(face_frames[0], None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    empty = np.full((480, 640, 3), 90, np.uint8)
    frames, places = [], []
    # a face of 34 pixels: it wanders, is gone, and comes back elsewhere
    for place in ((20, 30), (24, 32), None, (400, 300)):
        frame = empty.copy()
        if place:
            x, y = place
            frame[y : y + 120, x : x + 160] = small
            places.append(moved(face_truth.points[0, 0], 0.25, x, y))
        frames.append(frame)
    points = detect_face(iter(frames), "dlib").points[:, 0]
    assert points[:, :, 2].any(axis=1).tolist() == [True, True, False, True]
    assert not points[2].any()
    assert errors(points[[0, 1, 3]], np.stack(places)).mean() < 0.08


@pytest.mark.usefixtures("dlib_installed")
def test_dlib_takes_the_largest_face_and_stays_with_it(face_frames: Frames, face_truth: Keypoints) -> None:
    truth, shrinking = face_truth.points[0, 0], 0.8
    # about the middle of the face, so that it stays where it is
    x, y = ((1 - shrinking) * truth[:, :2].mean(axis=0)).round().astype(int).tolist()
    large = face_frames[0]
    small = np.full_like(large, 90)
    less = cv2.resize(large, None, fx=shrinking, fy=shrinking, interpolation=cv2.INTER_AREA)
    small[y : y + len(less), x : x + less.shape[1]] = less
    find = DlibFace()
    first = find(np.hstack([large, small]))
    both = np.hstack([small, large])
    assert errors(first, truth).mean() < 0.03
    assert errors(find(both), moved(truth, shrinking, x, y)).mean() < 0.05
    assert errors(DlibFace()(both), moved(truth, 1, large.shape[1], 0)).mean() < 0.03, (
        "the larger one, if none is known"
    )


def test_without_dlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vid2vid\[face\]'"):
        DlibFace()


@pytest.mark.usefixtures("dlib_installed")
def test_a_missing_or_foreign_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = tmp_path / "foreign.dat"
    foreign.write_bytes(b"no model")
    for path in (tmp_path / "missing.dat", foreign):
        with pytest.raises(ConfigError, match=rf"{path.name}: cannot be read as dlib's shape_predictor_68"):
            DlibFace(str(path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"face-recognition-models.*vid2vid\[face\]"):
        DlibFace()
