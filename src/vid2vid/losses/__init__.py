"""The learning objective (Eq. 5) and its terms."""

from vid2vid.losses.flow import masked_l1
from vid2vid.losses.gan import GAN_LOSSES, GanLoss, feature_matching
from vid2vid.losses.objective import Objective, RealAndFake
from vid2vid.losses.perceptual_loss import PerceptualLoss

__all__ = [
    "GAN_LOSSES",
    "GanLoss",
    "Objective",
    "PerceptualLoss",
    "RealAndFake",
    "feature_matching",
    "masked_l1",
]
