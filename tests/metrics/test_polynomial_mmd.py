"""The polynomial MMD against double loops and closed forms: unbiased, and 0 on average for one distribution."""

from collections.abc import Mapping
from itertools import permutations, product
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.polynomial_mmd import ImageMMD, VideoMMD, clip_discrepancies, polynomial_mmd


class Means(nn.Module):
    """Means of each channel over all else: features that are easy to foretell."""

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(2).mean(2)


def kernel(x: Tensor, y: Tensor) -> float:
    return float((x @ y / len(x) + 1) ** 3)


def by_loops(fake: Tensor, real: Tensor) -> float:
    def mean(values: list[float]) -> float:
        return sum(values) / len(values)

    within = (mean([kernel(x, y) for x, y in permutations(each, 2)]) for each in (fake, real))
    return sum(within) - 2 * mean([kernel(x, y) for x, y in product(fake, real)])


def test_it_is_that_of_a_double_loop() -> None:
    fake, real = torch.randn(6, 4, dtype=torch.float64) + 1, torch.randn(9, 4, dtype=torch.float64)
    assert polynomial_mmd(fake, real).item() == pytest.approx(by_loops(fake, real), rel=1e-12)


def test_of_two_points_it_is_known() -> None:
    # all of one set at a, of the other at b, in one dimension: k(a, a) + k(b, b) - 2 k(a, b)
    fake, real = torch.full((5, 1), 2.0), torch.full((3, 1), -1.0)
    assert polynomial_mmd(fake, real).item() == pytest.approx(5**3 + 2**3 - 2 * (-1) ** 3)


def test_few_samples_make_it_uncertain_but_not_larger() -> None:
    # x ~ N(m, 1) and y ~ N(0, 1) in one dimension; E k(x, x') = 1 + 3 m² + 3 (1 + m²)² + (m³ + 3 m)²
    m = 0.5

    def expected(a: float, b: float) -> float:
        moments = [(1, a, 1 + a**2, a**3 + 3 * a), (1, b, 1 + b**2, b**3 + 3 * b)]
        return sum(c * x * y for c, x, y in zip((1, 3, 3, 1), moments[0], moments[1], strict=True))

    wanted = expected(m, m) + expected(0, 0) - 2 * expected(m, 0)
    for samples, drawings in ((2, 2000), (8, 500)):
        draw = torch.Generator().manual_seed(samples)
        fake, real = torch.randn(2, drawings, samples, 1, dtype=torch.float64, generator=draw)
        values = torch.stack([polynomial_mmd(x + m, y) for x, y in zip(fake, real, strict=True)])
        alone = torch.stack([polynomial_mmd(x, y) for x, y in zip(fake, real, strict=True)])
        for found, mean in ((values, wanted), (alone, 0.0)):
            assert abs(float(found.mean()) - mean) < 4 * float(found.std()) / drawings**0.5
        assert alone.min() < 0


def test_fewer_than_two_vectors_are_refused() -> None:
    for fake, real in ((torch.zeros(1, 3), torch.zeros(5, 3)), (torch.zeros(2, 3), torch.zeros(2, 4))):
        with pytest.raises(ValueError, match="2 at least"):
            polynomial_mmd(fake, real)


def clip_loops(fake: list[Tensor], real: list[Tensor]) -> float:
    total, pairs = 0.0, 0
    for i, j in permutations(range(len(fake)), 2):
        for a, b in product(range(len(fake[i])), range(len(fake[j]))):
            total += kernel(fake[i][a], fake[j][b]) + kernel(real[i][a], real[j][b])
            total -= kernel(fake[i][a], real[j][b]) + kernel(real[i][a], fake[j][b])
            pairs += 1
    return total / pairs


