"""Conditions taken out of a video: the landmarks of a face, the pose and outline of a person, learned edges.

What is detected is not yet repaired: see `vid2vid.data.keypoints` for that. The detectors are optional packages.
"""

from vid2vid.data.extract.background import background_edges
from vid2vid.data.extract.edges import LearnedEdges
from vid2vid.data.extract.extractors import (
    FACES,
    PERSONS,
    FaceExtractor,
    PersonExtractor,
    extract_face,
    extract_pose,
)
from vid2vid.data.extract.person import PersonFrame
from vid2vid.data.extract.silhouettes import fill_gaps

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
