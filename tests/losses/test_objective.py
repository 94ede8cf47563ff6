"""Eq. 5 and 8: when the terms vanish, what the confidence leaves out, and how the terms are weighed."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from vid2vid.config import ObjectiveConfig
from vid2vid.discriminator.patch import PatchFeatures
from vid2vid.losses.gan import GAN_LOSSES, feature_matching
from vid2vid.losses.objective import Objective, RealAndFake
from vid2vid.ops import halve, warp
from vid2vid.types import Flow, Rollout

SHAPE = (2, 3, 3, 8, 10)
"""B, T, C, H, W."""


def images() -> Tensor:
    """Draw a clip."""
    return torch.rand(SHAPE, dtype=torch.float64) * 2 - 1


def reference_flow() -> Flow:
    """Draw a flow of some pixels, with confidence 0 and 1 in places."""
    vectors = torch.randn(2, 3, 2, 8, 10, dtype=torch.float64) * 2
    confidence = (torch.rand(2, 3, 1, 8, 10) > 0.3).double()
    return Flow(vectors, confidence)


def rollout(fake: Tensor, flow: Tensor) -> Rollout:
    """Return a roll-out of which only the frames and the flow matter."""
    return Rollout(fake, fake, fake, flow, torch.ones_like(flow[:, :, :1]))


def moved(clip: Tensor, flow: Tensor) -> Tensor:
    """Warp each frame of a clip by its flow."""
    frames = zip(clip.flatten(0, 1), flow.flatten(0, 1), strict=True)
    return torch.stack([warp(image[None], vectors[None])[0] for image, vectors in frames]).view_as(clip)


def features_of(real: float, *fakes: float) -> RealAndFake:
    """Return what a discriminator of one scale says: features and logits of one value."""

    def patches(value: float) -> PatchFeatures:
        return [[torch.full((1, 2, 3, 3), value), torch.full((1, 1, 2, 2), value)]]

    return RealAndFake(patches(real), [patches(value) for value in fakes])


def test_a_perfect_flow_has_no_loss() -> None:
    real_before, fake_before, reference = images(), images(), reference_flow()
    real, fake = moved(real_before, reference.vectors), moved(fake_before, reference.vectors)
    previous = torch.stack([real_before, fake_before], dim=2)
    terms = Objective(ObjectiveConfig()).flow(rollout(fake, reference.vectors), previous, real, reference)
    assert set(terms) == {"L_W", "consistency"}
    # the same arithmetic in float64
    assert all(term.abs() < 1e-12 for term in terms.values())


def test_a_flow_that_is_off_by_a_pixel_costs_half_of_it_and_what_it_moves() -> None:
    # a ramp of 0.01 a pixel to the right: a flow one pixel too long fetches 0.01 more, except at the border
    ramp = (torch.arange(10.0).double() * 0.01).expand(SHAPE)
    zero = torch.zeros(2, 3, 2, 8, 10, dtype=torch.float64)
    off = zero.clone()
    off[:, :, 0] = 1
    reference = Flow(zero, torch.ones_like(zero[:, :, :1]))
    previous = torch.stack([ramp, ramp], dim=2)
    terms = Objective(ObjectiveConfig()).flow(rollout(ramp, off), previous, ramp, reference)
    # the mean over two components, one of which is wrong, and over nine of ten columns
    assert terms["L_W"].item() == pytest.approx(0.5 + 0.009, abs=1e-12)
    assert terms["consistency"].item() == pytest.approx(0, abs=1e-12)


def test_the_consistency_compares_with_the_synthetic_frame_before() -> None:
    clip, other, reference = images(), images(), reference_flow()
    fake = moved(other, reference.vectors) + 0.25
    previous = torch.stack([clip, other], dim=2)
    config = ObjectiveConfig(mask_by_confidence=False)
    terms = Objective(config).flow(
        rollout(fake, reference.vectors), previous, moved(clip, reference.vectors), reference
    )
    assert terms["consistency"].item() == pytest.approx(0.25, abs=1e-12)
    assert terms["L_W"].item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("masked", [True, False])
def test_points_without_confidence_count_only_when_told(masked: bool) -> None:
    before, reference = images(), reference_flow()
    wrong = 1 - reference.confidence
    real, fake = (moved(before, reference.vectors) + wrong for _ in range(2))
    flow = reference.vectors + 5 * wrong
    objective = Objective(ObjectiveConfig(mask_by_confidence=masked))
    terms = objective.flow(rollout(fake, flow), torch.stack([before, before], dim=2), real, reference)
    for name, term in terms.items():
        assert (term.item() < 1e-12) == masked, name


def test_d_is_trained_on_the_mean_of_the_fakes_and_f_on_their_sum() -> None:
    objective = Objective(ObjectiveConfig())
    loss, (one, two) = GAN_LOSSES["least_squares"], (features_of(1.0, 0.2), features_of(1.0, 0.6))
    both = features_of(1.0, 0.2, 0.6)
    discriminator = [loss.discriminator(each.real, each.fakes[0]) for each in (one, two)]
    torch.testing.assert_close(objective.discriminator(both), (discriminator[0] + discriminator[1]) / 2)
    gan, matching = objective.generator(both)
    torch.testing.assert_close(gan, loss.generator(one.fakes[0]) + loss.generator(two.fakes[0]))
    expected = sum(feature_matching(each.real, each.fakes[0]).item() for each in (one, two))
    assert matching.item() == pytest.approx(expected)


@pytest.mark.parametrize("form", GAN_LOSSES)
def test_the_form_of_the_gan_loss_is_the_one_that_is_set(form: str) -> None:
    features = features_of(0.7, -0.4)
    expected = GAN_LOSSES[form].discriminator(features.real, features.fakes[0])
    torch.testing.assert_close(Objective(ObjectiveConfig(adversarial=form)).discriminator(features), expected)


@pytest.mark.parametrize(("hallucinated", "expected"), [(True, 0.5 + 0.125), (False, 0.5)])
def test_each_kind_of_image_is_compared(hallucinated: bool, expected: float) -> None:
    real = images()
    kinds = [real + 0.5, real - 0.125] if hallucinated else [real + 0.5]
    objective = Objective(ObjectiveConfig(reconstruction_weight=1.0))
    videos = objective.appearance(kinds, real)
    pictures = objective.appearance([kind.flatten(0, 1) for kind in kinds], real.flatten(0, 1))
    for terms in (videos, pictures):
        assert set(terms) == {"reconstruction"}
        assert terms["reconstruction"].item() == pytest.approx(expected, abs=1e-12)


def test_appearance_is_left_out_by_default() -> None:
    assert Objective(ObjectiveConfig()).appearance([images()], images()) == {}


def test_the_total_weighs_each_term_by_its_setting() -> None:
    config = ObjectiveConfig(
        image_weight=1,
        video_weight=10,
        flow_weight=100,
        feature_weight=1_000,
        consistency_weight=10_000,
        reconstruction_weight=100_000,
    )
    names = ("L_I", "L_V", "L_W", "feature_matching", "consistency", "reconstruction")
    digits = {name: torch.tensor(float(i)) for i, name in enumerate(names, start=1)}
    assert Objective(config).total(digits).item() == 654_321


def test_the_default_weights_are_those_of_the_paper() -> None:
    weights = Objective(ObjectiveConfig()).weights
    assert (weights["L_I"], weights["L_V"], weights["L_W"], weights["feature_matching"]) == (1, 1, 10, 10)


def test_a_term_without_a_weight_is_an_error() -> None:
    with pytest.raises(KeyError, match="L_X"):
        Objective(ObjectiveConfig()).total({"L_X": torch.tensor(1.0)})


def test_the_frames_of_coarser_scales_are_compared_at_their_size() -> None:
    # three scales of 13 x 18: inside F 16 x 20, halved to 8 x 10 and 4 x 5
    real = torch.rand(1, 2, 3, 13, 18) * 2 - 1
    smaller = halve(real)
    smallest = halve(smaller)
    coarser = [torch.zeros(1, 2, 3, 4, 5), torch.zeros(1, 2, 3, 8, 10)]
    coarser[0][..., :4, :5] = smallest + 0.25
    coarser[1][..., :7, :9] = smaller + 0.5
    one = real[:, :, :1]
    rollout = Rollout(real, real, real, one.expand(-1, -1, 2, -1, -1), one, tuple(coarser))
    terms = Objective(ObjectiveConfig(coarser_weight=2.0)).coarser(rollout, real)
    torch.testing.assert_close(terms["coarser"], torch.tensor(0.75))
    assert Objective(ObjectiveConfig()).coarser(rollout, real) == {}
    assert Objective(ObjectiveConfig(coarser_weight=2.0)).coarser(replace(rollout, coarser=()), real) == {}


def test_a_teacher_is_followed_in_frames_and_mask_and_where_it_trusts_its_flow() -> None:
    fake, flow, mask = images() / 2, reference_flow().vectors, torch.full((2, 3, 1, 8, 10), 0.25).double()
    teacher = Rollout(fake, -fake, fake, flow, mask)
    beside = torch.tensor([2.0, 0.0]).double().view(2, 1, 1)
    own = Rollout(fake + 0.25, 0.125 - fake, fake, flow + beside, mask + 0.5)
    objective = Objective(ObjectiveConfig())
    same = {**objective.teacher_appearance(teacher, teacher), **objective.teacher_motion(teacher, teacher)}
    assert {name: float(term) for name, term in same.items()} == dict.fromkeys(same, 0.0)
    terms = {**objective.teacher_appearance(own, teacher), **objective.teacher_motion(own, teacher, unit=4.0)}
    # half of the components are off by 2 pixels, and count three quarters
    wanted = {"teacher_frames": 0.375, "teacher_flow": 0.75 / 4, "teacher_mask": 0.5}
    assert {name: float(term) for name, term in terms.items()} == {k: pytest.approx(v) for k, v in wanted.items()}
    assert float(objective.total(terms)) == pytest.approx(10 * 0.375 + 10 * 0.1875 + 0.5)
    alone = Objective(ObjectiveConfig(supervise_hallucinated=False)).teacher_appearance(own, teacher)
    assert float(alone["teacher_frames"]) == pytest.approx(0.25)
