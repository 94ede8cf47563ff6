"""Detectors of faces and people by mediapipe.

The face mesh is by Kartynnik et al. (2019), the pose is BlazePose (Bazarevsky et al., 2020).
"""

import contextlib
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import MissingExtraError, why
from vid2vid.keypoints.keypoint_layout import BODY, BODY_NAMES, FACE, FACE_POINTS, LEFT_HAND, PERSON_POINTS, RIGHT_HAND

INSTALL = (
    "pip install absl-py attrs flatbuffers matplotlib 'protobuf>=6.31.1,<7' && pip install --no-deps mediapipe==0.10.21"
)
"""Mediapipe's pinned dependencies conflict with other packages here, but it runs without the pins."""
# rows with both sides go from the person's right to the left
MESH_LANDMARKS: tuple[int, ...] = (
    *(127, 234, 132, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 361, 454, 356),  # jaw
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),  # brows
    *(168, 197, 5, 4),  # bridge of the nose, downwards
    *(75, 97, 2, 326, 305),  # tip of the nose
    *(33, 160, 158, 133, 153, 144),  # right eye
    *(362, 385, 387, 263, 373, 380),  # left eye
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),  # lips, outside
    *(78, 82, 13, 312, 308, 317, 14, 87),  # lips, inside
)
"""The mesh vertex for each of the 68 points: of the vertices on the mesh's contours, the one that is nearest to dlib's
point on average over some hundred frames; mirror-image points have mirror-image vertices."""

MESH_PUPILS = (468, 473)
"""The vertices of the person's right and left pupil."""
_POSE_PAIRS = {
    "eye": (2, 5),
    "ear": (7, 8),
    "shoulder": (11, 12),
    "elbow": (13, 14),
    "wrist": (15, 16),
    "hip": (23, 24),
    "knee": (25, 26),
    "ankle": (27, 28),
    "heel": (29, 30),
    "big_toe": (31, 32),
}
POSE_LANDMARKS = {"nose": 0} | {
    f"{side}_{part}": index
    for part, pair in _POSE_PAIRS.items()
    for side, index in zip(("left", "right"), pair, strict=True)
}
"""Index among mediapipe's 33 points of each of OpenPose's; the small toes have none."""
POSE_MIDDLES = {"neck": ("left_shoulder", "right_shoulder"), "mid_hip": ("left_hip", "right_hip")}
"""OpenPose's points that are the mean of two others."""


class Solution:
    """One of mediapipe's models, with tracking from frame to frame.

    Args:
        module: Its module among mediapipe's solutions, e.g. ``pose``.
        name: Its class, e.g. ``Pose``.
        **options: Its options.

    Raises:
        MissingExtraError: mediapipe is not installed, does not run, or has no such solution.
    """

    def __init__(self, module: str, name: str, **options: Any) -> None:  # noqa: ANN401 - mediapipe has no types
        try:
            with _quiet():
                solution = getattr(importlib.import_module(f"mediapipe.python.solutions.{module}"), name)
                self._model: Any = solution(**options)
        # the last two are raised by other versions of mediapipe, or of protobuf, which it uses
        except (ImportError, AttributeError, TypeError) as error:
            raise MissingExtraError(
                f"mediapipe 0.10.21 is not installed correctly ({why(error)}). It runs with Python 3.11 and 3.12 "
                f"on Linux (x86), macOS and Windows; install it with: {INSTALL}"
            ) from error
        self._started = False

    def __call__(self, frame: NDArray[np.uint8]) -> Any:  # noqa: ANN401 - mediapipe has no types
        """Return mediapipe's result for the next frame ``(H, W, 3)`` RGB."""
        frame = np.ascontiguousarray(frame)
        if self._started:
            return self._model.process(frame)
        with _quiet():
            found = self._model.process(frame)
        self._started = True
        return found


