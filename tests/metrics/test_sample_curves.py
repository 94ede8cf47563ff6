"""Distances over the number of clips: the Fréchet distance of few is too large, the MMD is not."""

import pytest
import torch
from torch import Tensor

from vid2vid.metrics.frechet import frechet_distance
from vid2vid.metrics.polynomial_mmd import polynomial_mmd
from vid2vid.metrics.sample_curves import floor_curve, frechet_of_clips, mmd_of_clips, sample_curve


def clips(count: int, shift: float = 0.0, seed: int = 0) -> list[Tensor]:
    draw = torch.Generator().manual_seed(seed)
    return [torch.randn(2, 6, dtype=torch.float64, generator=draw) + shift for _ in range(count)]


def test_the_last_point_is_the_distance_of_all_clips() -> None:
    fake, real = clips(13, 0.5, seed=1), clips(13)
    x, y = torch.cat(fake), torch.cat(real)
    frechet = sample_curve(frechet_of_clips, fake, real, drawings=3)
    assert frechet.clips == [2, 3, 4, 6, 8, 12, 13]
    wanted = frechet_distance(x.mean(0), x.T.cov(), y.mean(0), y.T.cov())
    assert frechet.values[-1] == pytest.approx(float(wanted), rel=1e-9)
    assert frechet.bounds[-1] is None
    assert all(bounds is not None and bounds[0] <= bounds[1] for bounds in frechet.bounds[:-1])
    # of clips with one sample each it is nearly that of independent sets, but for the pairs of one clip
    one, other = ([rows[:1] for rows in each] for each in (fake, real))
    mmd = sample_curve(mmd_of_clips, one, other, drawings=3)
    assert mmd.values[-1] == pytest.approx(float(polynomial_mmd(torch.cat(one), torch.cat(other))), rel=0.3)


def test_in_the_space_that_few_samples_span_the_distance_is_the_same() -> None:
    fake, real = ([torch.randn(1, 40, dtype=torch.float64) for _ in range(3)] for _ in range(2))
    x, y = torch.cat(fake), torch.cat(real)
    wanted = frechet_distance(x.mean(0), x.T.cov(), y.mean(0), y.T.cov())
    assert float(frechet_of_clips(fake, real)) == pytest.approx(float(wanted), rel=1e-9)


def test_few_clips_raise_the_frechet_distance_and_not_the_mmd() -> None:
    real = clips(64, seed=3)
    frechet, mmd = (floor_curve(distance, real, drawings=30) for distance in (frechet_of_clips, mmd_of_clips))
    assert frechet.clips == mmd.clips == [2, 3, 4, 6, 8, 12, 16, 24, 32]
    # what is left at 32 clips, too, is that of 64 samples
    assert frechet.values[0] > 2 * frechet.values[4] > 4 * frechet.values[-1] > 0
    assert mmd.bounds[0] is not None
    assert all(bounds is not None and bounds[0] < 0 < bounds[1] for bounds in mmd.bounds)


def test_of_one_clip_there_is_no_curve() -> None:
    assert sample_curve(frechet_of_clips, clips(1), clips(1)).clips == []
    assert floor_curve(frechet_of_clips, clips(3)).clips == []
