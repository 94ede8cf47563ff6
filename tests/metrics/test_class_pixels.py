"""Measures of the pixels of some classes: of all pixels those of whole frames; other pixels do not count."""

import math

import pytest
import torch
from torch import Tensor, nn

from vid2vid.config import EvaluationConfig
from vid2vid.metrics.class_pixels import ClassPixels, masked_mean
from vid2vid.metrics.clip_metric import MetricSetup, ReferenceClip
from vid2vid.metrics.image_quality import PSNR, Detail
from vid2vid.metrics.perceptual_distance import PerceptualDistance
from vid2vid.metrics.temporal import FlowDifference

ROAD, CAR, PERSON = 0, 1, 2


def videos(frames: int = 5) -> tuple[Tensor, Tensor, Tensor]:
    """Return a spoilt and a real clip ``(1, T, 3, 32, 40)``, and labels: a car on the left, a person on the right."""
    draw = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 8, 20, generator=draw)
    wide = nn.functional.interpolate(coarse, scale_factor=4, mode="bicubic")[0] * 2 - 1
    real = torch.stack([wide[..., 2 * t : 2 * t + 40] for t in range(frames)])[None]
    labels = torch.zeros(1, frames, 32, 40, dtype=torch.uint8)
    labels[..., 8:24, 4:16] = CAR
    labels[..., 8:24, 28:32] = PERSON
    return real + 0.2 * torch.randn(real.shape, generator=draw), real, labels


def measured(video: Tensor, reference: ReferenceClip, *classes: int) -> dict[str, float]:
    metric = ClassPixels(classes)
    metric.update(video, reference)
    return {name: float(value) for name, value in metric.compute().items()}


@pytest.mark.parametrize("given", [0, 1, 2])
def test_of_all_pixels_they_are_those_of_whole_frames(given: int) -> None:
    fake, real, labels = videos()
    reference = ReferenceClip(real, given=given, labels=labels)
    whole = []
    for metric in (PSNR(), PerceptualDistance(), FlowDifference(), Detail()):
        metric.update(fake, reference)
        whole.append(float(metric.compute()))
    found = measured(fake, reference, ROAD, CAR, PERSON)
    assert [*found] == [*ClassPixels.measures]
    # PSNR of whole frames is computed in float32
    assert [*found.values()] == pytest.approx(whole, rel=1e-6)
    of_car = measured(fake, reference, CAR)
    assert all(abs(of_car[name] - value) > 1e-3 * value for name, value in found.items())


def test_a_fault_of_one_class_is_seen_by_that_class_alone() -> None:
    _, real, labels = videos()
    reference = ReferenceClip(real, labels=labels)
    # not its border, which the features and flows of what is near see a little, too
    fake = real.clone()
    fake[..., 10:22, 6:14] = -fake[..., 10:22, 6:14]
    car, person, both = (measured(fake, reference, *classes) for classes in ((CAR,), (PERSON,), (CAR, PERSON)))
    assert (person["class_psnr"], person["class_detail"]) == (100, 1)
    assert person["class_perceptual_distance"] < 0.05 * car["class_perceptual_distance"]
    assert person["class_flow_difference"] < 0.2 * car["class_flow_difference"]
    assert car["class_psnr"] < 20
    assert car["class_detail"] != pytest.approx(1, abs=1e-3)
    for name in ("class_perceptual_distance", "class_flow_difference"):
        assert person[name] < both[name] < car[name], name


def test_the_ratio_and_the_distance_of_a_uniform_fault_are_known() -> None:
    class Itself(nn.Module):
        def forward(self, images: Tensor) -> list[Tensor]:
            return [images, nn.functional.avg_pool2d(images, 4)]

    _, _, labels = videos()
    real = torch.zeros(1, 5, 3, 32, 40)
    fake = torch.where((labels == CAR)[:, :, None], 0.5, real)
    metric = ClassPixels([CAR, PERSON], Itself())
    metric.update(fake, ReferenceClip(real, labels=labels))
    values = metric.compute()
    share = 12 / (12 + 4)  # the car's
    assert values["class_psnr"].item() == pytest.approx(10 * math.log10(4 / (0.25 * share)))
    # (0.5, 0.5, 0.5) becomes (0.5, 0.5, 0.5) / sqrt(1.75); two maps, whose points lie wholly in the objects or outside
    assert values["class_perceptual_distance"].item() == pytest.approx(2 * share * 0.75 / 1.75)


