"""Vid2VidModule: F, D_I and D_V, and how they are trained."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

import pytorch_lightning as pl
import torch
from pytorch_lightning.core.optimizer import LightningOptimizer
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.discriminator import Critics
from vid2vid.errors import ConfigError
from vid2vid.generator import Generator, conditions_with_context
from vid2vid.losses import Judged, Objective
from vid2vid.metrics import psnr, warping_error
from vid2vid.ops import encode, foreground_mask, to_images
from vid2vid.settings import (
    CriticsConfig,
    GeneratorConfig,
    ObjectiveConfig,
    OptimizerConfig,
    RolloutConfig,
    TeacherConfig,
    build,
)
from vid2vid.teachers import Teacher, load_teacher
from vid2vid.training.exhibits import Exhibit, exhibits
from vid2vid.training.optim import adam, lr_factor, running_average
from vid2vid.training.rollout import Chunk, Scene, rollout_chunks, too_short
from vid2vid.types import Clip, Flow, Rollout

Settings = Mapping[str, Any]


class Vid2VidModule(pl.LightningModule):
    """Video-to-video synthesis: the generator F and the discriminators D_I and D_V, trained by Eq. 5.

    Each part takes its settings as a dataclass or as a mapping with some of its fields; all of them are kept in the
    checkpoint, as plain values.

    Args:
        condition: What the conditions are (`vid2vid.condition.Condition`); a data module knows it.
        generator: Size and form of F (`GeneratorConfig`).
        critics: D_I and D_V (`CriticsConfig`).
        objective: Form and weights of the losses (`ObjectiveConfig`).
        optimizer: Adam and its schedule (`OptimizerConfig`).
        rollout: How a clip is rolled out in training (`RolloutConfig`).
        teacher: Who computes the reference flow where a clip does not bring it (`TeacherConfig`).

    Raises:
        ConfigError: A setting is unknown or cannot work.
    """

    def __init__(
        self,
        condition: Condition | Settings,
        generator: GeneratorConfig | Settings | None = None,
        critics: CriticsConfig | Settings | None = None,
        objective: ObjectiveConfig | Settings | None = None,
        optimizer: OptimizerConfig | Settings | None = None,
        rollout: RolloutConfig | Settings | None = None,
        teacher: TeacherConfig | Settings | None = None,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.condition = build(Condition, condition, "condition")
        self.optimizer_config = build(OptimizerConfig, optimizer, "optimizer")
        self.rollout_config = build(RolloutConfig, rollout, "rollout")
        self.teacher_config = build(TeacherConfig, teacher, "teacher")
        self.generator = Generator(build(GeneratorConfig, generator, "generator"), self.condition.channels)
        self.foreground_channels = self.condition.label_channels(
            self.generator.config.foreground_labels, "generator.foreground_labels"
        )
        self.critics = Critics(build(CriticsConfig, critics, "critics"), self.condition.channels)
        self.objective = Objective(build(ObjectiveConfig, objective, "objective"))
        self.average = running_average(self.generator, self.optimizer_config)
        self._teacher: Teacher | None = None
        self._record_settings()

    def _record_settings(self) -> None:
        # plain values only: anything else would make a checkpoint unsafe, or impossible, to load weights-only
        parts: dict[str, Any] = {
            "condition": self.condition,
            "generator": self.generator.config,
            "critics": self.critics.config,
            "objective": self.objective.config,
            "optimizer": self.optimizer_config,
            "rollout": self.rollout_config,
            "teacher": self.teacher_config,
        }
        self.save_hyperparameters({name: asdict(part) for name, part in parts.items()})

    # ---- synthesis ------------------------------------------------------------------------------------------------

    @property
    def synthesis_generator(self) -> Generator:
        """The F to synthesise with: the running average of its weights where one is kept."""
        return self.generator if self.average is None else cast("Generator", self.average.module)

    def forward(
        self,
        source: Tensor,
        first: Tensor | None = None,
        instance: Tensor | None = None,
        foreground: Tensor | None = None,
    ) -> Rollout:
        """Synthesise whole videos in one go; `vid2vid.synthesis.Synthesizer` does it frame by frame.

        Args:
            source: ``(B, T, S, H, W)`` uint8 conditions as in `Clip`.
            first: ``(B, L, 3, H, W)`` in [-1, 1], given first frames, which stand for the first L conditions; None: F
                starts from nothing.
            instance: ``(B, T, 1, H, W)`` object ids, if the condition has instance edges.
            foreground: ``(B, T, 1, H, W)`` uint8, a soft mask of the foreground, if F has a foreground prior and no
                foreground labels.

        Returns:
            T frames, or T - L after L given ones.
        """
        code = encode(self.condition, source, instance)
        mask = self.foreground(code, foreground)
        length = self.generator.config.past_frames
        if first is None:
            code = conditions_with_context(code, length)
        elif mask is not None:
            mask = mask[:, length:]
        rollout: Rollout = self.synthesis_generator(code, first, foreground=mask)
        return rollout

    def foreground(self, code: Tensor, given: Tensor | None) -> Tensor | None:
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

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Make one Adam for F, one for D_I and one for all D_V."""
        config = self.optimizer_config
        critic_lr = config.critic_lr or config.lr
        rates = ((self.generator, config.lr), (self.critics.image, critic_lr), (self.critics.video, critic_lr))
        return [adam(network.parameters(), lr, config) for network, lr in rates if list(network.parameters())]

    def on_train_epoch_start(self) -> None:
        """Set the learning rates of this epoch."""
        factor = lr_factor(self.current_epoch, self.trainer.max_epochs, self.optimizer_config.decay_from)
        for optimizer in self._optimizers():
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor

    def training_step(self, clip: Clip, batch_idx: int) -> None:
        """Roll a batch of clips out, chunk by chunk, with a step of F, D_I and D_V after each."""
        scene = self.scene(clip)
        terms: dict[str, list[Tensor]] = {}
        for chunk in rollout_chunks(self.generator, scene, self.rollout_config):
            for name, value in self._learn(chunk).items():
                terms.setdefault(name, []).append(value)
        if not terms:
            raise too_short(clip, "data.clip_frames")
        means = {f"train/{name}": torch.stack(values).mean() for name, values in terms.items()}
        self.log_dict(means, prog_bar=True, batch_size=len(clip.names) or clip.real.shape[0])

    def scene(self, clip: Clip) -> Scene:
        """Encode a clip for the networks, with the reference flows that D_V and L_W need."""
        real = to_images(clip.real)
        source = encode(self.condition, clip.source, clip.instance)
        strides = {1, *self.critics.config.temporal_strides}
        flows = {k: clip.flows[k] if k in clip.flows else self._teach(real, k) for k in strides if k < real.shape[1]}
        return Scene(source, real, flows, self.foreground(source, clip.foreground))

    def rollout(self, scene: Scene) -> Rollout:
        """Synthesise a scene from its first L real frames, as synthesis does."""
        length = self.generator.config.past_frames
        foreground = None if scene.foreground is None else scene.foreground[:, length:]
        rollout: Rollout = self.synthesis_generator(scene.source, scene.real[:, :length], foreground=foreground)
        return rollout

    @torch.no_grad()
    def _teach(self, real: Tensor, stride: int) -> Flow:
        if self._teacher is None:
            self._teacher = load_teacher(self.teacher_config)
        earlier, later = real[:, :-stride], real[:, stride:]
        flow = self._teacher(earlier.flatten(0, 1), later.flatten(0, 1))
        return Flow(*(part.view(*later.shape[:2], *part.shape[1:]) for part in (flow.vectors, flow.confidence)))

    def _learn(self, chunk: Chunk) -> dict[str, Tensor]:
        """Make one step of each network on a chunk; all the gradients are those of the weights before the step."""
        optimizer_f, *optimizers_d = self._optimizers()
        shown = exhibits(self.critics, chunk, self.objective.config.supervise_hallucinated)
        terms: dict[str, Tensor] = {}
        seen: list[tuple[str, Exhibit, Judged]] = []
        # without any D_V there is no optimiser for it, and nothing that it is shown
        for optimizer, (name, views) in zip(optimizers_d, shown.items(), strict=False):
            with optimizer.toggle_model():
                judged = [view.judge_detached() for view in views]
                seen += [(name, view, verdict) for view, verdict in zip(views, judged, strict=True)]
                if judged:
                    terms[f"D/{name}"] = torch.stack([self.objective.critic(verdict) for verdict in judged]).sum()
                    self.manual_backward(terms[f"D/{name}"])
        with optimizer_f.toggle_model():
            named = self._generator_terms(chunk, seen)
            self.manual_backward(self.objective.total(named))
        for optimizer in (optimizer_f, *optimizers_d):
            self._step(optimizer)
        if self.average is not None:
            self.average.update_parameters(self.generator)
        terms.update({f"F/{name}": term for name, term in named.items()})
        return {name: term.detach() for name, term in terms.items()}

    def _generator_terms(self, chunk: Chunk, seen: list[tuple[str, Exhibit, Judged]]) -> dict[str, Tensor]:
        terms: dict[str, Tensor] = {}
        for name, view, verdict in seen:
            gan, matching = self.objective.fooling(view.judge_fakes(verdict.real))
            terms[name] = terms.get(name, 0) + gan
            terms["feature_matching"] = terms.get("feature_matching", 0) + matching
        terms.update(self.objective.appearance(chunk.rollout, chunk.real))
        if self.generator.config.use_flow and chunk.stop > 1:
            terms.update(self._flow_terms(chunk))
        return terms

    def _flow_terms(self, chunk: Chunk) -> dict[str, Tensor]:
        # the first frame of a video has none before it
        first = max(chunk.start, 1)
        before = slice(first - 1, chunk.stop - 1)
        previous = torch.stack([chunk.scene.real[:, before], chunk.fakes[:, before].detach()], dim=2)
        flow = chunk.scene.flows[1]
        # entry j of the flows belongs to frame j + 1
        reference = Flow(flow.vectors[:, before], flow.confidence[:, before])
        skipped = first - chunk.start
        return self.objective.flow(chunk.rollout[skipped:], previous, chunk.real[:, skipped:], reference)

    def _step(self, optimizer: LightningOptimizer) -> None:
        if self.optimizer_config.clip_norm > 0:
            self.clip_gradients(optimizer.optimizer, self.optimizer_config.clip_norm, "norm")
        optimizer.step()
        optimizer.zero_grad()

    def _optimizers(self) -> list[LightningOptimizer]:
        return cast("list[LightningOptimizer]", self.optimizers())

    # ---- validation -----------------------------------------------------------------------------------------------

    def validation_step(self, clip: Clip, batch_idx: int) -> None:
        """Synthesise held-out clips from their first frames and compare them with the real ones."""
        length = self.generator.config.past_frames
        if clip.real.shape[1] <= length:
            raise too_short(clip, "data.val_frames")
        scene = self.scene(clip)
        rollout = self.rollout(scene)
        real = scene.real[:, length:]
        flow = scene.flows[1]
        video = torch.cat([scene.real[:, :length], rollout.fake], dim=1)
        values = {
            "val/psnr": psnr(rollout.fake, real),
            "val/warping_error": warping_error(video, flow.vectors, flow.confidence),
            "val/warping_error_real": warping_error(scene.real, flow.vectors, flow.confidence),
            "val/flow_error": (rollout.flow - flow.vectors[:, length - 1 :]).norm(dim=2).mean(),
        }
        self.log_dict(values, prog_bar=True, sync_dist=True, batch_size=clip.real.shape[0])

    # ---- checkpoints ----------------------------------------------------------------------------------------------

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Leave the frozen perceptual network out: it is loaded from its own file."""
        frozen = "objective.perceptual."
        state = checkpoint["state_dict"]
        checkpoint["state_dict"] = {name: value for name, value in state.items() if not name.startswith(frozen)}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:  # noqa: ANN401
        """Load weights; those of the perceptual network may be missing, all others must be there."""
        own = {f"objective.perceptual.{k}": v for k, v in (self._perceptual_state()).items()}
        return super().load_state_dict({**own, **state_dict}, strict=strict, assign=assign)

    def _perceptual_state(self) -> dict[str, Tensor]:
        network = self.objective.perceptual
        return {} if network is None else network.state_dict()
