"""The learning objective, as a dict of named terms."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vid2vid.config import ObjectiveConfig
from vid2vid.discriminator.patch import PatchFeatures
from vid2vid.losses.flow import masked_l1
from vid2vid.losses.gan import GAN_LOSSES, feature_matching
from vid2vid.losses.perceptual_loss import PerceptualLoss
from vid2vid.ops import crop, halve, warp
from vid2vid.pretrained.perceptual_networks import FEATURE_NETWORKS
from vid2vid.types import Flow, Rollout


@dataclass(frozen=True)
class RealAndFake:
    """One discriminator's features of real and of fake frames.

    Attributes:
        real: Those of the real frames.
        fakes: Those of each kind of fake frames: x̃, and for D_I also h̃ where it is supervised.
    """

    real: PatchFeatures
    fakes: list[PatchFeatures]


class Objective(torch.nn.Module):
    """``min_F ( max_{D_I} L_I(F, D_I) + max_{D_V} L_V(F, D_V) ) + λ_W L_W(F)``  (Eq. 5), and auxiliary terms.

    Each method returns unweighted, named terms; `total` weighs them.

    Args:
        config: The form and the weights of the terms.
    """

    def __init__(self, config: ObjectiveConfig) -> None:
        super().__init__()
        self.config = config
        self.gan = GAN_LOSSES[config.adversarial]
        self.perceptual: PerceptualLoss | None = None
        if config.perceptual_weight > 0:
            network = FEATURE_NETWORKS[config.perceptual_network](config.perceptual_weights)
            self.perceptual = PerceptualLoss(network)

    def discriminator(self, features: RealAndFake) -> Tensor:
        """Return the GAN loss of one discriminator: its mean over the kinds of fakes."""
        return torch.stack([self.gan.discriminator(features.real, fake) for fake in features.fakes]).mean()

    @torch.no_grad()
    def accuracy(self, features: RealAndFake) -> Tensor:
        """Return the share of the patches that one discriminator classifies correctly: its mean over the kinds."""
        return torch.stack([self.gan.accuracy(features.real, fake) for fake in features.fakes]).mean()

    def generator(self, features: RealAndFake) -> tuple[Tensor, Tensor]:
        """Return F's GAN loss and feature matching on one discriminator, each summed over the kinds of fakes."""
        gan = torch.stack([self.gan.generator(fake) for fake in features.fakes]).sum()
        matching = torch.stack([feature_matching(features.real, fake) for fake in features.fakes]).sum()
        return gan, matching

    def supervised(self, rollout: Rollout) -> list[Tensor]:
        """Return the kinds of frames that are compared with real ones: x̃, and h̃ if ``supervise_hallucinated``."""
        return [rollout.fake, *([rollout.hallucinated] if self.config.supervise_hallucinated else [])]

    def flow(
        self, rollout: Rollout, previous: Tensor, real: Tensor, reference: Flow, unit: float = 1.0
    ) -> dict[str, Tensor]:
        """Compare the flow w̃ with the reference flow w (Eq. 8) and the frames with the ones before them.

        ``L_W = mean_t ( ‖w̃_t - w_t‖_1 + ‖w̃_t(x_{t-1}) - x_t‖_1 )``, here as the mean over elements, and the
        consistency ``‖x̃_t - w_t(x̃_{t-1})‖_1``.

        Args:
            rollout: T synthesised frames.
            previous: ``(B, T, 2, 3, H, W)``: for each of them the frame before it, real x_{t-1} and synthetic x̃_{t-1}.
            real: ``(B, T, 3, H, W)``, x_t.
            reference: w_t and its confidence, ``(B, T, ·, H, W)``.
            unit: Pixels of flow that count as one; the same motion is twice as many pixels at a finer scale.

        Returns:
            ``L_W`` and ``consistency``; with a ``mask_weight`` also ``mask``, the mean of m̃ where the flow is trusted.
        """
        mask = self._mask(reference)
        real_before, fake_before = previous.unbind(2)
        moved = _warp_clip(real_before, rollout.flow)
        terms = {
            "L_W": masked_l1(rollout.flow, reference.vectors, mask) / unit + masked_l1(moved, real, mask),
            "consistency": self.consistency(rollout.fake, fake_before, reference),
        }
        if self.config.mask_weight > 0:
            terms["mask"] = masked_l1(rollout.mask, torch.zeros_like(rollout.mask), reference.confidence)
        return terms

    def consistency(self, fake: Tensor, before: Tensor, reference: Flow) -> Tensor:
        """Compare frames with the ones before them, moved as the real video moves: ``‖x̃_t - w_t(x̃_{t-1})‖_1``.

        Args:
            fake: ``(B, T, 3, H, W)``, x̃_t.
            before: ``(B, T, 3, H, W)``, x̃_{t-1}.
            reference: w_t and its confidence, ``(B, T, ·, H, W)``.
        """
        return masked_l1(fake, _warp_clip(before, reference.vectors), self._mask(reference))

    def _mask(self, reference: Flow) -> Tensor | None:
        return reference.confidence if self.config.mask_by_confidence else None

    def appearance(self, kinds: Sequence[Tensor], real: Tensor) -> dict[str, Tensor]:
        """Compare synthesised images with x, one by one: the perceptual and the L1 distance, where enabled.

        Args:
            kinds: The images of each kind, ``(..., 3, H, W)``: x̃, and h̃ where that is supervised; each is compared.
            real: ``(..., 3, H, W)``, x.
        """
        terms: dict[str, Tensor] = {}
        if self.perceptual is not None:
            terms["perceptual"] = self.perceptual([images.flatten(0, -4) for images in kinds], real.flatten(0, -4))
        if self.config.reconstruction_weight > 0:
            terms["reconstruction"] = torch.stack([masked_l1(images, real) for images in kinds]).sum()
        return terms

    def coarser(self, rollout: Rollout, real: Tensor) -> dict[str, Tensor]:
        """Compare the frames of the coarser spatial scales with the real ones, downsampled, where enabled.

        Args:
            rollout: T synthesised frames.
            real: ``(B, T, 3, H, W)``.

        Returns:
            ``coarser``, the L1 distance summed over the coarser scales; nothing if there are none.
        """
        if not rollout.coarser or self.config.coarser_weight <= 0:
            return {}
        distances = []
        for frames in reversed(rollout.coarser):
            real = halve(real)
            # the coarser scales see a picture that was padded to a size that can be halved
            distances.append(masked_l1(crop(frames, *real.shape[-2:]), real))
        return {"coarser": torch.stack(distances).sum()}

    def teacher_appearance(self, rollout: Rollout, teacher: Rollout) -> dict[str, Tensor]:
        """Compare frames with those that a teacher has made from the same past: ``‖x̃ - x̃'‖_1 + ‖h̃ - h̃'‖_1``.

        Args:
            rollout: T synthesised frames.
            teacher: The T frames of the teacher.
        """
        pairs = zip(self.supervised(rollout), self.supervised(teacher), strict=True)
        return {"teacher_frames": torch.stack([masked_l1(own, wanted) for own, wanted in pairs]).sum()}

    def teacher_motion(self, rollout: Rollout, teacher: Rollout, unit: float = 1.0) -> dict[str, Tensor]:
        """Compare flow and mask with those of a teacher: ``‖(1 - m̃') ⊙ (w̃ - w̃')‖_1`` and ``‖m̃ - m̃'‖_1``.

        Where the teacher hallucinates, its flow is meaningless, as in a frame without a past.

        Args:
            rollout: T synthesised frames.
            teacher: The T frames of the teacher.
            unit: As for `flow`.
        """
        return {
            "teacher_flow": masked_l1(rollout.flow, teacher.flow, 1 - teacher.mask) / unit,
            "teacher_mask": masked_l1(rollout.mask, teacher.mask),
        }

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """Return the weighted sum of F's terms.

        Raises:
            KeyError: A term has no weight.
        """
        weights = self.weights
        return torch.stack([weights[name] * term for name, term in terms.items()]).sum()

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each of F's terms."""
        config = self.config
        return {
            "L_I": config.image_weight,
            "L_V": config.video_weight,
            "L_W": config.flow_weight,
            "feature_matching": config.feature_weight,
            "consistency": config.consistency_weight,
            "mask": config.mask_weight,
            "perceptual": config.perceptual_weight,
            "reconstruction": config.reconstruction_weight,
            "coarser": config.coarser_weight,
            "labels": config.label_weight,
            "teacher_frames": config.teacher_frame_weight,
            "teacher_flow": config.teacher_flow_weight,
            "teacher_mask": config.teacher_mask_weight,
        }


def _warp_clip(images: Tensor, flows: Tensor) -> Tensor:
    """Warp ``(B, T, 3, H, W)`` by ``(B, T, 2, H, W)``, frame by frame."""
    return warp(images.flatten(0, 1), flows.flatten(0, 1)).view_as(images)
