"""Conditions taken out of a video: the landmarks of a face, the pose and outline of a person, learned edges.

What is detected is not yet repaired: see `vid2vid.keypoints` for that. The detectors are optional packages.
"""

from vid2vid.keypoints.detectors.background import background_edges
from vid2vid.keypoints.detectors.edges import LearnedEdges
from vid2vid.keypoints.detectors.extractors import (
    FACES,
    PERSONS,
    FaceExtractor,
    PersonExtractor,
    extract_face,
    extract_pose,
)
from vid2vid.keypoints.detectors.person import PersonFrame
from vid2vid.keypoints.detectors.silhouettes import fill_gaps

__all__ = [
    "FACES",
    "PERSONS",
    "FaceExtractor",
    "LearnedEdges",
    "PersonExtractor",
    "PersonFrame",
    "background_edges",
    "extract_face",
    "extract_pose",
    "fill_gaps",
]
