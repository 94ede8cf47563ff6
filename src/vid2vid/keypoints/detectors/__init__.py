"""Detectors of conditions in videos: landmarks of faces, poses and silhouettes of people, learned edges.

Detections are not yet repaired; see `vid2vid.keypoints`. The detectors are optional packages.
"""

from vid2vid.keypoints.detectors.background_edges import background_edges
from vid2vid.keypoints.detectors.detect_keypoints import (
    FACES,
    PERSONS,
    FaceDetector,
    PersonDetector,
    detect_face,
    detect_pose,
)
from vid2vid.keypoints.detectors.learned_edges import LearnedEdges
from vid2vid.keypoints.detectors.mediapipe_models import PersonFrame
from vid2vid.keypoints.detectors.silhouettes import fill_gaps

__all__ = [
    "FACES",
    "PERSONS",
    "FaceDetector",
    "LearnedEdges",
    "PersonDetector",
    "PersonFrame",
    "background_edges",
    "detect_face",
    "detect_pose",
    "fill_gaps",
]