def test_clips_are_compared_with_each_other_and_not_with_themselves() -> None:
    metric = VideoMMD(Means(), window=4, stride=2)
    videos = [torch.rand(2, 1, frames, 3, 8, 8) for frames in (6, 8, 4)]
    fake: list[Tensor] = []
    real: list[Tensor] = []
    for video in videos:
        metric.update(video[0], ReferenceClip(video[1]))
        for rows, clip in zip((fake, real), video.double(), strict=True):
            starts = range(0, clip.shape[1] - 3, 2)
            rows.append(torch.stack([clip[0, t : t + 4].mean((0, 2, 3)) for t in starts]))
    # a clip that is too short for a window
    metric.update(torch.rand(1, 3, 3, 8, 8), ReferenceClip(torch.rand(1, 3, 3, 8, 8)))
    wanted = clip_loops(fake, real)
    assert metric.compute().item() == pytest.approx(wanted, rel=1e-5)
    figure = metric.figure("video_mmd", resamples=200)
    assert figure is not None
    assert figure.value == pytest.approx(wanted, rel=1e-5)
    assert figure.interval is not None
    sums, pairs = clip_discrepancies(fake, real)
    assert pairs.tolist() == [[0, 6, 2], [6, 0, 3], [2, 3, 0]]
    assert torch.allclose(sums, sums.mT)


def test_the_real_clips_themselves_are_at_zero_and_a_difference_is_that_of_the_same_clips() -> None:
    real = torch.rand(6, 5, 3, 8, 8) * 2 - 1
    metrics = {}
    for name, fake in {"same": real, "slight": real + 0.1, "strong": real + 0.5}.items():
        metrics[name] = ImageMMD(Means())
        metrics[name].update(fake, ReferenceClip(real))
    assert metrics["same"].compute().item() == pytest.approx(0, abs=1e-12)
    slight, strong = (metrics[name].figure("image_mmd") for name in ("slight", "strong"))
    apart = metrics["strong"].difference(metrics["slight"], "image_mmd", resamples=300)
    assert slight is not None
    assert strong is not None
    assert apart is not None
    assert 0 < slight.value < strong.value
    assert apart.value == pytest.approx(strong.value - slight.value)
    assert apart.interval is not None
    assert 0 < apart.interval[0] < apart.value < apart.interval[1]


def test_of_one_clip_the_windows_are_the_samples() -> None:
    fake, real = torch.rand(2, 1, 9, 3, 8, 8)
    metric = VideoMMD(Means(), window=4, stride=1)
    metric.update(fake, ReferenceClip(real))
    figure = metric.figure("video_mmd", resamples=10)
    assert figure is not None
    assert figure.interval is None
    assert metric.notes == [
        "MMD: of one clip only, whose windows of 4 frames (Means) are taken as independent; no interval."
    ]
    one = VideoMMD(Means(), window=9)
    one.update(fake, ReferenceClip(real))
    assert one.figure("video_mmd") is None
    with pytest.raises(ValueError, match="at least 2 samples: there are 1"):
        one.compute()


def test_windows_go_on_in_the_next_part_of_a_clip() -> None:
    fake, real = torch.rand(2, 1, 20, 3, 16, 16)
    whole, parts = (VideoMMD(Means(), window=5, stride=3) for _ in range(2))
    for clip in (fake, fake * 0.5):
        reference = ReferenceClip(real, given=1)
        whole.update(clip, reference)
        for times, part in reference.parts(4):
            parts.update(clip[:, times], part)
    assert [len(rows) for rows in parts.clips("fake")] == [len(rows) for rows in whole.clips("fake")] == [5, 5]
    assert parts.compute().item() == pytest.approx(whole.compute().item())


@pytest.mark.parametrize("kind", ["blur", "noise", "freeze", "jitter", "flicker"])
def test_the_more_a_video_is_spoilt_the_farther_it_is(kind: str, streets: Tensor, damages: Mapping[str, Any]) -> None:
    degrees = {"blur": (0.6, 2.0), "noise": (0.03, 0.3), "freeze": (2, 12), "jitter": (1, 4), "flicker": (0.03, 0.3)}
    values = []
    for degree in degrees[kind]:
        metric = VideoMMD()
        metric.update(damages[kind](streets, degree), ReferenceClip(streets))
        values.append(metric.compute().item())
    assert 0 < 2 * values[0] < values[1]
