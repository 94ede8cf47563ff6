"""Measures of single frames: PSNR, SSIM and detail."""

from collections.abc import Callable

import torch
from torch import Tensor
from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

from vid2vid.errors import DataError
from vid2vid.metrics.clip_metric import ClipMean, ReferenceClip, weighted

SSIM_WINDOW = 11
"""Pixels a side of the window of `ssim`."""

HIGHEST_PSNR = 100.0
"""dB that `PSNR` counts for frames without any error."""


def psnr(fake: Tensor, real: Tensor) -> Tensor:
    """Return the peak signal-to-noise ratio of each frame, averaged over the frames.

    Args:
        fake: ``(B, T, 3, H, W)`` in [-1, 1].
        real: The same shape.

    Returns:
        A scalar in dB; infinite where a frame has no error.

    Examples:
        >>> real = torch.zeros(1, 1, 3, 4, 4)
        >>> round(psnr(real + 0.2, real).item(), 3)
        20.0
    """
    fake, real = fake.flatten(0, 1).float(), real.flatten(0, 1).float()
    return peak_signal_noise_ratio(fake, real, data_range=2.0, dim=(1, 2, 3), reduction="elementwise_mean")


def ssim(fake: Tensor, real: Tensor) -> Tensor:
    """Return the structural similarity (Wang et al., 2004), averaged over the frames.

    It is that of 11 x 11 windows with Gaussian weights that lie wholly in the image.

    Args:
        fake: ``(B, T, 3, H, W)`` in [-1, 1].
        real: The same shape.

    Returns:
        A scalar in [-1, 1].

    Raises:
        DataError: The frames are smaller than a window.

    Examples:
        >>> video = torch.linspace(-1, 1, 768).reshape(1, 1, 3, 16, 16)
        >>> round(ssim(video, video).item(), 4), round(ssim(-video, video).item(), 4)
        (1.0, -0.2174)
    """
    if min(real.shape[-2:]) < SSIM_WINDOW:
        height, width = real.shape[-2:]
        raise DataError(
            f"frames of {height} x {width} are too small to be evaluated: SSIM needs at least {SSIM_WINDOW} pixels a "
            "side. Evaluate larger ones."
        )
    # it compares mean brightnesses as ratios: they must count from black
    fake, real = ((images.flatten(0, 1).float() + 1) / 2 for images in (fake, real))
    _, similarity = structural_similarity_index_measure(fake, real, data_range=1.0, return_full_image=True)
    # torchmetrics also returns the border's windows, half of them mirrored; versions differ in whether they count
    border = SSIM_WINDOW // 2
    return similarity[..., border:-border, border:-border].mean()


def gradient_magnitude(video: Tensor) -> Tensor:
    """Return the gradient magnitude of the brightness, by forward differences.

    Args:
        video: ``(..., 3, H, W)`` in [-1, 1].

    Returns:
        ``(..., H - 1, W - 1)``, in units of [0, 1] per pixel.
    """
    gray = (video.float().mean(dim=-3) + 1) / 2
    across = gray[..., :-1, 1:] - gray[..., :-1, :-1]
    down = gray[..., 1:, :-1] - gray[..., :-1, :-1]
    return torch.sqrt(across.square() + down.square())


def detail(video: Tensor) -> Tensor:
    """Return the mean of `gradient_magnitude`, a scalar.

    Blur lowers it, noise and checkerboards raise it. Read it relative to the real video's.

    Args:
        video: ``(..., 3, H, W)`` in [-1, 1].

    Examples:
        >>> video = torch.zeros(1, 1, 3, 4, 4)
        >>> video[..., ::2] = 1  # stripes
        >>> detail(video).item(), detail(torch.zeros(1, 1, 3, 4, 4)).item()
        (0.5, 0.0)
    """
    return gradient_magnitude(video).mean()


def gradients(video: Tensor, reference: ReferenceClip) -> Tensor:
    """Return `gradient_magnitude` of the frames of a clip ``(1, T, 3, H, W)`` that count, ``(t, H - 1, W - 1)``.

    Metrics share it (`ReferenceClip.once`).
    """
    return reference.once("gradients", video, lambda v: gradient_magnitude(reference.counted(v))[0].double())


def per_frame(function: Callable[..., Tensor], *videos: Tensor) -> Tensor:
    """Return a function of each frame alone.

    Args:
        function: Returns a scalar for clips; it is called with one frame ``(1, 1, ...)`` of each video at a time.
        videos: Its arguments, each ``(B, T, ...)``.

    Returns:
        ``(B, T)`` in float64.

    Examples:
        >>> video = torch.tensor([0.0, 2.0]).reshape(1, 2, 1, 1, 1)
        >>> per_frame(torch.mean, video).tolist()
        [[0.0, 2.0]]
    """
    batch, length = videos[0].shape[:2]
    frames = [[function(*(v[b : b + 1, t : t + 1] for v in videos)) for t in range(length)] for b in range(batch)]
    return torch.stack([torch.stack(row) for row in frames]).double()


class PSNR(ClipMean):
    """The mean of `psnr` over clips; a frame counts as at most 100 dB."""

    higher_is_better = True
    measures = ("psnr",)

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Return the ratio of each frame (see `ClipMean.rows`)."""
        values = per_frame(psnr, reference.counted(video), reference.counted(reference.real))[0]
        return {"psnr": weighted(values.clamp(max=HIGHEST_PSNR))}


class SSIM(ClipMean):
    """The mean of `ssim` over clips."""

    higher_is_better = True
    measures = ("ssim",)

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Return the similarity of each frame (see `ClipMean.rows`)."""
        return {"ssim": weighted(per_frame(ssim, reference.counted(video), reference.counted(reference.real))[0])}


class Detail(ClipMean):
    """The mean over clips of a clip's `detail` as a share of the real clip's."""

    measures = ("detail",)
    has_real_value = True

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Return the share of each frame, weighted by the real frame's detail (see `ClipMean.rows`)."""
        fake, real = (gradients(each, reference).mean((1, 2)) for each in (video, reference.real))
        real = real.clamp(min=1e-9)
        return {"detail": weighted(fake / real, real)}
