"""``vid2vid train``."""

import signal
import sys
import warnings
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from vid2vid.cli.assemble import make_data, save_config
from vid2vid.cli.preflight import try_out
from vid2vid.cli.resume import find_checkpoint
from vid2vid.cli.stages import Outcome, plan, run_stages, show
from vid2vid.cli.trainer import make_trainer
from vid2vid.config.commands import Train
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import ConfigError, choose
from vid2vid.files import refuse_overwriting
from vid2vid.models import MODELS
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.checkpoints.partial import load_fitting_weights
from vid2vid.training.checkpoints.resuming import epochs_done, require_run_dir, resumes, set_aside
from vid2vid.training.checkpoints.saving import CheckpointCallback
from vid2vid.training.loggers import close_loggers
from vid2vid.training.run_lock import is_first_process, locked


def run(settings: Train) -> None:
    """Train a model, in one go or in stages; all results are written to ``run_dir``."""
    if settings.preflight and resumes(settings.resume):
        raise ConfigError("preflight=true tries a training from its beginning: leave resume out.")
    run_dir = Path(settings.run_dir)
    if not resumes(settings.resume):
        data, others = settings.data, (settings.rollout.image_checkpoint, settings.objective.teacher_checkpoint)
        read = (getattr(data, "path", None), getattr(data, "palette", None), settings.init_from, *others)
        refuse_overwriting([run_dir / "checkpoints", run_dir / "previews", run_dir / "metrics.csv"], read)
    model = MODELS[choose(settings.model, MODELS, "model")]
    if model.flow_strides:
        settings.data = replace(settings.data, flow_strides=list(model.flow_strides))
    planned = plan(settings)
    if settings.preflight:
        for i, stage in enumerate(planned or [settings]):
            data, module = make_parts(stage)
            # the checkpoint that a later stage begins with does not exist yet
            if settings.init_from and not i:
                show(f"vid2vid: begins with {load_fitting_weights(module, settings.init_from).report}")
            try_out(stage, module, data)
        return
    with locked(run_dir):
        if is_first_process():
            require_run_dir(run_dir, settings.resume)
        if not planned:
            train(settings)
            return
        if is_first_process() and not resumes(settings.resume):
            _start_run(settings)
        run_stages(planned, settings, partial(train, whole=settings))


def train(settings: Train, whole: Train | None = None) -> Outcome:
    """Train a model in one go, or one stage of a training, of which ``whole`` are the settings."""
    data, module = make_parts(settings)
    point = find_checkpoint(settings, module)
    if point is not None and epochs_done(point) >= settings.trainer.max_epochs > 0:
        show(f"vid2vid: {point}: this training has already finished.")
        return Outcome.ALREADY
    if settings.init_from and point is None:
        show(f"vid2vid: begins with {load_fitting_weights(module, settings.init_from).report}")
    saving = _SaveConfigs([settings, *([whole] if whole else [])])
    trainer = make_trainer(settings, resumed=point is not None, callbacks=[saving])
    # a training that is refused leaves nothing behind
    if trainer.is_global_zero and point is None:
        _start_run(settings)
    # Lightning does not know that the sampler goes on where it was
    warnings.filterwarnings("ignore", "You're resuming from a checkpoint that ended before the epoch ended")
    trainer.fit(module, data, ckpt_path=point, weights_only=True)
    # the next stage reads what the first process has written
    trainer.strategy.barrier()
    close_loggers(trainer.loggers)
    exit_if_stopped(trainer)
    ended = trainer.max_epochs is None or trainer.current_epoch >= trainer.max_epochs
    return Outcome.ENDED if ended else Outcome.STOPPED


class _SaveConfigs(pl.Callback):
    """Writes settings into the folders of their runs when the training starts.

    Not earlier: a later resumption would take the settings of a refused training for those of the run.
    """

    def __init__(self, settings: list[Train]) -> None:
        self.settings = settings

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if trainer.is_global_zero:
            for settings in self.settings:
                save_config(settings)


def _start_run(settings: Train) -> None:
    """Write the settings of a new training; files of an earlier one that has no checkpoint are moved aside first."""
    moved = set_aside(Path(settings.run_dir))
    if moved is not None:
        show(f"vid2vid: moved what an earlier training had left to {moved}")
    save_config(settings)


def make_parts(settings: Train) -> tuple[Vid2VidDataModule, AdversarialModule[Any]]:
    """Make the data and the module of a training, seeded.

    Raises:
        ConfigError: A setting cannot work.
    """
    pl.seed_everything(settings.seed, workers=True, verbose=False)
    model = MODELS[settings.model]
    if "encoder" not in model.settings and settings.encoder.features:
        raise ConfigError(
            f"encoder.features: only model=video learns with an encoder of styles, not model={settings.model}."
        )
    # a model that learns without flow needs none to be computed first
    group = settings.data if model.flow_strides != () else replace(settings.data, flow_cache=False)
    data = make_data(group, settings.flow_estimator, settings.stages)
    parts = {argument: attrgetter(key)(settings) for argument, key in model.settings.items()}
    return data, model.module(data.condition, **parts)


def exit_if_stopped(trainer: pl.Trainer) -> None:
    """Exit with the status of the signal, if a signal has stopped the training."""
    saver = trainer.checkpoint_callback
    if isinstance(saver, CheckpointCallback) and saver.stopped:
        name = signal.Signals(saver.stopped).name
        show(f"vid2vid: stopped by {name}; resume=true goes on from {saver.last_model_path}")
        # the first process ends the others when one of them fails
        sys.exit(128 + saver.stopped if trainer.is_global_zero else 0)
