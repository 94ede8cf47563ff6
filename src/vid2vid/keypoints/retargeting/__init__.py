"""Retargeting: adapting one person's poses and faces to the proportions of the person that a model was trained on."""

from vid2vid.keypoints.retargeting.body_proportions import BodyProportions
from vid2vid.keypoints.retargeting.face_proportions import FaceProportions
from vid2vid.keypoints.retargeting.proportions import Proportions, retarget

__all__ = ["BodyProportions", "FaceProportions", "Proportions", "retarget"]
