"""Keypoints of faces and people: reading, repair, mirroring, and drawing as conditions.

Only numpy and OpenCV are needed, not torch.
"""

from vid2vid.keypoints.face_sketch import draw_face, part_distance_maps
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.keypoints.keypoint_layout import BODY, FACE, FACE_POINTS, LANDMARKS, LEFT_HAND, PERSON_POINTS, RIGHT_HAND
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.mirror import exchange_sides, mirror
from vid2vid.keypoints.outline import person_outline
from vid2vid.keypoints.repair import RepairReport, interpolate, smooth
from vid2vid.keypoints.skeleton import LIMBS, draw_skeleton, limb_maps
from vid2vid.keypoints.tracking import track_people

__all__ = [
    "BODY",
    "FACE",
    "FACE_POINTS",
    "LANDMARKS",
    "LEFT_HAND",
    "LIMBS",
    "PERSON_POINTS",
    "RIGHT_HAND",
    "Keypoints",
    "RepairReport",
    "draw_face",
    "draw_skeleton",
    "exchange_sides",
    "interpolate",
    "limb_maps",
    "mirror",
    "part_distance_maps",
    "person_outline",
    "read_keypoints",
    "smooth",
    "track_people",
]
