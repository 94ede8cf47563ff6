"""How good a synthesised video is: metrics as functions, and as torchmetrics classes."""

from vid2vid.metrics.energy import MotionEnergy, SpatialEnergy
from vid2vid.metrics.frechet import FeatureDistance, ImageFrechetDistance, VideoFrechetDistance, frechet_distance
from vid2vid.metrics.functional import detail, psnr, ssim, warping_error
from vid2vid.metrics.video import VideoMetrics

__all__ = [
    "FeatureDistance",
    "ImageFrechetDistance",
    "MotionEnergy",
    "SpatialEnergy",
    "VideoFrechetDistance",
    "VideoMetrics",
    "detail",
    "frechet_distance",
    "psnr",
    "ssim",
    "warping_error",
]
