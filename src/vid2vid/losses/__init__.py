"""The learning objective (Eq. 5) and its terms."""

from vid2vid.losses.adversarial import ADVERSARIAL, Adversarial
from vid2vid.losses.features import feature_matching
from vid2vid.losses.flow import masked_l1
from vid2vid.losses.objective import Judged, Objective
from vid2vid.losses.perceptual import PERCEPTUAL, PerceptualLoss

__all__ = [
    "ADVERSARIAL",
    "PERCEPTUAL",
    "Adversarial",
    "Judged",
    "Objective",
    "PerceptualLoss",
    "feature_matching",
    "masked_l1",
]
