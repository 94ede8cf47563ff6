"""The LightningModule of vid2vid: F, D_I and D_V."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from vid2vid.condition import Condition
from vid2vid.config import (
    DiscriminatorsConfig,
    EncoderConfig,
    FlowEstimatorConfig,
    GeneratorConfig,
    ObjectiveConfig,
    OptimizerConfig,
    RolloutConfig,
    build,
)
from vid2vid.data.conditions import encode
from vid2vid.data.planes import leave_out_planes
from vid2vid.discriminator.discriminators import Discriminators
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.generator import ClassColours, Generator, RememberedObjects, Style, StyleEncoder, conditions_with_context
from vid2vid.generator.motion_prior import MotionPrior
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.image_quality import PSNR
from vid2vid.metrics.temporal import WarpingError
from vid2vid.models import MODELS
from vid2vid.ops import Code, class_map, foreground_mask, object_map, to_images
from vid2vid.training.adversarial_module import Inputs, Settings
from vid2vid.training.checkpoints.serialization import load
from vid2vid.training.chunks import ClipTensors, rollout_chunks, too_short
from vid2vid.training.discriminator_inputs import discriminator_inputs
from vid2vid.training.first_frames import FirstFrameModel
from vid2vid.training.pretrained_module import PretrainedModule
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.training.teacher import Teacher
from vid2vid.types import Clip, Rollout
from vid2vid.visual import Picture, rollout_pictures


class Vid2VidModule(PretrainedModule[Generator]):
    """Video-to-video synthesis: the generator F and the discriminators D_I and D_V, trained by Eq. 5.

    Each part takes its settings as a dataclass or as a mapping with some of its fields; all of them are kept in the
    checkpoint, as plain values.

    Args:
        condition: What the conditions are (`vid2vid.condition.Condition`); a data module knows it.
        generator: Size and form of F (`GeneratorConfig`).
        discriminators: D_I and D_V (`DiscriminatorsConfig`).
        objective: Form and weights of the losses (`ObjectiveConfig`).
        optimizer: Adam and its schedule (`OptimizerConfig`).
        rollout: How a clip is rolled out in training (`RolloutConfig`).
        flow_estimator: The flow estimator for clips without reference flow (`FlowEstimatorConfig`).
        encoder: Size and form of E, which encodes the style of objects (`EncoderConfig`); None: F has no encoder.

    Raises:
        ConfigError: A setting is unknown or cannot work.
    """

    kind: ClassVar[str] = "video"

    def __init__(
        self,
        condition: Condition | Settings,
        generator: GeneratorConfig | Settings | None = None,
        discriminators: DiscriminatorsConfig | Settings | None = None,
        objective: ObjectiveConfig | Settings | None = None,
        optimizer: OptimizerConfig | Settings | None = None,
        rollout: RolloutConfig | Settings | None = None,
        flow_estimator: FlowEstimatorConfig | Settings | None = None,
        encoder: EncoderConfig | Settings | None = None,
    ) -> None:
        condition = build(Condition, condition, "condition")
        own = EncoderConfig(features=0) if encoder is None else build(EncoderConfig, encoder, "encoder")
        styles = StyleEncoder(own, condition.classes) if own.features else None
        config = build(GeneratorConfig, generator, "generator")
        normalised = config.form == "paper" and config.norm != "batch"
        if styles is not None and not condition.has_labels and normalised:
            raise ConfigError(
                f"encoder.features={own.features}: a condition of the kind {condition.kind!r} has one look for all of "
                f"a frame, which generator.norm={config.norm} normalises away; set generator.norm=batch."
            )
        if config.object_memory and not condition.needs_instances:
            raise ConfigError(
                "generator.object_memory=true: objects are known by their ids; set data.instance_edges=true or "
                "data.object_motion=true, so that they are read."
            )
        network = Generator(config, condition.channels, styles, MotionPrior.of(condition, config))
        super().__init__(condition, network, objective, optimizer)
        self.rollout_config = build(RolloutConfig, rollout, "rollout")
        self.foreground_channels = condition.label_channels(
            network.config.foreground_labels, "generator.foreground_labels"
        )
        self.discriminators = Discriminators(
            build(DiscriminatorsConfig, discriminators, "discriminators"), condition.channels
        )
        self.class_colours = ClassColours(condition) if network.config.object_memory else None
        self.reference = ReferenceFlow(build(FlowEstimatorConfig, flow_estimator, "flow_estimator"), condition.planes)
        self.psnr, self.warping_error, self.warping_error_real = PSNR(), WarpingError(), WarpingError()
        # in a list, so that its weights are not part of this module and its checkpoints
        self._first_frame_model: list[FirstFrameModel] = []
        self._teacher: Teacher | None = None
        # the fingerprint of the teacher before a training was resumed
        self._teacher_before: str | None = None
        self.record_settings(
            generator=network.config,
            discriminators=self.discriminators.config,
            rollout=self.rollout_config,
            flow_estimator=self.reference.config,
            **({"encoder": own} if styles is not None else {}),
        )

    # ---- synthesis ------------------------------------------------------------------------------------------------

    def forward(
        self,
        source: Tensor,
        first: Tensor | None = None,
        instance: Tensor | None = None,
        foreground: Tensor | None = None,
        style: Style | None = None,
        planes: Tensor | None = None,
    ) -> Rollout:
        """Synthesise whole videos in one go; `vid2vid.synthesis.Synthesizer` does it frame by frame.

        Args:
            source: ``(B, T, S, H, W)`` uint8 conditions as in `Clip`.
            first: ``(B, L, 3, H, W)`` in [-1, 1], given first frames, which stand for the first L conditions; None: F
                starts from nothing.
            instance: ``(B, T, 1, H, W)`` object ids, if they are a part of the condition.
            foreground: ``(B, T, 1, H, W)`` uint8, a soft mask of the foreground, if F has a foreground prior and no
                foreground labels.
            style: The style of the objects, if F has an encoder; None: the mean style.
            planes: ``(B, T, P, H, W)``, the planes in their units, if they are a part of the condition.

        Returns:
            T frames, or T - L after L given ones.

        Raises:
            ConfigError: F has no encoder, and a style is given.
        """
        code = encode(self.condition, source, instance, planes)
        mask = self.foreground(code, foreground)
        code = self.synthesis_generator.styled(code, class_map(self.condition, source), style)
        return self._roll_out(code, first, mask, instance)

    def _roll_out(
        self, code: Tensor, first: Tensor | None, foreground: Tensor | None, instance: Tensor | None
    ) -> Rollout:
        length, remembered = self.generator.config.past_frames, None
        if self.generator.config.object_memory and instance is not None:
            remembered = RememberedObjects(instance, first)
        if first is None:
            code = conditions_with_context(code, length)
        elif foreground is not None:
            foreground = foreground[:, length:]
        rollout: Rollout = self.synthesis_generator(code, first, 1, foreground, remembered=remembered)
        return rollout

    @property
    def learnt_colours(self) -> dict[str, list[list[int]]]:
        """The colours of classes noted in training (`ClassColours.by_class`); none without an object memory."""
        return {} if self.class_colours is None else self.class_colours.by_class()

    def foreground(self, code: Code, given: Tensor | None) -> Tensor | None:
        """Return where the foreground is, for F with a foreground prior; None without.

        Args:
            code: ``(..., C, H, W)``, encoded conditions.
            given: ``(..., 1, H, W)`` uint8, a soft mask, which goes before the foreground labels.

        Returns:
            ``(..., 1, H, W)`` in [0, 1].

        Raises:
            ConfigError: There are neither a mask nor foreground labels.
        """
        if self.generator.config.foreground == "none":
            return None
        if given is not None:
            return given.float() / 255
        if not self.foreground_channels:
            raise ConfigError(
                f"generator.foreground={self.generator.config.foreground} needs generator.foreground_labels "
                f"({', '.join(self.condition.label_names) or 'this condition has no labels'}), or data with a "
                "foreground mask."
            )
        return foreground_mask(code, self.foreground_channels)

    # ---- training -------------------------------------------------------------------------------------------------

    def named_discriminators(self) -> dict[str, nn.Module]:
        """Return D_I, and all D_V together."""
        return {"D_I": self.discriminators.image, "D_V": self.discriminators.video}

    def networks(self) -> dict[str, nn.Module]:
        """Return all networks that learn, D_V for each of its strides."""
        encoder = {} if self.generator.styles is None else {"encoder E": self.generator.styles}
        videos = {f"D_V, stride {stride}": network for stride, network in self.discriminators.video.items()}
        networks = super().networks()
        del networks["D_V"]
        return {**networks, **videos, **encoder}

    def spatial_scales(self) -> nn.ModuleList:
        """Return F's scales."""
        return self.generator.frame.scales

    def on_fit_start(self) -> None:
        """Load the model of the first frames and the teacher, so that a wrong one is refused before the first step.

        Raises:
            CheckpointError: A checkpoint cannot be used, or the teacher is not the one from before the resumption.
        """
        self.first_frame_model()
        teacher, before = self.teacher(), self._teacher_before
        # forgotten also if it is refused: a new training with this module may have any teacher
        self._teacher_before = None
        if teacher is not None and before not in (None, teacher.fingerprint):
            raise CheckpointError(
                f"{teacher.path}: is not the teacher that this training has had so far: its weights differ. Restore "
                "the former one to resume, or start a new training with init_from=..."
            )

    def first_frame_model(self) -> FirstFrameModel | None:
        """Return the frozen model that makes the first frames in training, on this device.

        Returns:
            None, unless ``rollout.first_frame`` is ``image``.

        Raises:
            CheckpointError: Its checkpoint cannot be read, or was trained on other conditions.
        """
        if self.rollout_config.first_frame != "image":
            return None
        if not self._first_frame_model:
            path, image = self.rollout_config.image_checkpoint, MODELS["image"].module
            model: FirstFrameModel = load(path, image, condition=self.condition)
            self._first_frame_model.append(model.requires_grad_(False))
        return self._first_frame_model[0].to(self.device)

    def teacher(self) -> Teacher | None:
        """Return the teacher, on this device; None, unless there is an ``objective.teacher_checkpoint``.

        Raises:
            CheckpointError: Its checkpoint cannot be read, or cannot teach this F.
        """
        path = self.objective.config.teacher_checkpoint
        if not path:
            return None
        if self._teacher is None:
            self._teacher = Teacher(path, self.condition, styled=self.generator.styles is not None)
        return self._teacher.to(self.device)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the fingerprint of the teacher."""
        super().on_save_checkpoint(checkpoint)
        known = self._teacher_before if self._teacher is None else self._teacher.fingerprint
        if known is not None:
            checkpoint["teacher"] = known

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take over the fingerprint of the teacher, so that another one is refused."""
        super().on_load_checkpoint(checkpoint)
        self._teacher_before = checkpoint.get("teacher")

    def training_chunks(self, clip: Clip) -> Iterator[tuple[Inputs, dict[str, Tensor]]]:
        """Roll a batch of clips out, chunk by chunk."""
        tensors, teacher = self.clip_tensors(clip, self.first_frame_model()), self.teacher()
        unit = 2.0 ** (self.generator.config.scales - 1)
        draws = self.shared_draws()
        for chunk in rollout_chunks(self.generator, tensors, self.rollout_config, self._batch, draws):
            kinds = self.objective.supervised(chunk.rollout)
            inputs = discriminator_inputs(self.discriminators, chunk, kinds)
            terms = self.objective.appearance(kinds, chunk.real)
            terms |= self.objective.coarser(chunk.rollout, chunk.real)
            pairs = chunk.pairs()
            if self.generator.config.use_flow and pairs is not None:
                rollout = chunk.rollout[pairs.first - chunk.start :]
                terms |= self.objective.flow(rollout, pairs.previous, pairs.real, pairs.reference, unit)
            if teacher is not None and (shown := teacher.continue_rollout(chunk, clip.foreground)) is not None:
                rollout = chunk.rollout[-shown.fake.shape[1] :]
                terms |= self.objective.teacher_appearance(rollout, shown)
                if self.generator.config.use_flow and teacher.generator.config.use_flow:
                    terms |= self.objective.teacher_motion(rollout, shown, unit)
            yield inputs, terms
        if self.class_colours is not None and clip.instance is not None:
            self.class_colours.observe(tensors.real[:1, -1], clip.source[:1, -1], clip.instance[:1, -1])

    def clip_tensors(self, clip: Clip, image: FirstFrameModel | None = None) -> ClipTensors:
        """Encode a clip for the networks, with the reference flows that D_V and L_W need.

        Args:
            clip: The clip.
            image: A model that makes the first L frames from their conditions.
        """
        real = to_images(clip.real)
        planes = clip.planes
        if self.training and planes is not None:
            planes = leave_out_planes(self.condition.planes, planes)
        source = encode(self.condition, clip.source, clip.instance, planes)
        flows = self.reference(clip, real, {1, *self.discriminators.config.temporal_strides})
        imagined: Tensor | None = None
        if image is not None:
            with torch.no_grad():
                imagined = image.images(source[:, : self.generator.config.past_frames])
        foreground = self.foreground(source, clip.foreground)
        tensors = ClipTensors(source, real, flows, foreground, imagined, instance=clip.instance)
        if self.generator.styles is None:
            return tensors
        classes = class_map(self.condition, clip.source)
        return replace(tensors, classes=classes, objects=object_map(classes, clip.instance, self.condition.classes))

    def rollout(self, clip: ClipTensors, first_frame: str = "given") -> Rollout:
        """Synthesise a clip as synthesis does.

        The style is that of the first given frame; classes that are not in it have the mean style. The encoder sees
        none of the frames that are to be made.

        Args:
            clip: The clip.
            first_frame: Which first frames it begins with, as in `ClipTensors.first`.

        Returns:
            T - L frames after the first L, or T frames from an empty past.
        """
        first = clip.first(first_frame, self.generator.config.past_frames)
        styles = self.synthesis_generator.styles
        if styles is None or clip.classes is None:
            return self._roll_out(clip.source, first, clip.foreground, clip.instance)
        style = None if first is None else styles.of(first[:, :1], clip.classes[:, :1])
        code = self.synthesis_generator.styled(clip.source, clip.classes, style)
        return self._roll_out(code, first, clip.foreground, clip.instance)

    @torch.no_grad()
    def preview(self, clip: Clip) -> dict[str, list[Picture]]:
        """Synthesise the first clip of a batch from its first frames, and draw all parts of the frames."""
        clip = clip[:1]
        tensors = self.clip_tensors(clip)
        return rollout_pictures(self.condition, clip, tensors.real, self.rollout(tensors), 0)

    # ---- validation -----------------------------------------------------------------------------------------------

    def validation_step(self, clip: Clip, batch_idx: int) -> None:
        """Synthesise held-out clips from their first frames and compare them with the real ones."""
        length = self.generator.config.past_frames
        if clip.real.shape[1] <= length:
            raise too_short(clip, "data.val_frames")
        tensors = self.clip_tensors(clip)
        rollout = self.rollout(tensors)
        flow = tensors.flows[1]
        video = torch.cat([tensors.real[:, :length], rollout.fake], dim=1)
        reference = ReferenceClip(tensors.real, flow, length)
        self.psnr.update(video, reference)
        self.warping_error.update(video, reference)
        self.warping_error_real.update(tensors.real, reference)
        values = {
            "val/psnr": self.psnr,
            "val/warping_error": self.warping_error,
            "val/warping_error_real": self.warping_error_real,
            "val/flow_error": (rollout.flow - flow.vectors[:, length - 1 :]).norm(dim=2).mean(),
        }
        self.log_dict(values, prog_bar=True, sync_dist=True, batch_size=clip.real.shape[0])
