"""PredictionModule: the first stage of future prediction, from past label maps to the next ones."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from vid2vid.condition import Condition
from vid2vid.config import FlowEstimatorConfig, ObjectiveConfig, OptimizerConfig, PredictorConfig, RolloutConfig, build
from vid2vid.errors import ConfigError
from vid2vid.metrics import confusion, mean_iou, pixel_accuracy
from vid2vid.ops import one_hot, to_images
from vid2vid.prediction.label_generator import LabelGenerator
from vid2vid.prediction.label_loss import label_loss
from vid2vid.training.adversarial import AdversarialModule, Settings
from vid2vid.training.discriminator_inputs import Exhibit
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.training.rollout import too_short
from vid2vid.types import Clip, Flow, Rollout
from vid2vid.visual import Picture, prediction_pictures


class PredictionModule(AdversarialModule[LabelGenerator]):
    """Future prediction, first stage: the sequential generator over label maps.

    From the first L label maps of a video it predicts the next ones and the flow between them, each from its own
    predictions; a video model then synthesises the frames. It is trained by the cross-entropy of its maps (``labels``)
    and by L_W (Eq. 8), where label maps take the place of images. It has no discriminators: of several futures that
    are possible it is to tell the likeliest, not to draw one.

    Each part takes its settings as a dataclass or as a mapping with some of its fields; all of them are kept in the
    checkpoint, as plain values.

    Args:
        condition: What the label maps hold (`vid2vid.condition.Condition`); a data module knows it.
        predictor: Size and form (`PredictorConfig`).
        objective: Weights of the losses (`ObjectiveConfig`); those of discriminators do not count.
        optimizer: Adam and its schedule (`OptimizerConfig`).
        rollout: How a clip is rolled out in training (`RolloutConfig`); the first frames are given.
        flow_estimator: Who computes the reference flow where a clip does not bring it (`FlowEstimatorConfig`).

    Raises:
        ConfigError: A setting is unknown or cannot work, or the conditions are no label maps.
    """

    kind: ClassVar[str] = "predictor"

    def __init__(
        self,
        condition: Condition | Settings,
        predictor: PredictorConfig | Settings | None = None,
        objective: ObjectiveConfig | Settings | None = None,
        optimizer: OptimizerConfig | Settings | None = None,
        rollout: RolloutConfig | Settings | None = None,
        flow_estimator: FlowEstimatorConfig | Settings | None = None,
    ) -> None:
        condition = build(Condition, condition, "condition")
        if not condition.has_labels:
            raise ConfigError(f"model=predictor predicts label maps, but the conditions are {condition.kind!r}.")
        self.classes = len(condition.label_ids)
        network = LabelGenerator(build(PredictorConfig, predictor, "predictor"), self.classes)
        super().__init__(condition, network, objective, optimizer)
        self.rollout_config = build(RolloutConfig, rollout, "rollout")
        if self.rollout_config.first_frame != "given":
            raise ConfigError("rollout.first_frame: a predictor begins with given label maps; leave it away.")
        self.reference = ReferenceFlow(build(FlowEstimatorConfig, flow_estimator, "flow_estimator"))
        self.record_settings(
            predictor=network.config, rollout=self.rollout_config, flow_estimator=self.reference.config
        )

    def forward(self, source: Tensor, frames: int) -> Rollout:
        """Predict label maps.

        Args:
            source: ``(B, T >= L, 1, H, W)`` uint8 class indices as in `Clip`; the last L of them are looked at.
            frames: How many maps to predict.

        Returns:
            The predicted maps with their parts, ``(B, frames, C, H, W)`` in the place of images: probabilities.

        Raises:
            ValueError: There are fewer than L maps.
        """
        past = one_hot(source[:, -self.generator.config.past_frames :], self.classes)
        rollout: Rollout = self.synthesis_generator(past, frames)
        return rollout

    # ---- training -------------------------------------------------------------------------------------------------

    def named_discriminators(self) -> dict[str, nn.Module]:
        """Return none."""
        return {}

    def spatial_scales(self) -> nn.ModuleList:
        """Return the one scale."""
        return nn.ModuleList([self.generator])

    def training_step(self, clip: Clip, batch_idx: int) -> None:
        """Roll a batch of clips out, chunk by chunk, with a step of the predictor after each."""
        config, length = self.rollout_config, self.generator.config.past_frames
        frames = clip.source.shape[1]
        if frames <= length:
            raise too_short(clip, "data.clip_frames")
        maps, flow = one_hot(clip.source, self.classes), self._flow(clip)
        past, before = maps[:, :length], maps[:, length - 1 : length]
        losses: dict[str, list[Tensor]] = {}
        for start in range(length, frames, config.chunk_frames):
            some = slice(start, min(start + config.chunk_frames, frames))
            rollout: Rollout = self.generator(past, some.stop - start, config.bptt_frames, config.recompute)
            terms = self._terms(rollout, clip.source, maps, flow, some, before)
            shown: dict[str, list[Exhibit]] = {}
            for name, value in self.learn(shown, terms).items():
                losses.setdefault(name, []).append(value)
            past, before = self.generator.append(past, rollout.fake.detach()), rollout.fake[:, -1:].detach()
        self.log_losses({name: torch.stack(values).mean() for name, values in losses.items()}, clip)

    def _terms(
        self, rollout: Rollout, source: Tensor, maps: Tensor, flow: Flow, some: slice, before: Tensor
    ) -> dict[str, Tensor]:
        """Return the terms of a chunk: predicted maps against true ones, and their flow against the reference."""
        kinds = [rollout.fake, *([rollout.hallucinated] if self.objective.config.supervise_hallucinated else [])]
        labels = torch.stack([label_loss(kind, source[:, some]) for kind in kinds]).sum()
        # entry j of the flows belongs to frame j + 1
        earlier = slice(some.start - 1, some.stop - 1)
        reference = Flow(flow.vectors[:, earlier], flow.confidence[:, earlier])
        fakes_before = torch.cat([before, rollout.fake[:, :-1].detach()], dim=1)
        previous = torch.stack([maps[:, earlier], fakes_before], dim=2)
        return {"labels": labels, **self.objective.flow(rollout, previous, maps[:, some], reference)}

    def _flow(self, clip: Clip) -> Flow:
        return self.reference(clip, to_images(clip.real), [1])[1]

    @torch.no_grad()
    def preview(self, clip: Clip) -> dict[str, list[Picture]]:
        """Predict the first clip of a batch from its first label maps, and draw all parts of the maps."""
        clip = clip[:1]
        length = self.generator.config.past_frames
        rollout = self(clip.source[:, :length], clip.source.shape[1] - length)
        return prediction_pictures(self.condition, clip, rollout, 0)

    # ---- validation -----------------------------------------------------------------------------------------------

    def validation_step(self, clip: Clip, batch_idx: int) -> None:
        """Predict held-out clips from their first label maps and compare them with the true ones."""
        length = self.generator.config.past_frames
        wanted = clip.source[:, length:]
        if not wanted.shape[1]:
            raise too_short(clip, "data.val_frames")
        rollout = self(clip.source[:, :length], wanted.shape[1])
        counts = confusion(rollout.fake.argmax(dim=2, keepdim=True), wanted, self.classes)
        flow = self._flow(clip).vectors[:, length - 1 :]
        values = {
            "val/miou": mean_iou(counts),
            "val/pixel_accuracy": pixel_accuracy(counts),
            "val/flow_error": (rollout.flow - flow).norm(dim=2).mean(),
        }
        self.log_dict(values, prog_bar=True, sync_dist=True, batch_size=clip.source.shape[0])
