"""Faces and people in live frames: detected as for the training, held where they are missed, retargeted."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.config.live import LiveConfig
from vid2vid.data.conditions import kind_of
from vid2vid.data.conditions.keypoint_kinds import KeypointKind
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import DataError
from vid2vid.keypoints.detectors.detect_keypoints import FACES
from vid2vid.keypoints.keypoint_layout import BODY, BODY_LIMBS, BODY_NAMES, PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.outline import person_outline
from vid2vid.keypoints.retargeting import Proportions, retarget
from vid2vid.live.live_keypoints import LiveKeypoints, Retargeting
from vid2vid.live.live_sources import Captured
from vid2vid.video import stream_frames

Settings = Callable[..., LiveConfig]


@pytest.fixture(scope="module")
def face(samples: Path, absent: Callable[[str], NoReturn]) -> NDArray[np.uint8]:
    """A real face, 240 x 320."""
    for package in ("dlib", "face_recognition_models"):
        if importlib.util.find_spec(package) is None:
            absent(f"{package} is not installed")
    (folder,) = (samples / "face/images").iterdir()
    return next(stream_frames(folder))[::2, ::2].copy()


def test_a_face_is_drawn_as_for_the_training_and_held_while_it_is_missed(
    settings: Settings, face: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    condition, crop_resize = Condition("face", background_edges=True), CropResize(96, 128)
    live = LiveKeypoints(settings(source="0", detector="dlib"), condition, crop_resize, print)
    found = live(Captured(face, 0.0))
    assert found is not None
    planes, mask = found
    assert (planes.shape, mask) == ((1, 2, 96, 128), None)
    kind = kind_of(condition)
    assert isinstance(kind, KeypointKind)
    points = FACES["dlib"]()(face)[None, None]
    np.testing.assert_array_equal(planes[:, :1], kind.drawn(points, (240, 320), crop_resize))
    # nobody: the face stays where it was for some frames
    monkeypatch.setattr("vid2vid.live.live_keypoints._HELD", 1)
    nobody = Captured(np.zeros_like(face), 1.0)
    shown = [bool(made[0][0, 0].any()) for made in (live(nobody) for _ in range(2)) if made is not None]
    assert shown == [True, False]


def body(scale: float, frames: int = 6) -> Keypoints:
    """A body that walks to the right."""
    points = np.zeros((frames, 1, PERSON_POINTS, 3), np.float32)
    place = {"neck": np.array([0.0, -30.0]), "mid_hip": np.zeros(2)}
    for i, (start, end) in enumerate(BODY_LIMBS[1:]):
        place[end] = place[start] + 9 * np.array([np.cos(i), 0.3 + abs(np.sin(i))])
    for t in range(frames):
        places = np.array([place[name] for name in BODY_NAMES])
        points[t, 0, BODY, :2] = scale * (places + np.array([30 + t, 40]))
    points[:, :, BODY, 2] = 1
    return Keypoints(points, (round(100 * scale), round(120 * scale)), 10)


def test_a_person_is_measured_first_and_then_retargeted(settings: Settings, tmp_path: Path) -> None:
    driver, target = body(2), body(1)
    target.save(tmp_path / "target.npz")
    said: list[str] = []
    given = settings(source="0", retarget=tmp_path / "target.npz", calibrate=0.3)
    retargeting = Retargeting(given, Condition("pose"), said.append)
    made = [retargeting(driver[t : t + 1], t / 10) for t in range(6)]
    assert made[:3] == [None] * 3
    own, goal = Proportions.measure(driver[:4]), Proportions.measure(target)
    for t in range(3, 6):
        result = made[t]
        assert result is not None
        points, size, mask = result
        wanted = retarget(driver[t : t + 1], source=own, target=goal).points[0]
        np.testing.assert_allclose(points, wanted, atol=1e-4)
        assert size == (100, 120)
        np.testing.assert_array_equal(mask, person_outline(wanted, size, 30.0))
    assert said[0].startswith("retarget: the person is measured for 0.3 s")
    assert said[1:] == ["retarget: measured"]


def test_it_is_measured_again_if_nobody_is_seen(settings: Settings, tmp_path: Path) -> None:
    body(1).save(tmp_path / "target.npz")
    said: list[str] = []
    given = settings(source="0", retarget=tmp_path / "target.npz", calibrate=0.15)
    retargeting = Retargeting(given, Condition("pose"), said.append)
    nobody = Keypoints(np.zeros((1, 1, PERSON_POINTS, 3), np.float32), (100, 120))
    assert [retargeting(nobody, t / 10) for t in range(3)] == [None] * 3
    assert "no frame shows a person's neck and hips" in said[-1]
    assert said[-1].endswith("It is measured again for 0.15 s")
    made = [retargeting(body(1)[t : t + 1], 0.2 + t / 10) for t in range(4)]
    assert [one is not None for one in made] == [False, False, True, True]
    with pytest.raises(DataError, match="there is no such video"):
        Retargeting(settings(source="0", retarget=tmp_path / "no.mp4"), Condition("pose"), print)
