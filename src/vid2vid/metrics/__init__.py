"""Measures of synthesised videos: each a function, and a `torchmetrics.Metric` that accumulates it over clips.

Videos are ``(B, T, 3, H, W)`` float in [-1, 1]. A metric is updated with a synthesised video and a `ReferenceClip`; its
states are in float64, and processes add theirs. `vid2vid.config.MEASURES` is the registry of what is reported.
"""

from vid2vid.metrics.bootstrap import Figure, Figures
from vid2vid.metrics.class_pixels import ClassPixels
from vid2vid.metrics.clip_metric import ClipMean, MetricSetup, ReferenceClip, VideoMetric
from vid2vid.metrics.colour_drift import ColourDrift, colour_drifts, object_colours
from vid2vid.metrics.energy import MotionEnergy, SpatialEnergy
from vid2vid.metrics.frechet import (
    DeepVideoFrechetDistance,
    FeatureDistance,
    ImageFrechetDistance,
    VideoFrechetDistance,
    frechet_distance,
)
from vid2vid.metrics.image_quality import PSNR, SSIM, Detail, detail, per_frame, psnr, ssim
from vid2vid.metrics.keypoint_error import KeypointError, body_size, keypoint_distance
from vid2vid.metrics.lattice import Lattice, mean_block
from vid2vid.metrics.perceptual_distance import (
    PerceptualChange,
    PerceptualDistance,
    perceptual_change,
    perceptual_distance,
)
from vid2vid.metrics.polynomial_mmd import DeepVideoMMD, ImageMMD, VideoMMD, polynomial_mmd
from vid2vid.metrics.sampson import SampsonError, epipolar_distances, matched_keypoints, sampson_distances
from vid2vid.metrics.segmentation import (
    Resegmentation,
    SegmentationScores,
    class_iou,
    confusion,
    mean_iou,
    pixel_accuracy,
)
from vid2vid.metrics.temporal import FlowDifference, WarpingError, flow_difference, warping_error, warping_errors

__all__ = [
    "PSNR",
    "SSIM",
    "ClassPixels",
    "ClipMean",
    "ColourDrift",
    "DeepVideoFrechetDistance",
    "DeepVideoMMD",
    "Detail",
    "FeatureDistance",
    "Figure",
    "Figures",
    "FlowDifference",
    "ImageFrechetDistance",
    "ImageMMD",
    "KeypointError",
    "Lattice",
    "MetricSetup",
    "MotionEnergy",
    "PerceptualChange",
    "PerceptualDistance",
    "ReferenceClip",
    "Resegmentation",
    "SampsonError",
    "SegmentationScores",
    "SpatialEnergy",
    "VideoFrechetDistance",
    "VideoMMD",
    "VideoMetric",
    "WarpingError",
    "body_size",
    "class_iou",
    "colour_drifts",
    "confusion",
    "detail",
    "epipolar_distances",
    "flow_difference",
    "frechet_distance",
    "keypoint_distance",
    "matched_keypoints",
    "mean_block",
    "mean_iou",
    "object_colours",
    "per_frame",
    "perceptual_change",
    "perceptual_distance",
    "pixel_accuracy",
    "polynomial_mmd",
    "psnr",
    "sampson_distances",
    "ssim",
    "warping_error",
    "warping_errors",
]
