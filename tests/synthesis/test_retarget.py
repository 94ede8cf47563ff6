"""Retargeting: keypoints, outlines and surroundings of the model's person, moved as another person."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Vid2VidModule
from vid2vid.condition import Condition
from vid2vid.config import SynthesisConfig
from vid2vid.errors import ConfigError, DataError
from vid2vid.keypoints.detectors.detect_keypoints import FACES
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.keypoints.keypoint_layout import BODY, BODY_LIMBS, BODY_NAMES, FACE_POINTS, PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.outline import person_outline
from vid2vid.keypoints.retargeting import FaceProportions, Proportions, retarget
from vid2vid.synthesis import StoppedError, synthesize
from vid2vid.synthesis.retarget import retarget_files
from vid2vid.video import frame_times, open_frames, write_video

FRAMES = 6


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VID2VID_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def body(scale: float, left: float, size: tuple[int, int]) -> Keypoints:
    """A body alone that walks to the right: each point on the tree of limbs, in a direction of its own."""
    points = np.zeros((FRAMES, 1, PERSON_POINTS, 3), np.float32)
    place = {"neck": np.array([0.0, -30.0]), "mid_hip": np.zeros(2)}
    for i, (start, end) in enumerate(BODY_LIMBS[1:]):
        place[end] = place[start] + 9 * np.array([np.cos(i), 0.3 + abs(np.sin(i))])
    for t in range(FRAMES):
        places = np.array([place[name] for name in BODY_NAMES])
        points[t, 0, BODY, :2] = scale * (places + np.array([t, 40])) + np.array([left, 0])
    points[:, :, BODY, 2] = 1
    return Keypoints(points, size, 10)


def test_a_body_is_retargeted_from_keypoints(tmp_path: Path) -> None:
    driver, target = body(2, 70, (200, 240)), body(1, 30, (100, 120))
    for name, keypoints in ("driver", driver), ("target", target):
        keypoints.save(tmp_path / f"{name}.npz")
    files = retarget_files(Condition("pose"), tmp_path / "driver.npz", tmp_path / "target.npz")
    made = read_keypoints(files.source)
    assert made.size == (100, 120)
    np.testing.assert_allclose(made.points[:, :, BODY], target.points[:, :, BODY], atol=1e-3)
    assert files.background is None
    assert files.foreground is not None
    masks = open_frames(files.foreground).read(range(FRAMES))[..., 0]
    torso = 30.0
    np.testing.assert_array_equal(masks, [person_outline(people, (100, 120), torso) for people in target.points])
    # once more is the same, and needs nothing new
    again = retarget_files(Condition("pose"), tmp_path / "driver.npz", tmp_path / "target.npz")
    assert again == files
    np.testing.assert_array_equal(read_keypoints(again.source).points, made.points)


def test_movements_at_another_rate_are_resampled_to_that_of_the_target(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    driver, target = body(1, 30, (100, 120)), body(1, 30, (100, 120))
    replace(driver, fps=5).save(tmp_path / "driver.npz")
    target.save(tmp_path / "target.npz")
    paths = tmp_path / "driver.npz", tmp_path / "target.npz"
    files = retarget_files(Condition("pose"), *paths)
    made = read_keypoints(files.source)
    assert (made.fps, len(made)) == (10, 2 * FRAMES - 1)
    assert files.foreground is not None
    assert len(open_frames(files.foreground)) == len(made)
    assert "the movements are resampled to 10 frames a second" in caplog.text
    # other inputs of the driver's frames would not fit any more
    made = read_keypoints(retarget_files(Condition("pose"), *paths, resample=False).source)
    assert (made.fps, len(made)) == (5, FRAMES)
    assert "give driver and target one frame rate" in caplog.text


def test_times_of_a_driver_are_kept(tmp_path: Path) -> None:
    times = np.array([0, 0.1, 0.2, 0.9, 1.0, 1.1])
    replace(body(2, 70, (200, 240)), fps=10, times=times).save(tmp_path / "driver.npz")
    body(1, 30, (100, 120)).save(tmp_path / "target.npz")
    files = retarget_files(Condition("pose"), tmp_path / "driver.npz", tmp_path / "target.npz")
    assert read_keypoints(files.source).times == pytest.approx(times)
    assert files.foreground is not None
    assert frame_times(files.foreground) == pytest.approx(times, abs=1e-3)


def face(t: int, wide: float) -> NDArray[np.float32]:
    """A face that moves to the right and is as wide as is said."""
    random = np.random.default_rng(3).uniform(-8, 8, (FACE_POINTS, 2))
    points = np.ones((FACE_POINTS, 3), np.float32)
    points[:, :2] = random * (wide, 1) + (20 + t, 16)
    return points


class Nodding:
    """Finds in frame after frame a face that moves."""

    def __init__(self) -> None:
        self.frame = 0

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.frame += 1
        return face(self.frame - 1, 1)


def noise() -> Iterator[NDArray[np.uint8]]:
    for t in range(FRAMES):
        blocks = np.random.default_rng(t).integers(0, 256, (8, 16, 3), np.uint8)
        yield blocks.repeat(4, axis=0).repeat(4, axis=1)


@pytest.fixture
def videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    for name in "dlib", "mediapipe":
        monkeypatch.setitem(FACES, name, Nodding)

    def write(name: str) -> Path:
        path = tmp_path / name
        write_video(path, noise(), 10)
        return path

    return write


def test_a_face_is_retargeted_before_a_background_at_rest(videos: Callable[[str], Path], tmp_path: Path) -> None:
    target = videos("target.mp4")
    wide = Keypoints(np.stack([face(2 * t, 1.5)[None] for t in range(FRAMES)]), (64, 64), 10)
    wide.save(tmp_path / "driver.npz")
    files = retarget_files(Condition("face", background_edges=True), tmp_path / "driver.npz", target)
    assert files.foreground is None
    assert files.background is not None
    made = read_keypoints(files.source)
    assert made.size == (32, 64)
    narrow = Keypoints(np.stack([face(t, 1)[None] for t in range(FRAMES)]), (32, 64), 10)
    goal, found = (Proportions.measure(keypoints).person for keypoints in (narrow, made))
    assert isinstance(goal, FaceProportions)
    assert isinstance(found, FaceProportions)
    assert found.width == pytest.approx(goal.width, rel=0.03)
    edges = open_frames(files.background).read(range(FRAMES))[..., 0]
    assert edges[:, :, 45:].any()
    # the room is at rest, whatever the face does
    assert (edges[1:, :, 50:] == edges[:-1, :, 50:]).all()
    with pytest.raises(DataError, match="give the video that it was trained on"):
        retarget_files(Condition("face", background_edges=True), target, tmp_path / "driver.npz")


def test_videos_are_retargeted_as_their_keypoints(videos: Callable[[str], Path], tmp_path: Path) -> None:
    driver = videos("driver.mp4")
    wide = Keypoints(np.stack([face(0, 1.5)[None]] * FRAMES), (64, 64), 10)
    wide.save(tmp_path / "target.npz")
    made = read_keypoints(retarget_files(Condition("face"), driver, tmp_path / "target.npz").source)
    found = Keypoints(np.stack([face(t, 1)[None] for t in range(FRAMES)]), (32, 64), 10)
    expected = retarget(found, target=Proportions.measure(wide))
    # smoothed over time when it was extracted
    np.testing.assert_allclose(made.points[2:-2], expected.points[2:-2], atol=0.5)


def test_what_cannot_be_retargeted_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target.npz"
    body(1, 30, (100, 120)).save(target)
    with pytest.raises(ConfigError, match=r"retarget: only faces and poses.*'edges'"):
        retarget_files(Condition("edges"), target, target)
    with pytest.raises(ConfigError, match="DensePose"):
        retarget_files(Condition("pose", densepose=True), target, target)
    with pytest.raises(DataError, match=r"nowhere\.mp4: there is no such"):
        retarget_files(Condition("pose"), tmp_path / "nowhere.mp4", target)
    empty = tmp_path / "empty.npz"
    Keypoints(np.zeros((3, 1, PERSON_POINTS, 3), np.float32), (100, 120)).save(empty)
    with pytest.raises(DataError, match=r"empty\.npz: no frame shows a person's neck and hips"):
        retarget_files(Condition("pose"), target, empty)


def test_a_retargeted_synthesis_is_resumed(small_module: Callable[..., Vid2VidModule], tmp_path: Path) -> None:
    for name, keypoints in ("driver", body(2, 70, (64, 64))), ("target", body(1, 30, (32, 32))):
        keypoints.save(tmp_path / f"{name}.npz")
    module, asked = small_module(Condition("pose")), iter(range(3))
    config = SynthesisConfig(
        source=str(tmp_path / "driver.npz"), output=tmp_path / "out.mp4", retarget=tmp_path / "target.npz", segment=1
    )
    with pytest.raises(StoppedError, match="stopped after 2 frames"):
        synthesize(module, config, stopped=lambda: next(asked) == 2)
    assert synthesize(module, replace(config, resume=True)) == FRAMES
    other = replace(config, resume=True, output=tmp_path / "other.mp4")
    asked = iter(range(3))
    with pytest.raises(StoppedError):
        synthesize(module, other, stopped=lambda: next(asked) == 2)
    body(1.5, 30, (32, 32)).save(tmp_path / "target.npz")
    with pytest.raises(ConfigError, match=r"retarget was .*target\.npz"):
        synthesize(module, other)
