"""How good a synthesised video is: metrics as functions, and as torchmetrics classes.

Images are ``(B, T, 3, H, W)`` float in [-1, 1]. Every class sums in float64 and adds its sums over processes.
"""

from vid2vid.metrics.colour import InstanceColourDrift, instance_colour_drifts
from vid2vid.metrics.drift import Curve, per_frame, warping_errors
from vid2vid.metrics.energy import MotionEnergy, SpatialEnergy
from vid2vid.metrics.frechet import FeatureDistance, ImageFrechetDistance, VideoFrechetDistance, frechet_distance
from vid2vid.metrics.functional import detail, psnr, ssim, warping_error
from vid2vid.metrics.keypoints import KeypointError, body_size, keypoint_distance
from vid2vid.metrics.motion import FlowDifference, flow_difference
from vid2vid.metrics.perceptual import PerceptualChange, PerceptualDistance, perceptual_change, perceptual_distance
from vid2vid.metrics.segmentation import (
    Resegmentation,
    SegmentationScores,
    class_iou,
    confusion,
    mean_iou,
    pixel_accuracy,
)
from vid2vid.metrics.segmenter import Segmenter, train_segmenter
from vid2vid.metrics.video import VideoMetrics

__all__ = [
    "Curve",
    "FeatureDistance",
    "FlowDifference",
    "ImageFrechetDistance",
    "InstanceColourDrift",
    "KeypointError",
    "MotionEnergy",
    "PerceptualChange",
    "PerceptualDistance",
    "Resegmentation",
    "SegmentationScores",
    "Segmenter",
    "SpatialEnergy",
    "VideoFrechetDistance",
    "VideoMetrics",
    "body_size",
    "class_iou",
    "confusion",
    "detail",
    "flow_difference",
    "frechet_distance",
    "instance_colour_drifts",
    "keypoint_distance",
    "mean_iou",
    "per_frame",
    "perceptual_change",
    "perceptual_distance",
    "pixel_accuracy",
    "psnr",
    "ssim",
    "train_segmenter",
    "warping_error",
    "warping_errors",
]
