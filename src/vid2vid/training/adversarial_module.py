"""The base of all modules: a generator and its discriminators, their optimisers, steps and checkpoints."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar, cast

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.core.optimizer import LightningOptimizer
from torch import Tensor, nn

from vid2vid.condition import Condition
from vid2vid.config import ObjectiveConfig, OptimizerConfig, build
from vid2vid.config.run import refuse_sharding
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.losses.objective import Objective, RealAndFake
from vid2vid.training.activations import check_activations
from vid2vid.training.chunks import too_short
from vid2vid.training.discriminator_inputs import DiscriminatorInput
from vid2vid.training.lightning_internals import (
    count_batches,
    find_unused_parameters,
    stop_counting,
    trained_batches,
    trainer_of,
    validate_after_last_batch,
)
from vid2vid.training.optim import adam, lr_factor, progress_at_epoch, running_average
from vid2vid.training.precision import refuse_precision
from vid2vid.training.training_facts import TrainingFacts, changed_settings
from vid2vid.types import Clip
from vid2vid.visual import Picture

HEADER = "vid2vid"
"""The key of a checkpoint under which its kind of model and format stand."""
FORMAT = 1
"""The version of the checkpoints that are written and read; any other is refused."""

FACTS = "training"
"""The key of a checkpoint under which its `TrainingFacts` stand; models that were trained before have none."""

ALL_PROCESSES = 2**32 - 1
"""In place of the index of a process, for draws that all of them share."""

Settings = Mapping[str, Any]
Inputs = dict[str, list[DiscriminatorInput]]
Network = TypeVar("Network", bound=nn.Module)


class AdversarialModule(pl.LightningModule, ABC, Generic[Network]):
    """A generator and its discriminators: their optimisers, their steps and their checkpoints.

    Args:
        condition: What the conditions are.
        generator: The generator.
        objective: Form and weights of the losses (`ObjectiveConfig`).
        optimizer: Adam and its schedule (`OptimizerConfig`).

    Attributes:
        kind: Its key in `vid2vid.models.MODELS`.
        facts: What is known of how it was trained.
    """

    kind: ClassVar[str]
    generator: Network

    def __init__(
        self,
        condition: Condition,
        generator: Network,
        objective: ObjectiveConfig | Settings | None,
        optimizer: OptimizerConfig | Settings | None,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.condition = condition
        self.optimizer_config = build(OptimizerConfig, optimizer, "optimizer")
        self.generator = generator
        self.objective = Objective(build(ObjectiveConfig, objective, "objective"))
        if self.objective.config.teacher_checkpoint and self.kind != "video":
            raise ConfigError(
                f"objective.teacher_checkpoint: only model=video learns from a teacher, not model={self.kind}; leave "
                "it out."
            )
        self.average = running_average(generator, self.optimizer_config)
        self.facts = TrainingFacts()
        # seed of the random draws in training; torch's own when the training starts
        self._seed: int | None = None
        # index in its epoch of the batch that is trained on
        self._batch = 0

    def record_settings(self, **parts: Any) -> None:  # noqa: ANN401 - any settings dataclass
        """Keep the settings of all parts for the checkpoint; those that every module has are added."""
        shared = {"condition": self.condition, "objective": self.objective.config, "optimizer": self.optimizer_config}
        # plain values only: anything else would make a checkpoint unsafe, or impossible, to load weights-only
        self.save_hyperparameters({name: asdict(part) for name, part in {**shared, **parts}.items()})

    @property
    def synthesis_generator(self) -> Network:
        """The generator to synthesise with: the running average of its weights where one is kept."""
        return self.generator if self.average is None else cast("Network", self.average.module)

    # ---- training -------------------------------------------------------------------------------------------------

    def configure_callbacks(self) -> list[pl.Callback]:
        """Refuse settings of the Trainer that belong to the module; Lightning calls this hook before its own checks.

        Raises:
            ConfigError: The Trainer is to clip or to accumulate gradients.
        """
        if self.trainer.gradient_clip_val:
            raise ConfigError(
                f"Trainer(gradient_clip_val={self.trainer.gradient_clip_val}) cannot clip the gradients of networks "
                f"that take turns: give the module optimizer={{'clip_norm': {self.trainer.gradient_clip_val}}} instead."
            )
        if self.trainer.accumulate_grad_batches > 1:
            raise ConfigError(
                f"Trainer(accumulate_grad_batches={self.trainer.accumulate_grad_batches}) cannot accumulate the "
                "gradients of networks that take turns: raise data.batch_size instead."
            )
        return []

    def setup(self, stage: str) -> None:
        """Refuse what Lightning offers and this module does not support, before it fails with a misleading error.

        Raises:
            ConfigError: The strategy shards parameters, under which networks cannot take turns; the weights would not
                be float32; a batch is larger than the memory; the data have conditions of another kind or of other
                labels; or ``trainer.predict`` was called.
        """
        refuse_sharding(str(getattr(self.trainer.strategy, "strategy_name", "")))
        refuse_precision(str(self.trainer.precision))
        if stage == "predict":
            raise ConfigError(
                "trainer.predict makes no videos: use `vid2vid synthesize` (vid2vid.synthesis.synthesize), or `vid2vid "
                "predict` for label maps."
            )
        found = getattr(getattr(self.trainer, "datamodule", None), "condition", None)
        if isinstance(found, Condition) and not self.condition.without_instances().takes(found.without_instances()):
            raise ConfigError(
                f"this model is for conditions of the kind {self.condition.kind!r}, but those of the data are of the "
                f"kind {found.kind!r}, or have other labels or planes: make it with condition=data.condition."
            )
        find_unused_parameters(self.trainer.strategy)
        if stage == "fit":
            config: Any = self.generator.config
            check_activations(self, self.training_chunks, config.multiple)

    @abstractmethod
    def named_discriminators(self) -> dict[str, nn.Module]:
        """Return the discriminators that have an optimiser of their own, under ``D_I`` and ``D_V``."""

    def networks(self) -> dict[str, nn.Module]:
        """Return all networks that learn, and the spatial scales of the generator, by their names for users."""
        scales = {f"  scale {i}": scale for i, scale in enumerate(self.spatial_scales())}
        return {"generator": self.generator, **scales, **self.named_discriminators()}

    def optimized_networks(self) -> dict[str, nn.Module]:
        """Return the networks that each have an optimiser: ``F``, and the discriminators that have weights."""
        networks: dict[str, nn.Module] = {"F": self.generator, **self.named_discriminators()}
        return {name: network for name, network in networks.items() if list(network.parameters())}

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Make one Adam for each of the `optimized_networks`."""
        config, networks = self.optimizer_config, self.optimized_networks()
        rates = {name: config.lr if name == "F" else config.discriminator_lr or config.lr for name in networks}
        return [adam(network.parameters(), rates[name], config) for name, network in networks.items()]

    def named_optimizers(self) -> dict[str, LightningOptimizer]:
        """Return the optimiser of each of the `optimized_networks`, by its name."""
        # Lightning returns a single optimiser as it is, not as a list
        found = self.optimizers()
        together = cast("list[LightningOptimizer]", found if isinstance(found, list) else [found])
        return dict(zip(self.optimized_networks(), together, strict=True))

    @abstractmethod
    def preview(self, clip: Clip) -> dict[str, list[Picture]]:
        """Synthesise the first clip of a batch and draw it.

        Returns:
            The pictures of each frame, row by row; among the rows are ``condition``, ``synthesised`` and ``real``.
        """

    @abstractmethod
    def spatial_scales(self) -> nn.ModuleList:
        """Return the generator's spatial scales, the coarsest first."""

    def on_train_start(self) -> None:
        """Choose the seed and the scales that learn: a training resumed within an epoch skips `on_train_epoch_start`.

        Raises:
            ConfigError: The coarser scales would never learn.
        """
        alone, epochs = self.optimizer_config.freeze_coarse_epochs, self.trainer.max_epochs
        if epochs is not None and 0 < epochs <= alone:
            raise ConfigError(
                f"optimizer.freeze_coarse_epochs={alone} must be below the number of epochs ({epochs}), or the coarser "
                "scales never learn."
            )
        # clips that grow make later epochs shorter than the first
        validate_after_last_batch(self.trainer)
        self._choose_scales()
        if self._seed is None:
            self._seed = int(self.trainer.strategy.broadcast(torch.initial_seed()))
        data = getattr(self.trainer, "datamodule", None)
        known = data.facts() if isinstance(data, Vid2VidDataModule) else {}
        self.facts = TrainingFacts(**known, settings=changed_settings(self.kind, self.hparams))

    def on_train_batch_start(self, batch: Clip, batch_idx: int) -> None:
        """Seed the draws of φ_I and φ_V by the place of the batch alone, so that a training can be resumed.

        Terms of only some batches, such as the R1 penalty, depend on that place, too.
        """
        self._batch = batch_idx
        facts = self.facts
        facts.batch_size, facts.clip_frames, _, facts.height, facts.width = batch.real.shape
        torch.manual_seed(step_seed(self._seed or 0, self.current_epoch, batch_idx, self.global_rank))

    def shared_draws(self) -> torch.Generator:
        """Return a source of draws of this batch that are the same in all processes."""
        return torch.Generator().manual_seed(step_seed(self._seed or 0, self.current_epoch, self._batch))

    def on_train_end(self) -> None:
        """Record the number of trained batches."""
        self.facts.batches = trained_batches(self.trainer)

    def on_train_epoch_start(self) -> None:
        """Choose the scales that learn in this epoch, set the learning rates and count the batches."""
        self._choose_scales()
        count_batches(self.trainer)
        factor = lr_factor(progress_at_epoch(self.trainer), self.optimizer_config.decay_from)
        for optimizer in self.named_optimizers().values():
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor

    def _choose_scales(self) -> None:
        """Freeze the coarser scales in the first ``freeze_coarse_epochs`` epochs.

        Not before the training starts: DDP never synchronises gradients of parameters that are frozen when it wraps the
        module.
        """
        alone = self.optimizer_config.freeze_coarse_epochs
        if alone:
            self.spatial_scales()[:-1].requires_grad_(self.current_epoch >= alone)

    @abstractmethod
    def training_chunks(self, clip: Clip) -> Iterator[tuple[Inputs, dict[str, Tensor]]]:
        """Make the frames of a batch of clips, chunk by chunk; after each chunk the networks learn.

        Yields:
            The inputs of each discriminator, by the names of `named_discriminators`, and the generator's terms that
            need no discriminator.
        """

    def training_step(self, clip: Clip, batch_idx: int) -> None:
        """Make a step of each network after each chunk of a batch of clips.

        Raises:
            DataError: The clips are too short.
        """
        losses: defaultdict[str, list[Tensor]] = defaultdict(list)
        for inputs, terms in self.training_chunks(clip):
            for name, value in self.learn(inputs, terms).items():
                losses[name].append(value)
        if not losses:
            raise too_short(clip, "data.clip_frames")
        self.log_losses({name: torch.stack(values).mean() for name, values in losses.items()}, clip)

    def learn(self, inputs: Inputs, terms: dict[str, Tensor]) -> dict[str, Tensor]:
        """Make one step of each network; all gradients are taken at the weights before the step.

        Args:
            inputs: The inputs of each discriminator, under ``D_I`` and ``D_V``.
            terms: The generator's terms that need no discriminator.

        Returns:
            All terms, detached: ``F/NAME`` of the generator, ``D/L_I`` and ``D/L_V`` of the discriminators,
            ``D/accuracy_L_I`` and ``D/accuracy_L_V``, the share of patches, real and fake, that they classify
            correctly, and in the batches with the R1 penalty ``D/R1_I`` and ``D/R1_V``.
        """
        optimizers = self.named_optimizers()
        config = self.objective.config
        penalised = config.r1_weight > 0 and self._batch % config.r1_every == 0
        losses: dict[str, Tensor] = {}
        seen: list[tuple[str, DiscriminatorInput, RealAndFake]] = []
        for discriminator, views in inputs.items():
            # D_V sees nothing of a chunk in which no window ends
            if not views:
                continue
            loss = discriminator.replace("D_", "L_")
            with optimizers[discriminator].toggle_model():
                features = [view.detached_features() for view in views]
                losses[f"D/accuracy_{loss}"] = torch.stack([self.objective.accuracy(one) for one in features]).mean()
                losses[f"D/{loss}"] = torch.stack([self.objective.discriminator(one) for one in features]).sum()
                total = losses[f"D/{loss}"]
                if penalised:
                    penalty = torch.stack([view.r1_penalty() for view in views]).sum()
                    losses[f"D/{discriminator.replace('D_', 'R1_')}"] = penalty
                    total = total + config.r1_weight * config.r1_every * penalty
                self.manual_backward(total)
            seen += [(loss, *pair) for pair in zip(views, features, strict=True)]
        with optimizers["F"].toggle_model():
            named: dict[str, Tensor] = {}
            for loss, view, known in seen:
                gan, matching = self.objective.generator(view.features(known.real))
                named[loss] = named.get(loss, 0) + gan
                named["feature_matching"] = named.get("feature_matching", 0) + matching
            named.update(terms)
            self.manual_backward(self.objective.total(named))
        for name, optimizer in optimizers.items():
            # the scaler of float16 refuses a step without gradients, as of a D_V that saw nothing of this chunk
            if any(p.grad is not None for group in optimizer.param_groups for p in group["params"]):
                optimizer.step()
            optimizer.zero_grad()
            if name == "F":
                stop_counting(optimizers.values())
        if self.average is not None:
            self.average.update_parameters(self.generator)
        losses.update({f"F/{name}": term for name, term in named.items()})
        return {name: loss.detach() for name, loss in losses.items()}

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Clip the gradients; by now those of float16 are no longer scaled."""
        if self.optimizer_config.clip_norm > 0:
            self.clip_gradients(optimizer, self.optimizer_config.clip_norm, "norm")

    def log_losses(self, losses: dict[str, Tensor], clip: Clip) -> None:
        """Log what `learn` returned for a batch of clips, and the learning rates."""
        named = {f"train/{name}": value for name, value in losses.items()}
        self.log_dict(named, prog_bar=True, batch_size=clip.real.shape[0])
        rates = {f"lr/{name}": one.param_groups[0]["lr"] for name, one in self.named_optimizers().items()}
        self.log_dict(rates, batch_size=clip.real.shape[0])

    def test_step(self, clip: Clip, batch_idx: int) -> None:
        """Compute the same as in validation; `vid2vid.evaluation` measures much more."""
        self.validation_step(clip, batch_idx)

    # ---- checkpoints ----------------------------------------------------------------------------------------------

    @property
    def header(self) -> dict[str, str | int]:
        """The kind of model and the version of the format, which every checkpoint holds."""
        return {"kind": self.kind, "format": FORMAT}

    def require_fit(self, condition: Condition, name: str | Path = "this model") -> None:
        """Refuse conditions that are encoded otherwise than those that the model was trained on.

        Args:
            condition: The conditions that it is to be given.
            name: What to call the model in the message.

        Raises:
            CheckpointError: They are encoded otherwise.
        """
        if not self.condition.encodes_like(condition):
            raise CheckpointError(
                f"{name}: was trained on conditions of {self.condition.channels} channels ({self.condition.kind}), but "
                f"those given here have {condition.channels} ({condition.kind}), or other labels; train it on the same "
                "data."
            )

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add header, seed and facts; leave out the frozen perceptual network, which has a file of its own."""
        checkpoint[HEADER] = self.header
        checkpoint["seed"] = self._seed
        # a trained module may be saved through a trainer that never fitted it
        trainer = trainer_of(self)
        trained = 0 if trainer is None else trained_batches(trainer)
        checkpoint[FACTS] = asdict(replace(self.facts, batches=trained or self.facts.batches))
        # by name instead of by Lightning's order; of a module that was never trained there are none
        states = checkpoint.get("optimizer_states", [])
        checkpoint["optimizer_states"] = dict(zip(self.optimized_networks(), states, strict=bool(states)))
        frozen = "objective.perceptual."
        state = checkpoint["state_dict"]
        checkpoint["state_dict"] = {name: value for name, value in state.items() if not name.startswith(frozen)}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take over the seed of the training, and bring the states of the optimisers into Lightning's order.

        Raises:
            CheckpointError: The checkpoint is one of another kind of model, or of another version of vid2vid.
        """
        if checkpoint.get(HEADER) != self.header:
            raise CheckpointError(
                f"the checkpoint is of another kind of model or another version: its header is "
                f"{checkpoint.get(HEADER)}, not {self.header}."
            )
        self._seed = checkpoint.get("seed")
        states = checkpoint.get("optimizer_states")
        checkpoint["optimizer_states"] = [states[name] for name in self.optimized_networks()] if states else []

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:  # noqa: ANN401
        """Load weights; those of the perceptual network may be missing, all others must be there."""
        network = self.objective.perceptual
        own = {} if network is None else {f"objective.perceptual.{k}": v for k, v in network.state_dict().items()}
        return super().load_state_dict({**own, **state_dict}, strict=strict, assign=assign)


def step_seed(seed: int, epoch: int, batch: int, rank: int = ALL_PROCESSES) -> int:
    """Return the seed of one batch, which depends on its place in the training alone.

    Args:
        seed: Seed of the training, from 0 on.
        epoch: The epoch, counted from 0.
        batch: The batch in its epoch, counted from 0.
        rank: Index of the process, which draws numbers of its own; by default for draws that all processes share.
    """
    return int(np.random.SeedSequence((seed, epoch, batch, rank)).generate_state(1, np.uint64)[0])
