"""The base of the metrics: clips in parts, clips of different lengths, curves, sums in float64."""

import math

import pytest
import torch
from torch import Tensor

from vid2vid.metrics.clip_metric import ClipMean, MetricSetup, ReferenceClip, weighted
from vid2vid.metrics.image_quality import PSNR
from vid2vid.types import Flow


class Brightness(ClipMean):
    """The mean of the frames, each weighted by the real frame."""

    measures = ("brightness",)

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        values, weights = (reference.counted(each)[0].mean((1, 2, 3)) for each in (video, reference.real))
        return {"brightness": weighted(values, weights)}


def clip(*frames: float) -> Tensor:
    """Return uniform frames ``(1, T, 3, 4, 4)``."""
    return torch.tensor(frames, dtype=torch.float32)[None, :, None, None, None].expand(-1, -1, 3, 4, 4)


def reference(frames: int, given: int = 0) -> ReferenceClip:
    """Return a clip of which everything can be told apart."""
    real = torch.arange(float(frames))[None, :, None, None, None].expand(2, -1, 3, 4, 4)
    vectors = torch.arange(1.0, frames)[None, :, None, None, None].expand(2, -1, 2, 4, 4)
    labels = real[:, :, 0].long()
    return ReferenceClip(real, Flow(vectors, vectors[:, :, :1]), given, labels, labels[:, :, None])


@pytest.mark.parametrize("given", [0, 1, 3])
@pytest.mark.parametrize("frames", [1, 4, 100])
def test_each_frame_and_pair_counts_in_one_part(given: int, frames: int) -> None:
    whole = reference(9, given)
    seen: list[float] = []
    pairs: list[float] = []
    for times, part in whole.parts(frames):
        assert torch.equal(part.real, whole.real[:, times])
        assert part.continues == bool(seen)
        assert part.flow is not None
        assert part.labels is not None
        assert part.instance is not None
        seen += part.counted(part.real)[0, :, 0, 0, 0].tolist()
        assert part.counted(part.labels)[0, :, 0, 0].tolist() == part.counted(part.instance)[1, :, 0, 0, 0].tolist()
        pairs += part.flow.confidence[0, part.pairs, 0, 0, 0].tolist()
    assert seen == list(range(given, 9))
    assert pairs == list(range(max(given, 1), 9))


def test_what_is_computed_of_one_tensor_is_computed_once() -> None:
    known, calls = reference(3), []

    def compute(video: Tensor) -> float:
        calls.append(video)
        return float(video.sum())

    video = torch.ones(2)
    assert [known.once("sum", video, compute) for _ in range(2)] == [2, 2]
    # of an equal tensor, or under another name, it is another thing
    assert known.once("sum", video.clone(), compute) == known.once("other", video, compute) == 2
    assert len(calls) == 3


def test_a_clips_mean_is_weighted_and_clips_count_equally() -> None:
    metric = Brightness()
    metric.update(clip(1, 4), ReferenceClip(clip(1, 2)))
    metric.update(clip(5, 7), ReferenceClip(clip(1, 0)))
    assert metric.clip_values("brightness").tolist() == [3, 5]
    assert metric.compute() == 4
    figure = metric.figure("brightness", resamples=200)
    assert figure is not None
    assert (figure.value, figure.clips, figure.interval) == (4, (3, 5), (3, 5))
    batch = Brightness()
    batch.update(torch.cat([clip(1, 4), clip(5, 7)]), ReferenceClip(torch.cat([clip(1, 2), clip(1, 0)])))
    assert batch.compute() == 4


def test_a_clip_may_come_in_parts() -> None:
    metric = Brightness()
    metric.update(clip(1, 4), ReferenceClip(clip(1, 1)))
    metric.update(clip(4, 7), ReferenceClip(clip(1, 2), given=1, continues=True))
    assert metric.clip_values("brightness").tolist() == [pytest.approx((1 + 4 + 2 * 7) / 4)]
    assert metric.curve("brightness") == [1, 4, 7]


def test_a_curve_is_the_mean_of_the_clips_that_are_long_enough() -> None:
    metric = Brightness()
    for frames in ((1, 2, 3), (3, 4, 5), (5,)):
        metric.update(clip(*frames), ReferenceClip(clip(*[1.0] * len(frames))))
    assert metric.curve("brightness") == [3, 3, 4]
    assert Brightness().curve("brightness") == []


def test_what_weighs_nothing_is_no_part_of_a_curve() -> None:
    metric = Brightness()
    metric.update(clip(1, 2, 3), ReferenceClip(clip(1, 1, 0)))
    metric.update(clip(3, 9, 9), ReferenceClip(clip(1, 0, 0)))
    curve = metric.curve("brightness")
    assert curve[:2] == [2, 2]
    assert math.isnan(curve[2])


def test_a_video_that_loses_its_colours_has_a_falling_curve() -> None:
    real = torch.rand(2, 6, 3, 16, 16) * 2 - 1
    metric = PSNR()
    metric.update(real * torch.linspace(0.95, 0.5, 6)[:, None, None, None], ReferenceClip(real))
    curve = metric.curve("psnr")
    assert curve == sorted(curve, reverse=True)


def test_a_clip_without_a_value_does_not_count() -> None:
    metric = Brightness()
    metric.update(clip(3, 3), ReferenceClip(clip(1, 1)))
    metric.update(clip(9, 9), ReferenceClip(clip(0, 0)))
    assert metric.compute() == 3
    figure = metric.figure("brightness")
    assert figure is not None
    assert figure.clips[0] == 3
    assert math.isnan(figure.clips[1])


def test_values_are_kept_in_float64() -> None:
    metric = Brightness()
    metric.update(clip(1, 2), ReferenceClip(clip(1, 1)))
    kept = [*metric.brightness_rows, *metric.brightness_lengths]  # type: ignore[misc]
    assert {tensor.dtype for tensor in kept} == {torch.float64}


@pytest.mark.filterwarnings("ignore:The ``compute`` method of metric")
def test_a_new_start_forgets() -> None:
    metric = Brightness()
    metric.update(clip(1, 2), ReferenceClip(clip(1, 1)))
    metric.reset()
    assert metric.figure("brightness") is None
    with pytest.raises(ValueError, match="Brightness: nothing was added that counts"):
        metric.compute()


def test_videos_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one shape, not \(1, 2, 3, 4, 4\) and \(1, 3, 3, 4, 4\)"):
        Brightness().update(clip(1, 2), ReferenceClip(clip(1, 2, 3)))


def test_the_image_network_is_loaded_once_for_all_metrics() -> None:
    setup = MetricSetup()
    assert setup.image_network is setup.image_network


class Refusing(Brightness):
    """Takes no video that is bright."""

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        if video.max() > 8:
            raise ValueError("too bright")
        return super().rows(video, reference)


def test_a_refused_batch_leaves_nothing() -> None:
    metric = Refusing()
    metric.update(clip(1, 4), ReferenceClip(clip(1, 2)))
    both = torch.cat([clip(5, 7), clip(9, 9)])
    with pytest.raises(ValueError, match="too bright"):
        metric.update(both, ReferenceClip(torch.ones_like(both)))
    with pytest.raises(ValueError, match="one shape"):
        metric.update(both, ReferenceClip(both[:1]))
    metric.update(clip(5, 7), ReferenceClip(clip(1, 0)))
    assert metric.clip_values("brightness").tolist() == [3, 5]
