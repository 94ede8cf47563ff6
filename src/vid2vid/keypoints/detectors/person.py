"""A person's pose, outline, hands and face by mediapipe (BlazePose, Bazarevsky et al., 2020)."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vid2vid.keypoints import BODY, FACE, LEFT_HAND, PERSON_POINTS, RIGHT_HAND
from vid2vid.keypoints.detectors import mesh
from vid2vid.keypoints.detectors.mediapipe import Solution, pixels
from vid2vid.keypoints.parts import BODY_NAMES

POSE = {
    "nose": 0,
    "left_eye": 2,
    "right_eye": 5,
    "left_ear": 7,
    "right_ear": 8,
    "left_shoulder": 11,
    "right_shoulder": 12,
    "left_elbow": 13,
    "right_elbow": 14,
    "left_wrist": 15,
    "right_wrist": 16,
    "left_hip": 23,
    "right_hip": 24,
    "left_knee": 25,
    "right_knee": 26,
    "left_ankle": 27,
    "right_ankle": 28,
    "left_heel": 29,
    "right_heel": 30,
    "left_big_toe": 31,
    "right_big_toe": 32,
}
"""Which of mediapipe's 33 points is which of OpenPose's; the small toes have none."""
MIDDLES = {"neck": ("left_shoulder", "right_shoulder"), "mid_hip": ("left_hip", "right_hip")}
"""Points of OpenPose's that lie in the middle of two others."""


class PersonFrame(NamedTuple):
    """What was found in one frame.

    Attributes:
        points: ``(P, 137, 3)`` float32: x and y in pixels and confidence in 0..1; 0 where nothing was found.
        silhouette: ``(H, W)`` uint8, 0 (background) to 255 (person); all 0 where nobody was found.
    """

    points: NDArray[np.float32]
    silhouette: NDArray[np.uint8]


class PoseOnly:
    """Finds one person and follows it: body and outline."""

    def __init__(self) -> None:
        self._pose = Solution("pose", "Pose", model_complexity=1, enable_segmentation=True)

    def __call__(self, frame: NDArray[np.uint8]) -> PersonFrame:
        """Return the person in the next frame (see `PersonExtractor`)."""
        found = self._pose(frame)
        points = np.zeros((1, PERSON_POINTS, 3), np.float32)
        points[0, BODY] = _body(found, frame)
        return PersonFrame(points, _silhouette(found, frame))


class Holistic:
    """Finds one person and follows it: body and outline, hands, face and pupils."""

    def __init__(self) -> None:
        options = {"model_complexity": 1, "enable_segmentation": True, "refine_face_landmarks": True}
        self._holistic = Solution("holistic", "Holistic", **options)

    def __call__(self, frame: NDArray[np.uint8]) -> PersonFrame:
        """Return the person in the next frame (see `PersonExtractor`)."""
        found = self._holistic(frame)
        points = np.zeros((1, PERSON_POINTS, 3), np.float32)
        points[0, BODY] = _body(found, frame)
        for part, landmarks in (LEFT_HAND, found.left_hand_landmarks), (RIGHT_HAND, found.right_hand_landmarks):
            if landmarks:
                points[0, part] = _certain(pixels(landmarks, frame))
        if found.face_landmarks:
            points[0, FACE] = _certain(pixels(found.face_landmarks, frame)[[*mesh.LANDMARKS, *mesh.PUPILS]])
        return PersonFrame(points, _silhouette(found, frame))


def _certain(places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Append confidence 1 to ``(N, 2)``: the models of hands and face tell none."""
    return np.pad(places, ((0, 0), (0, 1)), constant_values=1)


def _body(found: Any, frame: NDArray[np.uint8]) -> NDArray[np.float32]:  # noqa: ANN401 - mediapipe has no types
    """Return OpenPose's 25 points of a body, ``(25, 3)``; the confidence is what mediapipe calls visibility."""
    body = np.zeros((len(BODY_NAMES), 3), np.float32)
    if not found.pose_landmarks:
        return body
    places = pixels(found.pose_landmarks, frame)
    visible = np.array([point.visibility for point in found.pose_landmarks.landmark], np.float32).clip(0, 1)
    for name, i in POSE.items():
        body[BODY_NAMES.index(name)] = (*places[i], visible[i])
    for name, (left, right) in MIDDLES.items():
        ends = body[[BODY_NAMES.index(left), BODY_NAMES.index(right)]]
        body[BODY_NAMES.index(name)] = (*ends[:, :2].mean(axis=0), ends[:, 2].min())
    return body


def _silhouette(found: Any, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:  # noqa: ANN401 - mediapipe has no types
    if found.segmentation_mask is None:
        return np.zeros(frame.shape[:2], np.uint8)
    return np.asarray((found.segmentation_mask.clip(0, 1) * 255).round(), np.uint8)
