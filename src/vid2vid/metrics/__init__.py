"""How good a synthesised video is: metrics as functions, and as torchmetrics classes."""

from vid2vid.metrics.functional import detail, psnr, ssim, warping_error
from vid2vid.metrics.video import VideoMetrics

__all__ = ["VideoMetrics", "detail", "psnr", "ssim", "warping_error"]
