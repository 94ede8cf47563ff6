"""Metrics of synthesised against real videos, all on ``(B, T, 3, H, W)`` in [-1, 1]."""

import torch
from torch import Tensor
from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

from vid2vid.ops import warp

SSIM_WINDOW = 11
"""Pixels a side of the window of `ssim`."""


def psnr(fake: Tensor, real: Tensor) -> Tensor:
    """Return the peak signal-to-noise ratio in dB: of each frame, then the mean; a scalar."""
    fake, real = fake.flatten(0, 1).float(), real.flatten(0, 1).float()
    return peak_signal_noise_ratio(fake, real, data_range=2.0, dim=(1, 2, 3), reduction="elementwise_mean")


def ssim(fake: Tensor, real: Tensor) -> Tensor:
    """Return the structural similarity (Wang et al., 2004) in [-1, 1], mean over the frames; a scalar.

    Of 11 x 11 windows with Gaussian weights that lie wholly in the picture.

    Raises:
        ValueError: The frames are smaller than a window.
    """
    if min(real.shape[-2:]) < SSIM_WINDOW:
        raise ValueError(f"ssim needs frames of at least {SSIM_WINDOW} x {SSIM_WINDOW}, not {tuple(real.shape[-2:])}")
    # it compares mean brightnesses as ratios: they must count from black
    fake, real = ((images.flatten(0, 1).float() + 1) / 2 for images in (fake, real))
    _, similarity = structural_similarity_index_measure(fake, real, data_range=1.0, return_full_image=True)
    # torchmetrics also returns the border's windows, half of them mirrored; versions differ in whether they count
    border = SSIM_WINDOW // 2
    return similarity[..., border:-border, border:-border].mean()


def warping_error(video: Tensor, flow: Tensor, visible: Tensor) -> Tensor:
    """Return how much a video changes along the motion of the real one: the temporal incoherence.

    The mean over visible points and channels of ``|x_t - w_t(x_{t-1})|``, with images scaled to [0, 1]. Zero for a
    video whose points keep their colour. A blurred video has a low one, too: read it beside the real video's.

    Args:
        video: ``(B, T, 3, H, W)``.
        flow: ``(B, T - 1, 2, H, W)`` pixels, of the real video, entry j belonging to frame j + 1.
        visible: ``(B, T - 1, 1, H, W)`` in [0, 1]; 0 where a point was hidden in the frame before.

    Returns:
        A scalar.
    """
    images = (video.float() + 1) / 2
    moved = warp(images[:, :-1].flatten(0, 1), flow.float().flatten(0, 1))
    error = (images[:, 1:].flatten(0, 1) - moved).abs() * visible.flatten(0, 1)
    return error.sum() / (visible.sum() * images.shape[2]).clamp(min=1)


def detail(video: Tensor) -> Tensor:
    """Return the mean gradient magnitude of the brightness, in units of [0, 1] a pixel; a scalar.

    Blur lowers it, noise and checkerboards raise it; read it relative to the real video's.
    """
    gray = (video.float().mean(dim=-3) + 1) / 2
    across = gray[..., :-1, 1:] - gray[..., :-1, :-1]
    down = gray[..., 1:, :-1] - gray[..., :-1, :-1]
    return torch.sqrt(across.square() + down.square()).mean()
