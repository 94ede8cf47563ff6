"""Detection frame by frame: constant memory, frames that cannot be used, and the registry of detectors."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.config.data import FACE_DETECTORS, PERSON_DETECTORS
from vid2vid.errors import ConfigError, DataError
from vid2vid.keypoints.detectors.detect_keypoints import FACES, PERSONS, detect_face, detect_pose
from vid2vid.keypoints.detectors.mediapipe_models import PersonFrame
from vid2vid.keypoints.keypoint_layout import PERSON_POINTS
from vid2vid.video import stream_frames, write_frames

Frames = list[NDArray[np.uint8]]

FRAME = np.zeros((20, 30, 3), np.uint8)


@pytest.mark.parametrize("name", FACES)
def test_no_face_in_any_frame_is_an_error(name: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(f"{name}_installed")
    grey = np.full((96, 128, 3), 90, np.uint8)
    with pytest.raises(DataError, match="a face was found in none of the 2 frames"):
        detect_face(iter([grey, grey]), name)


def test_an_unknown_face_detector_is_named_with_the_known() -> None:
    with pytest.raises(ConfigError, match=r"detector='dlibb' is unknown. Did you mean 'dlib'\?"):
        detect_face([], "dlibb")


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

    keypoints = detect_pose(frames(), "counter", silhouettes=keep)
    assert (keypoints.points[:, 0, :, 2].sum(axis=1) == [1, 2, 3, 4]).all()
    assert [frame.max() for frame in stream_frames(tmp_path)] == [1, 2, 3, 4]


def test_keypoints_are_whole_whoever_wants_the_outlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERSONS, "counter", Counter)
    assert len(detect_pose([FRAME] * 3, "counter")) == 3
    assert len(detect_pose([FRAME] * 3, "counter", silhouettes=next)) == 3


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
        detect_pose(frames, "counter")


@pytest.mark.usefixtures("mediapipe_installed")
def test_nobody_in_any_frame_is_an_error() -> None:
    with pytest.raises(DataError, match="a person was found in none of the 1 frames"):
        detect_pose([np.full((96, 128, 3), 90, np.uint8)], "pose")


def test_an_unknown_person_detector_is_named_with_the_known() -> None:
    with pytest.raises(ConfigError, match=r"detector='body' is unknown.*holistic, pose"):
        detect_pose([], "body")


def test_every_registered_detector_is_a_class_of_its_module() -> None:
    for path in [*FACE_DETECTORS.values(), *PERSON_DETECTORS.values()]:
        module, name = path.split(":")
        assert find_spec(module) is not None
        source = Path(str(find_spec(module).origin)).read_text(encoding="utf-8")  # type: ignore[union-attr]
        assert f"class {name}" in source
    assert list(FACES) == list(FACE_DETECTORS)
    assert list(PERSONS) == list(PERSON_DETECTORS)
