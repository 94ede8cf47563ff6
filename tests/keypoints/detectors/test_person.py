"""Poses of a real dancer against OpenPose's, and what becomes of frames and outlines on the way."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import ConfigError, DataError, MissingExtraError
from vid2vid.keypoints import BODY, FACE, LEFT_HAND, PERSON_POINTS, RIGHT_HAND, Keypoints
from vid2vid.keypoints.detectors import PERSONS, PersonFrame, extract_pose
from vid2vid.keypoints.detectors.mediapipe import Solution
from vid2vid.keypoints.detectors.person import MIDDLES, POSE, Holistic
from vid2vid.keypoints.parts import BODY_NAMES
from vid2vid.video import stream_frames, write_frames

Frames = list[NDArray[np.uint8]]
Masks = list[NDArray[np.bool_]]

FRAME = np.zeros((20, 30, 3), np.uint8)


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


@pytest.mark.usefixtures("mediapipe_installed")
def test_a_dancer_is_found_as_openpose_found_it(
    dance_frames: Frames, dance_truth: Keypoints, dance_masks: Masks
) -> None:
    outlines: list[NDArray[np.uint8]] = []
    keypoints = extract_pose(iter(dance_frames), "holistic", 30, outlines.extend)
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
    keypoints = extract_pose(iter(dance_frames[:2]), "pose")
    assert not keypoints.points[:, :, BODY.stop :].any()
    assert np.nanmax(distances(keypoints, Keypoints(dance_truth.points[:2]), BODY)) < 0.05


def test_each_point_of_the_body_is_mapped_once_but_the_small_toes() -> None:
    named = [*POSE, *MIDDLES]
    assert len(named) == len(set(named)) == len(set(POSE.values())) + len(MIDDLES)
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


class Counter:
    """Finds a person of as many points as there were frames."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, frame: NDArray[np.uint8]) -> PersonFrame:
        self.seen += 1
        points = np.zeros((1, PERSON_POINTS, 3), np.float32)
        points[0, : self.seen, 2] = 1
        return PersonFrame(points, np.full(frame.shape[:2], self.seen, np.uint8))


def test_frames_are_read_as_their_outlines_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERSONS, "counter", Counter)
    read: list[int] = []
    written: list[int] = []

    def frames() -> Iterator[NDArray[np.uint8]]:
        for i in range(4):
            assert written == read, "frames are read ahead, or outlines are kept"
            read.append(i)
            yield FRAME

    def keep(masks: Iterator[NDArray[np.uint8]]) -> None:
        def watched() -> Iterator[NDArray[np.uint8]]:
            for mask in masks:
                written.append(read[-1])
                yield mask

        write_frames(tmp_path, watched())

    keypoints = extract_pose(frames(), "counter", silhouettes=keep)
    assert (keypoints.points[:, 0, :, 2].sum(axis=1) == [1, 2, 3, 4]).all()
    assert [frame.max() for frame in stream_frames(tmp_path)] == [1, 2, 3, 4]


def test_keypoints_are_whole_whoever_wants_the_outlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERSONS, "counter", Counter)
    assert len(extract_pose([FRAME] * 3, "counter")) == 3
    assert len(extract_pose([FRAME] * 3, "counter", silhouettes=next)) == 3


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "there is no frame to find a person in"),
        ([FRAME, FRAME[:, :20]], r"frame 1 has the size \(20, 20\), but those before have \(20, 30\)"),
        ([FRAME, FRAME[..., 0]], r"frame 1 must be \(H, W, 3\) uint8, but is \(20, 30\) uint8"),
        ([FRAME.astype(np.float32)], r"frame 0 must be \(H, W, 3\) uint8, but is \(20, 30, 3\) float32"),
    ],
)
def test_frames_that_cannot_be_used_are_named(frames: Frames, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERSONS, "counter", Counter)
    with pytest.raises(DataError, match=message):
        extract_pose(frames, "counter")


@pytest.mark.usefixtures("mediapipe_installed")
def test_nobody_in_any_frame_is_an_error() -> None:
    with pytest.raises(DataError, match="a person was found in none of the 1 frames"):
        extract_pose([np.full((96, 128, 3), 90, np.uint8)], "pose")


def test_an_unknown_extractor_is_told_with_the_known() -> None:
    with pytest.raises(ConfigError, match=r"extractor='body' is unknown.*holistic, pose"):
        extract_pose([], "body")


def test_without_mediapipe_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions.pose", None)
    with pytest.raises(MissingExtraError, match=r"install it with: pip install .*--no-deps mediapipe==0\.10\.21"):
        Solution("pose", "Pose")


@pytest.mark.usefixtures("mediapipe_installed")
def test_its_native_code_keeps_quiet_unless_it_fails() -> None:
    code = (
        "import os, numpy as np; from vid2vid.keypoints.detectors.mediapipe import Solution, _quiet\n"
        "Solution('pose', 'Pose', model_complexity=1)(np.zeros((32, 32, 3), np.uint8))\n"
        "os.write(2, b'before ')\n"
        "with _quiet():\n"
        "    os.write(2, b'reason ')\n"
        "    raise SystemExit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}, check=False)
    assert (done.returncode, done.stderr) == (3, "before reason ")
