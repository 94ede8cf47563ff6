"""Retargeting: another person's pose or face, brought to the proportions of the one that a model knows."""

from vid2vid.data.keypoints.retargeting.body import BodyProportions
from vid2vid.data.keypoints.retargeting.head import FaceProportions
from vid2vid.data.keypoints.retargeting.proportions import Proportions, retarget

__all__ = ["BodyProportions", "FaceProportions", "Proportions", "retarget"]
