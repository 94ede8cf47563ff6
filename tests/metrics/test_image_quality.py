"""PSNR and SSIM against scikit-image, detail against closed forms, and the classes against the functions."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.data import astronaut
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor

from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.image_quality import PSNR, SSIM, Detail, detail, per_frame, psnr, ssim


def photograph() -> NDArray[np.float64]:
    """Return a photograph in [0, 1], ``(H, W, 3)``."""
    return np.asarray(astronaut()[100:148, 120:184], np.float64) / 255  # type: ignore[no-untyped-call]


def versions() -> list[NDArray[np.float64]]:
    """Return the photograph, spoilt in four ways."""
    real = photograph()
    noise = np.random.default_rng(0).normal(0, 0.1, real.shape)
    return [np.clip(real + noise, 0, 1), real * 0.8, real**2, real[::-1]]


def as_video(*frames: NDArray[np.float64]) -> Tensor:
    """Return ``(1, T, 3, H, W)`` in [-1, 1]."""
    return torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2)[None] * 2 - 1


def test_psnr_is_that_of_scikit_image_averaged_over_frames() -> None:
    expected = [peak_signal_noise_ratio(photograph(), v, data_range=1) for v in versions()]  # type: ignore[no-untyped-call]
    real = as_video(*[photograph()] * 4)
    # in dB; float32 against float64
    assert psnr(as_video(*versions()), real).item() == pytest.approx(np.mean(expected), abs=1e-3)


def test_ssim_is_that_of_scikit_image_averaged_over_frames() -> None:
    # as in Wang et al. (2004): Gaussian windows of sigma 1.5, variances divided by N, images that count from black
    form: dict[str, Any] = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": 2}
    expected = [structural_similarity(photograph(), v, data_range=1, **form) for v in versions()]  # type: ignore[no-untyped-call]
    real = as_video(*[photograph()] * 4)
    for frame, value in zip(versions(), expected, strict=True):
        assert ssim(as_video(frame), as_video(photograph())).item() == pytest.approx(value, abs=1e-4)
    assert ssim(as_video(*versions()), real).item() == pytest.approx(np.mean(expected), abs=1e-4)


def test_a_picture_is_most_similar_to_itself() -> None:
    real = as_video(photograph())
    assert ssim(real, real).item() == pytest.approx(1, abs=1e-5)
    assert psnr(real, real).item() == float("inf")


def test_frames_smaller_than_the_window_are_refused() -> None:
    with pytest.raises(ValueError, match="SSIM needs at least 11 pixels a side"):
        ssim(torch.zeros(1, 1, 3, 10, 40), torch.zeros(1, 1, 3, 10, 40))


def test_detail_of_a_ramp_is_its_slope() -> None:
    ramp = (torch.arange(20.0) * 0.02).expand(1, 1, 3, 10, 20)
    # 0.02 of 2 a pixel
    assert detail(ramp).item() == pytest.approx(0.01, abs=1e-6)
    assert detail(ramp.transpose(-1, -2)).item() == pytest.approx(0.01, abs=1e-6)
    both = ramp[..., :10] + ramp[..., :10].transpose(-1, -2)
    assert detail(both).item() == pytest.approx(0.01 * 2**0.5, abs=1e-6)


def test_blur_lowers_the_detail() -> None:
    sharp = as_video(photograph())
    blurred = torch.nn.functional.avg_pool2d(sharp[0], 3, stride=1)[None]
    assert detail(blurred) < 0.9 * detail(sharp)


def test_a_function_of_each_frame_alone() -> None:
    fake, real = torch.rand(2, 2, 3, 3, 16, 20) * 2 - 1
    values = per_frame(psnr, fake, real)
    assert values.shape == (2, 3)
    assert values[1, 2].item() == pytest.approx(psnr(fake[1:, 2:], real[1:, 2:]).item())
    assert per_frame(ssim, fake, real).mean().item() == pytest.approx(ssim(fake, real).item(), rel=1e-6)


def videos(seed: int) -> tuple[Tensor, Tensor]:
    """Return two clips of 5 frames, synthesised and real."""
    generator = torch.Generator().manual_seed(seed)
    real = torch.rand(2, 5, 3, 16, 16, generator=generator) * 2 - 1
    return (real + 0.2 * torch.randn(real.shape, generator=generator)).clamp(-1, 1), real


@pytest.mark.parametrize("given", [0, 1, 2])
def test_the_classes_average_the_functions_over_clips(given: int) -> None:
    metrics = (PSNR(), SSIM(), Detail())
    expected: list[list[float]] = []
    for seed in (1, 2):
        fake, real = videos(seed)
        for metric in metrics:
            metric.update(fake, ReferenceClip(real, given=given))
        for f, r in zip(fake[:, given:].split(1), real[:, given:].split(1), strict=True):  # type: ignore[no-untyped-call]
            expected.append([psnr(f, r).item(), ssim(f, r).item(), (detail(f) / detail(r)).item()])
    found = [float(metric.compute()) for metric in metrics]
    # the functions average in float32, the classes in float64
    assert found == pytest.approx(np.mean(expected, axis=0).tolist(), rel=1e-6)


def test_frames_without_an_error_count_as_100_db() -> None:
    _, real = videos(1)
    metric = PSNR()
    metric.update(real, ReferenceClip(real))
    assert metric.compute() == 100
