"""CovstModule: COVST, an image generator that carries its features on by the flow of the real video."""

from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor, nn
from torchmetrics import Metric

from vid2vid.baselines.covst_generator import CovstFrames, CovstGenerator
from vid2vid.condition import Condition
from vid2vid.config import (
    CovstConfig,
    FlowEstimatorConfig,
    ImageGeneratorConfig,
    ObjectiveConfig,
    OptimizerConfig,
    PatchDiscriminatorConfig,
    RolloutConfig,
    build,
)
from vid2vid.data.conditions import encode
from vid2vid.discriminator.discriminators import ImageDiscriminator
from vid2vid.errors import ConfigError
from vid2vid.generator import Past
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.image_quality import PSNR
from vid2vid.metrics.temporal import WarpingError
from vid2vid.ops import to_images
from vid2vid.training.adversarial_module import Inputs, Settings
from vid2vid.training.chunks import ClipTensors, iterate_chunks
from vid2vid.training.discriminator_inputs import DiscriminatorInput
from vid2vid.training.pretrained_module import PretrainedModule
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.types import Clip
from vid2vid.visual import Picture, covst_pictures


class CovstModule(PretrainedModule[CovstGenerator]):
    """Coherent Online Video Style Transfer with pix2pixHD as its style network, a baseline of the paper.

    It is given the flow of the real video, in training and at synthesis. D_I sees each frame, as it does of an image
    generator; there is no D_V. Each frame is also compared with the frame before, moved by the flow
    (``objective.consistency_weight``; by L1, where the original takes the square). As in the original the style network
    is trained first: begin with the weights of an `vid2vid.ImageModule`. Unlike there it then learns on with the mask.

    Each part takes its settings as a dataclass or as a mapping with some of its fields; all of them are kept in the
    checkpoint, as plain values.

    Args:
        condition: What the conditions are (`vid2vid.condition.Condition`); a data module knows it.
        style: Size and form of the style network (`ImageGeneratorConfig`).
        covst: How features are warped and blended (`CovstConfig`).
        discriminator: D_I (`PatchDiscriminatorConfig`).
        objective: Form and weights of the losses (`ObjectiveConfig`); L_V and L_W do not count.
        optimizer: Adam and its schedule (`OptimizerConfig`).
        rollout: How a clip is rolled out in training (`RolloutConfig`).
        flow_estimator: The flow estimator for clips without reference flow (`FlowEstimatorConfig`).

    Raises:
        ConfigError: A setting is unknown or cannot work.
    """

    kind: ClassVar[str] = "covst"

    def __init__(
        self,
        condition: Condition | Settings,
        style: ImageGeneratorConfig | Settings | None = None,
        covst: CovstConfig | Settings | None = None,
        discriminator: PatchDiscriminatorConfig | Settings | None = None,
        objective: ObjectiveConfig | Settings | None = None,
        optimizer: OptimizerConfig | Settings | None = None,
        rollout: RolloutConfig | Settings | None = None,
        flow_estimator: FlowEstimatorConfig | Settings | None = None,
    ) -> None:
        condition = build(Condition, condition, "condition")
        sizes = build(ImageGeneratorConfig, style, "style"), build(CovstConfig, covst, "covst")
        super().__init__(condition, CovstGenerator(*sizes, condition.channels), objective, optimizer)
        self.discriminator = ImageDiscriminator(
            build(PatchDiscriminatorConfig, discriminator, "discriminator"), condition.channels
        )
        self.rollout_config = build(RolloutConfig, rollout, "rollout")
        if self.rollout_config.first_frame == "image":
            raise ConfigError("rollout.first_frame=image: this model makes its first frame itself; leave it out.")
        self.reference = ReferenceFlow(build(FlowEstimatorConfig, flow_estimator, "flow_estimator"), condition.planes)
        self.psnr, self.warping_error, self.warping_error_real = PSNR(), WarpingError(), WarpingError()
        self.record_settings(
            style=self.generator.config,
            covst=self.generator.covst,
            discriminator=self.discriminator.config,
            rollout=self.rollout_config,
            flow_estimator=self.reference.config,
        )

    def forward(
        self, source: Tensor, flow: Tensor, instance: Tensor | None = None, planes: Tensor | None = None
    ) -> CovstFrames:
        """Synthesise whole videos in one go.

        Args:
            source: ``(B, T, S, H, W)`` uint8 conditions as in `Clip`.
            flow: ``(B, T - 1, 2, H, W)`` in pixels, the flow of the real video; entry j belongs to frame j + 1.
            instance: ``(B, T, 1, H, W)`` object ids, if they are a part of the condition.
            planes: ``(B, T, P, H, W)``, the planes in their units, if they are a part of the condition.
        """
        frames: CovstFrames = self.synthesis_generator(encode(self.condition, source, instance, planes), flow)
        return frames

    # ---- training -------------------------------------------------------------------------------------------------

    def named_discriminators(self) -> dict[str, nn.Module]:
        """Return D_I."""
        return {"D_I": self.discriminator}

    def spatial_scales(self) -> nn.ModuleList:
        """Return the global generator and its local enhancers."""
        return self.generator.scales

    def clip_tensors(self, clip: Clip) -> ClipTensors:
        """Encode a clip for the networks, with the flow from each frame to the one before."""
        real = to_images(clip.real)
        source = encode(self.condition, clip.source, clip.instance, clip.planes)
        return ClipTensors(source, real, self.reference(clip, real, [1]))

    def rollout(self, clip: ClipTensors) -> CovstFrames:
        """Synthesise a clip as synthesis does."""
        frames: CovstFrames = self.synthesis_generator(clip.source, clip.flows[1].vectors)
        return frames

    def training_chunks(self, clip: Clip) -> Iterator[tuple[Inputs, dict[str, Tensor]]]:
        """Roll a batch of clips out, chunk by chunk."""
        config, tensors = self.rollout_config, self.clip_tensors(clip)
        source, vectors = tensors.source, tensors.flows[1].vectors

        def roll_out(start: int, stop: int, past: Past | None) -> tuple[CovstFrames, Past]:
            flow, features = vectors[:, max(start - 1, 0) : stop - 1], None if past is None else past[0]
            frames: CovstFrames = self.generator(
                source[:, start:stop], flow, features, config.bptt_frames, config.recompute
            )
            return frames, [frames.features]

        for chunk in iterate_chunks(roll_out, tensors, tensors.real[:, :0], None, config, self.shared_draws()):
            fake, code = chunk.rollout.fake, source[:, chunk.start : chunk.stop].flatten(0, 1)
            real, *fakes = (self.discriminator.view(one.flatten(0, 1), code) for one in (chunk.real, fake))
            terms = self.objective.appearance([fake], chunk.real)
            if (pairs := chunk.pairs()) is not None:
                now, before = chunk.fakes[:, pairs.first :], pairs.previous[:, :, 1]
                terms["consistency"] = self.objective.consistency(now, before, pairs.reference)
            yield {"D_I": [DiscriminatorInput.augmented(self.discriminator, real, fakes)]}, terms

    @torch.no_grad()
    def preview(self, clip: Clip) -> dict[str, list[Picture]]:
        """Synthesise the first clip of a batch and draw it with its mask."""
        clip = clip[:1]
        tensors = self.clip_tensors(clip)
        frames = self.rollout(tensors)
        return covst_pictures(self.condition, clip, tensors.real, frames.fake, frames.mask, 0)

    # ---- validation -----------------------------------------------------------------------------------------------

    def validation_step(self, clip: Clip, batch_idx: int) -> None:
        """Synthesise held-out clips and compare them with the real ones."""
        tensors = self.clip_tensors(clip)
        made, flow = self.rollout(tensors), tensors.flows[1]
        reference = ReferenceClip(tensors.real, flow)
        self.psnr.update(made.fake, reference)
        self.warping_error.update(made.fake, reference)
        self.warping_error_real.update(tensors.real, reference)
        values: dict[str, Metric | Tensor] = {
            "val/psnr": self.psnr,
            "val/warping_error": self.warping_error,
            "val/warping_error_real": self.warping_error_real,
            "val/mask": made.mask[:, 1:].mean(),
        }
        self.log_dict(values, prog_bar=True, sync_dist=True, batch_size=clip.real.shape[0])