def _pixels(landmarks: Any, frame: NDArray[np.uint8]) -> NDArray[np.float32]:  # noqa: ANN401 - mediapipe has no types
    """Return mediapipe's landmarks in a frame as ``(N, 2)``: x and y in pixels."""
    height, width = frame.shape[:2]
    return np.array([[point.x * width, point.y * height] for point in landmarks.landmark], np.float32)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the output of mediapipe's native code to stderr while it starts; show it after an exception.

    The output is a dozen lines of warnings, and the trace of an error that mediapipe handles.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        terminal = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            os.write(terminal, kept.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


class MeshFace:
    """Detects and tracks a face, at any angle. Hidden points are estimated. Small faces are not found."""

    def __init__(self) -> None:
        self._mesh = Solution("face_mesh", "FaceMesh", max_num_faces=1, refine_landmarks=True)

    def __call__(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the points of the face in the next frame (see `FaceDetector`); confidence 1, or 0 without a face."""
        faces = self._mesh(frame).multi_face_landmarks
        if not faces:
            return np.zeros((FACE_POINTS, 3), np.float32)
        return _with_full_confidence(_pixels(faces[0], frame)[list(MESH_LANDMARKS)])


class PersonFrame(NamedTuple):
    """The keypoints and the silhouette of people in one frame.

    Attributes:
        points: ``(P, 137, 3)`` float32: x and y in pixels and confidence in 0..1, which is 0 for missing points.
        silhouette: ``(H, W)`` uint8, 0 (background) to 255 (person); all 0 if nobody was found.
    """

    points: NDArray[np.float32]
    silhouette: NDArray[np.uint8]


class PoseOnly:
    """Detects and tracks one person: body and silhouette."""

    def __init__(self) -> None:
        self._pose = Solution("pose", "Pose", model_complexity=1, enable_segmentation=True)

    def __call__(self, frame: NDArray[np.uint8]) -> PersonFrame:
        """Return the person in the next frame (see `PersonDetector`)."""
        return _person(self._pose(frame), frame)


class Holistic:
    """Detects and tracks one person: body and silhouette, hands, face and pupils."""

    def __init__(self) -> None:
        options = {"model_complexity": 1, "enable_segmentation": True, "refine_face_landmarks": True}
        self._holistic = Solution("holistic", "Holistic", **options)

    def __call__(self, frame: NDArray[np.uint8]) -> PersonFrame:
        """Return the person in the next frame (see `PersonDetector`)."""
        found = self._holistic(frame)
        person = _person(found, frame)
        for part, landmarks in (LEFT_HAND, found.left_hand_landmarks), (RIGHT_HAND, found.right_hand_landmarks):
            if landmarks:
                person.points[0, part] = _with_full_confidence(_pixels(landmarks, frame))
        if found.face_landmarks:
            person.points[0, FACE] = _with_full_confidence(
                _pixels(found.face_landmarks, frame)[[*MESH_LANDMARKS, *MESH_PUPILS]]
            )
        return person


def _with_full_confidence(places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Append confidence 1 to points ``(N, 2)``, since the models of hands and face return none."""
    return np.pad(places, ((0, 0), (0, 1)), constant_values=1)


def _person(found: Any, frame: NDArray[np.uint8]) -> PersonFrame:  # noqa: ANN401 - mediapipe has no types
    """Return a person's body and silhouette, without hands and face."""
    points = np.zeros((1, PERSON_POINTS, 3), np.float32)
    points[0, BODY] = _body(found, frame)
    return PersonFrame(points, _silhouette(found, frame))


def _body(found: Any, frame: NDArray[np.uint8]) -> NDArray[np.float32]:  # noqa: ANN401 - mediapipe has no types
    """Return OpenPose's 25 points of a body, ``(25, 3)``, with mediapipe's visibility as the confidence."""
    body = np.zeros((len(BODY_NAMES), 3), np.float32)
    if not found.pose_landmarks:
        return body
    places = _pixels(found.pose_landmarks, frame)
    visible = np.array([point.visibility for point in found.pose_landmarks.landmark], np.float32).clip(0, 1)
    for name, i in POSE_LANDMARKS.items():
        body[BODY_NAMES.index(name)] = (*places[i], visible[i])
    for name, (left, right) in POSE_MIDDLES.items():
        ends = body[[BODY_NAMES.index(left), BODY_NAMES.index(right)]]
        body[BODY_NAMES.index(name)] = (*ends[:, :2].mean(axis=0), ends[:, 2].min())
    return body


def _silhouette(found: Any, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:  # noqa: ANN401 - mediapipe has no types
    if found.segmentation_mask is None:
        return np.zeros(frame.shape[:2], np.uint8)
    return np.asarray((found.segmentation_mask.clip(0, 1) * 255).round(), np.uint8)