def test_a_frame_weighs_its_pixels_and_clips_without_any_do_not_count() -> None:
    fake, real, labels = videos(2)
    labels[:, 1][labels[:, 1] == CAR] = ROAD
    labels[0, 1, 0, :3] = CAR
    one, other = torch.eye(2, dtype=torch.uint8)[:, None, :, None, None] * labels  # with the car in one of the frames
    metric = ClassPixels([CAR])
    metric.update(fake, ReferenceClip(real, labels=one))
    metric.update(fake, ReferenceClip(real, labels=other))
    alone = {name: metric.clip_values(name).tolist() for name in metric.measures}
    metric.reset()
    metric.update(fake, ReferenceClip(real, labels=labels))
    area = 16 * 12
    for name in ("class_psnr", "class_perceptual_distance"):
        wanted = (area * alone[name][0] + 3 * alone[name][1]) / (area + 3)
        assert metric.clip_values(name).tolist() == [pytest.approx(wanted)]
    metric.update(fake, ReferenceClip(real, labels=torch.zeros_like(labels)))
    assert metric.clip_values("class_psnr").isnan().tolist() == [False, True]
    assert metric.curve("class_psnr") == pytest.approx(alone["class_psnr"])


def test_classes_that_are_nowhere_are_noted() -> None:
    fake, real, labels = videos(2)
    metric = ClassPixels([7])
    metric.update(fake, ReferenceClip(real, labels=labels))
    assert [metric.figure(measure) for measure in metric.measures] == [None] * 4
    assert metric.notes == ["Measures of classes: left out, since no frame shows one of them."]


def test_a_network_of_vectors_has_no_places() -> None:
    class Mean(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.mean((2, 3))

    fake, real, labels = videos(2)
    metric = ClassPixels([CAR], Mean())
    metric.update(fake, ReferenceClip(real, labels=labels))
    assert metric.figure("class_perceptual_distance") is None
    assert metric.figure("class_psnr") is not None
    assert metric.notes == ["class perceptual: left out, since Mean gives vectors, which have no positions."]


def test_they_share_what_the_measures_of_whole_frames_computed() -> None:
    fake, real, labels = videos(3)
    reference = ReferenceClip(real, labels=labels)
    metrics = [PerceptualDistance(), FlowDifference(), Detail()]
    for metric in metrics:
        metric.update(fake, reference)
    known = set(reference._computed)
    assert len(known) == 6
    ClassPixels([CAR]).update(fake, reference)
    assert set(reference._computed) == known


def test_without_classes_there_are_none() -> None:
    assert ClassPixels.factory(MetricSetup()) is None
    setup = MetricSetup(EvaluationConfig(), chosen={"car": 4, "person": 2})
    factory = ClassPixels.factory(setup)
    assert factory is not None
    metric = factory()
    assert isinstance(metric, ClassPixels)
    assert metric.classes == (4, 2)
    assert setup.notes == ["Measures of classes are those of the pixels of car, person."]


def test_without_labels_there_is_nothing_to_measure() -> None:
    fake, real, _ = videos(2)
    with pytest.raises(ValueError, match="ClassPixels needs the labels"):
        ClassPixels([CAR]).update(fake, ReferenceClip(real))


def test_the_mean_within_a_mask() -> None:
    values = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]).expand(2, -1, -1)
    mask = torch.tensor([[[1.0, 0.0], [0.0, 0.5]], [[0.0, 0.0], [0.0, 0.0]]])
    means = masked_mean(values, mask).tolist()
    assert means[0] == pytest.approx(2)
    assert math.isnan(means[1])
