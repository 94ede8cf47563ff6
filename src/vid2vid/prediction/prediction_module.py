"""The LightningModule of the predictor of label maps, the first stage of future prediction."""

from collections.abc import Iterator
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from vid2vid.condition import Condition
from vid2vid.config import FlowEstimatorConfig, ObjectiveConfig, OptimizerConfig, PredictorConfig, RolloutConfig, build
from vid2vid.errors import ConfigError
from vid2vid.generator import Past
from vid2vid.metrics.segmentation import SCORES, SegmentationScores
from vid2vid.ops import one_hot, to_images
from vid2vid.prediction.label_generator import LabelGenerator
from vid2vid.prediction.label_loss import label_loss
from vid2vid.training.adversarial_module import Inputs, Settings
from vid2vid.training.chunks import ClipTensors, iterate_chunks, too_short
from vid2vid.training.pretrained_module import PretrainedModule
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.types import Clip, Flow, Rollout
from vid2vid.visual import Picture, prediction_pictures


class PredictionModule(PretrainedModule[LabelGenerator]):
    """Future prediction, first stage: the sequential generator over label maps.

    From the first L label maps of a video it predicts the next ones and the flow between them, each from its own
    predictions; a video model then synthesises the frames. It is trained by the cross-entropy of its maps (``labels``)
    and by L_W (Eq. 8), where label maps take the place of images. It has no discriminators: it predicts the likeliest
    future, and does not sample one.

    Each part takes its settings as a dataclass or as a mapping with some of its fields; all of them are kept in the
    checkpoint, as plain values.

    Args:
        condition: What the label maps hold (`vid2vid.condition.Condition`); a data module knows it.
        predictor: Size and form (`PredictorConfig`).
        objective: Weights of the losses (`ObjectiveConfig`); those of discriminators do not count.
        optimizer: Adam and its schedule (`OptimizerConfig`).
        rollout: How a clip is rolled out in training (`RolloutConfig`); the first frames are given.
        flow_estimator: The flow estimator for clips without reference flow (`FlowEstimatorConfig`).

    Raises:
        ConfigError: A setting is unknown or cannot work, or the conditions are no label maps, or not they alone.
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
            raise ConfigError(
                f"model=predictor needs label maps, but the conditions are {condition.kind!r}: give data with labels."
            )
        if condition.planes:
            raise ConfigError("model=predictor predicts label maps from label maps alone: leave data.planes empty.")
        self.classes = len(condition.label_ids)
        network = LabelGenerator(build(PredictorConfig, predictor, "predictor"), self.classes)
        super().__init__(condition, network, objective, optimizer)
        self.rollout_config = build(RolloutConfig, rollout, "rollout")
        if self.rollout_config.first_frame != "given":
            raise ConfigError("rollout.first_frame: a predictor starts from given label maps; leave it out.")
        self.reference = ReferenceFlow(build(FlowEstimatorConfig, flow_estimator, "flow_estimator"))
        self.scores = SegmentationScores(self.classes)
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

    def training_chunks(self, clip: Clip) -> Iterator[tuple[Inputs, dict[str, Tensor]]]:
        """Roll a batch of clips out, chunk by chunk; where F has frames, the predictor has label maps."""
        config, length = self.rollout_config, self.generator.config.past_frames
        maps = one_hot(clip.source, self.classes)
        tensors = ClipTensors(clip.source, maps, {1: self._flow(clip)})

        def roll_out(start: int, stop: int, past: Past | None) -> tuple[Rollout, Past]:
            (before,) = cast("Past", past)
            rollout: Rollout = self.generator(before, stop - start, config.bptt_frames, config.recompute)
            return rollout, [self.generator.append(before, rollout.fake)]

        given = maps[:, :length]
        for chunk in iterate_chunks(roll_out, tensors, given, [given], config, self.shared_draws()):
            wanted = clip.source[:, chunk.start : chunk.stop]
            kinds = self.objective.supervised(chunk.rollout)
            terms = {"labels": torch.stack([label_loss(kind, wanted) for kind in kinds]).sum()}
            if (pairs := chunk.pairs()) is not None:
                terms |= self.objective.flow(chunk.rollout, pairs.previous, pairs.real, pairs.reference)
            yield {}, terms

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
        self.scores.update(rollout.fake.argmax(dim=2), wanted[:, :, 0])
        flow = self._flow(clip).vectors[:, length - 1 :]
        error = (rollout.flow - flow).norm(dim=2).mean()
        self.log("val/flow_error", error, prog_bar=True, sync_dist=True, batch_size=clip.source.shape[0])

    def on_validation_epoch_end(self) -> None:
        """Log the scores of all label maps together."""
        scores = self.scores.compute()
        # compute() has added the counts of all processes already
        self.log_dict({f"val/{name}": scores[name] for name in SCORES}, prog_bar=True, sync_dist=True)
        self.scores.reset()
