"""The metrics against scikit-image and closed forms, and the class against the functions."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from skimage.data import astronaut
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor
from torchmetrics.utilities import dim_zero_sum

from vid2vid.metrics import VideoMetrics, detail, psnr, ssim, warping_error


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
    with pytest.raises(ValueError, match="at least 11 x 11"):
        ssim(torch.zeros(1, 1, 3, 10, 40), torch.zeros(1, 1, 3, 10, 40))


def sliding_video(frames: int = 4, step: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    """Return a video that is shifted ``step`` pixels to the right a frame, its flow, and where it was visible."""
    wide = torch.rand(2, 3, 16, 40) * 2 - 1
    video = torch.stack([wide[..., 20 - step * t : 36 - step * t] for t in range(frames)], dim=1)
    flow = torch.zeros(2, frames - 1, 2, 16, 16)
    flow[:, :, 0] = -step
    visible = torch.ones(2, frames - 1, 1, 16, 16)
    visible[..., :step] = 0
    return video, flow, visible


def test_a_video_that_moves_as_its_flow_says_has_no_warping_error() -> None:
    video, flow, visible = sliding_video()
    # bilinear at whole pixels, in float32: rounding of the positions
    assert warping_error(video, flow, visible) < 1e-5
    assert warping_error(video, torch.zeros_like(flow), visible) > 0.1


def test_the_warping_error_is_the_mean_change_over_visible_points_in_units_of_0_to_1() -> None:
    video, flow, visible = sliding_video(frames=3)
    video[:, 2] += 0.2
    visible[:, :, :, :8] = 0
    # one of two transitions is off by 0.2 of 2
    assert warping_error(video, flow, visible).item() == pytest.approx(0.05, abs=1e-5)


def test_with_nothing_visible_there_is_no_error() -> None:
    video, flow, visible = sliding_video()
    assert warping_error(video, flow, torch.zeros_like(visible)) == 0


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


def clips(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return fakes, reals, flow and visibility of two clips."""
    torch.manual_seed(seed)
    real, flow, visible = sliding_video(frames=5)
    fake = (real + 0.2 * torch.randn(real.shape)).clamp(-1, 1)
    return fake, real, flow, visible


@pytest.mark.parametrize("given", [0, 1, 2])
def test_the_class_averages_the_functions_over_clips(given: int) -> None:
    metrics = VideoMetrics()
    batches = [clips(1), clips(2)]
    expected: list[list[float]] = []
    for batch in batches:
        metrics.update(*batch, given=given)
        for fake, real, flow, visible in zip(*(torch.split(part, 1) for part in batch), strict=True):
            # the last given frame is the past of the first that counts
            past = max(given - 1, 0)
            f, r, motion = fake[:, given:], real[:, given:], (flow[:, past:], visible[:, past:])
            errors = [warping_error(video[:, past:], *motion).item() for video in (fake, real)]
            expected.append([psnr(f, r).item(), ssim(f, r).item(), *errors, (detail(f) / detail(r)).item()])
    values = metrics.compute()
    assert list(values) == ["psnr", "ssim", "warping_error", "warping_error_real", "detail"]
    # one is summed in float64, the other averaged in Python's float64
    assert list(values.values()) == pytest.approx(np.mean(expected, axis=0).tolist(), rel=1e-12)


def test_a_given_frame_that_is_wrong_counts_only_as_the_past() -> None:
    fake, real, flow, visible = clips(3)
    changed = fake.clone()
    changed[:, 0] *= -1
    one, other = VideoMetrics(), VideoMetrics()
    one.update(fake, real, flow, visible, given=2)
    other.update(changed, real, flow, visible, given=2)
    assert one.compute() == other.compute()


def test_sums_are_kept_in_float64() -> None:
    metrics = VideoMetrics()
    metrics.update(*clips(1))
    assert metrics.sums.dtype == metrics.clips.dtype == torch.float64
    # in float32 ten million clips more would swallow the next one
    metrics.clips += 2**24
    metrics.update(*clips(1))
    assert metrics.clips.item() == 2**24 + 4


def test_processes_are_added() -> None:
    here, there, everywhere = VideoMetrics(), VideoMetrics(), VideoMetrics()
    here.update(*clips(1))
    there.update(*clips(2))
    for batch in (clips(1), clips(2)):
        everywhere.update(*batch)
    # what torchmetrics does with the states of several processes
    assert {here._reductions[name] for name in ("clips", "sums")} == {dim_zero_sum}
    here.sums, here.clips = here.sums + there.sums, here.clips + there.clips
    assert list(here.compute().values()) == pytest.approx(list(everywhere.compute().values()), rel=1e-12)


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_a_new_start_forgets() -> None:
    metrics = VideoMetrics()
    metrics.update(*clips(1))
    metrics.reset()
    with pytest.raises(ValueError, match="no clip was added"):
        metrics.compute()
