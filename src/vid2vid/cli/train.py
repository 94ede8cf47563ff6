"""``vid2vid train``."""

import signal
import sys
import warnings
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from vid2vid.cli.assemble import make_data, plain, save_config
from vid2vid.cli.preflight import refuse_resume, try_out
from vid2vid.cli.resume import checkpoint_to_go_on_from
from vid2vid.cli.stages import Outcome, plan, run_stages, show
from vid2vid.cli.trainer import make_trainer
from vid2vid.condition import Condition
from vid2vid.config.commands import Train
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import ConfigError, choose
from vid2vid.models import MODELS
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.checkpoints.partial import load_fitting_weights
from vid2vid.training.checkpoints.resuming import epochs_done
from vid2vid.training.checkpoints.saving import CheckpointCallback
from vid2vid.training.loggers import close_loggers


def run(config: Train) -> None:
    """Train a model, in one go or in stages; everything that comes of it lies in ``run_dir``."""
    refuse_resume(config)
    settings = plain(config)
    model = MODELS[choose(settings["model"], tuple(MODELS), "model")]
    if model.flow_strides:
        settings["data"]["flow_strides"] = list(model.flow_strides)
    planned = plan(settings)
    if settings["preflight"]:
        for i, stage in enumerate(planned or [settings]):
            # later stages begin with a checkpoint that is not there yet
            _preflight(stage, begins_with="" if i else settings["init_from"])
        return
    if not planned:
        train(settings)
        return
    save_config(settings, Path(settings["run_dir"]))
    run_stages(planned, settings, train)


def train(settings: dict[str, Any]) -> Outcome:
    """Train a model in one go, or one stage of a training."""
    run_dir = Path(settings["run_dir"])
    data, module = make_parts(settings)
    point = checkpoint_to_go_on_from(settings, module)
    if point is not None and epochs_done(point) >= settings["trainer"]["max_epochs"] > 0:
        show(f"vid2vid: {point}: this training has come to its end already.")
        return Outcome.ALREADY
    if settings["init_from"] and point is None:
        show(f"vid2vid: begins with {load_fitting_weights(module, settings['init_from']).report}")
    trainer = make_trainer(settings, run_dir)
    # a training that is refused leaves nothing behind
    save_config(settings, run_dir)
    # Lightning does not know that the sampler goes on where it was
    warnings.filterwarnings("ignore", "You're resuming from a checkpoint that ended before the epoch ended")
    trainer.fit(module, data, ckpt_path=point, weights_only=True)
    # the next stage reads what the first process has written
    trainer.strategy.barrier()
    close_loggers(trainer.loggers)
    leave_if_stopped(trainer)
    ended = trainer.max_epochs is None or trainer.current_epoch >= trainer.max_epochs
    return Outcome.ENDED if ended else Outcome.STOPPED


def _preflight(settings: dict[str, Any], begins_with: str) -> None:
    data, module = make_parts(settings)
    if begins_with:
        show(f"vid2vid: begins with {load_fitting_weights(module, begins_with).report}")
    try_out(settings, module, data)


def make_parts(settings: dict[str, Any]) -> tuple[Vid2VidDataModule, AdversarialModule[Any]]:
    """Make the data and the module of a training, seeded.

    Raises:
        ConfigError: A setting cannot work.
    """
    pl.seed_everything(settings["seed"], workers=True, verbose=False)
    # a model that learns without flow needs none to be computed first
    needs_flow = MODELS[settings["model"]].flow_strides != ()
    group = {**settings["data"], **({} if needs_flow else {"flow_cache": False})}
    data = make_data(group, settings["flow_estimator"], settings["stages"])
    return data, make_module(settings["model"], settings, data.condition)


def leave_if_stopped(trainer: pl.Trainer) -> None:
    """End the program, if a signal has ended the training, with the exit status that belongs to the signal."""
    saver = trainer.checkpoint_callback
    if isinstance(saver, CheckpointCallback) and saver.stopped:
        name = signal.Signals(saver.stopped).name
        show(f"vid2vid: stopped by {name}; resume=true goes on from {saver.last_model_path}")
        # the first process ends the others when one of them fails
        sys.exit(128 + saver.stopped if trainer.is_global_zero else 0)


def make_module(model: str, settings: dict[str, Any], condition: Condition) -> AdversarialModule[Any]:
    """Make the module to train.

    Args:
        model: Its key in `MODELS`.
        settings: The whole configuration.
        condition: The conditions of the data.

    Raises:
        ConfigError: A setting cannot work.
    """
    keys = MODELS[model].settings
    if "encoder" not in keys and settings["encoder"]["features"]:
        raise ConfigError(f"encoder.features: only model=video learns with an encoder of styles, not model={model}.")
    parts = {argument: reduce(getitem, key.split("."), settings) for argument, key in keys.items()}
    module: AdversarialModule[Any] = MODELS[model].module(condition, **parts)
    return module
