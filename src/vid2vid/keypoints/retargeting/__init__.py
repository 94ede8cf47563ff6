"""Retargeting: another person's pose or face, brought to the proportions of the one that a model knows."""

from vid2vid.keypoints.retargeting.body import BodyProportions
from vid2vid.keypoints.retargeting.head import FaceProportions
from vid2vid.keypoints.retargeting.proportions import Proportions, retarget

__all__ = ["BodyProportions", "FaceProportions", "Proportions", "retarget"]
