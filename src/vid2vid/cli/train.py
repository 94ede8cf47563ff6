"""``vid2vid train``."""

import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from vid2vid.cli.assemble import make_data, plain, save_config
from vid2vid.cli.resume import checkpoint_to_go_on_from, own_config
from vid2vid.cli.stages import Outcome, plan, run_stages, show
from vid2vid.condition import Condition
from vid2vid.errors import choose
from vid2vid.settings import LoggerConfig, OutputConfig, TrainerConfig, build
from vid2vid.training import ImageModule, PreviewCallback, Vid2VidModule
from vid2vid.training.guard import FiniteGuard
from vid2vid.training.inherit import inherit
from vid2vid.training.loggers import close_loggers, make_loggers
from vid2vid.training.precision import choose_precision
from vid2vid.training.progress import TrainingProgress
from vid2vid.training.resume import epochs_done
from vid2vid.training.saving import AtomicCheckpointIO, CheckpointCallback
from vid2vid.training.watch import Speedometer

MODELS = ("video", "image")
PARTS = ("generator", "critics", "objective", "optimizer", "rollout", "teacher")


def run(config: DictConfig) -> None:
    """Train a model, in one go or in stages; everything that comes of it lies in ``run_dir``."""
    config = own_config(config, list(HydraConfig.get().overrides.task))
    settings = plain(config)
    choose(settings["model"], MODELS, "model")
    planned = plan(settings)
    if not planned:
        train(settings)
        return
    save_config(config, Path(settings["run_dir"]))
    run_stages(planned, settings, train)


def train(settings: dict[str, Any]) -> Outcome:
    """Train a model in one go, or one stage of a training."""
    run_dir, model = Path(settings["run_dir"]), settings["model"]
    pl.seed_everything(settings["seed"], workers=True, verbose=False)
    # an image generator learns without any flow: none has to be computed first
    group = {**settings["data"], **({"flow_cache": False} if model == "image" else {})}
    data = make_data(group, settings["teacher"], settings["stages"])
    module = make_module(model, settings, data.condition)
    point = checkpoint_to_go_on_from(settings, module)
    if point is not None and epochs_done(point) >= settings["trainer"]["max_epochs"] > 0:
        show(f"vid2vid: {point}: this training has come to its end already.")
        return Outcome.ALREADY
    save_config(settings, run_dir)
    if settings["init_from"] and point is None:
        show(f"vid2vid: begins with {inherit(module, settings['init_from']).report}")
    trainer = make_trainer(settings, run_dir)
    # Lightning does not know that the sampler goes on where it was
    warnings.filterwarnings("ignore", "You're resuming from a checkpoint that ended before the epoch ended")
    trainer.fit(module, data, ckpt_path=point, weights_only=True)
    # the next stage reads what the first process has written
    trainer.strategy.barrier()
    close_loggers(trainer.loggers)
    leave_if_stopped(trainer)
    ended = trainer.max_epochs is None or trainer.current_epoch >= trainer.max_epochs
    return Outcome.ENDED if ended else Outcome.STOPPED


def leave_if_stopped(trainer: pl.Trainer) -> None:
    """End the program, if a signal has ended the training, with the exit status that belongs to the signal."""
    saver = trainer.checkpoint_callback
    if isinstance(saver, CheckpointCallback) and saver.stopped:
        name = signal.Signals(saver.stopped).name
        show(f"vid2vid: stopped by {name}; resume=true goes on from {saver.last_model_path}")
        # the first process ends the others when one of them fails
        sys.exit(128 + saver.stopped if trainer.is_global_zero else 0)


def make_module(model: str, settings: dict[str, Any], condition: Condition) -> Vid2VidModule | ImageModule:
    """Make the module to train, ``video`` or ``image``.

    Raises:
        ConfigError: A setting cannot work.
    """
    if model == "video":
        return Vid2VidModule(condition, **{name: settings[name] for name in PARTS})
    parts = {name: settings[name] for name in ("image", "objective", "optimizer")}
    return ImageModule(condition, critic=settings["critics"]["image"], **parts)


def make_trainer(settings: dict[str, Any], run_dir: Path) -> pl.Trainer:
    """Make Lightning's Trainer with the loggers, checkpoints and previews of a run."""
    trainer = build(TrainerConfig, settings["trainer"], "trainer")
    output = build(OutputConfig, settings["output"], "output")
    callbacks: list[pl.Callback] = [
        CheckpointCallback(run_dir / "checkpoints", output),
        FiniteGuard(trainer.log_every_n_steps),
        Speedometer(trainer.log_every_n_steps),
    ]
    if trainer.progress:
        callbacks.append(TrainingProgress())
    if output.preview_every:
        callbacks.append(PreviewCallback(run_dir / "previews", output.preview_every))
    return pl.Trainer(
        max_epochs=trainer.max_epochs,
        max_time=trainer.max_time or None,
        accelerator=trainer.accelerator,
        devices=trainer.devices if trainer.devices == "auto" else int(trainer.devices),
        num_nodes=trainer.num_nodes,
        strategy=trainer.strategy,
        precision=choose_precision(trainer.precision, trainer.accelerator),
        check_val_every_n_epoch=trainer.check_val_every_n_epoch,
        log_every_n_steps=trainer.log_every_n_steps,
        limit_train_batches=_limit(trainer.limit_train_batches),
        limit_val_batches=_limit(trainer.limit_val_batches),
        enable_progress_bar=trainer.progress,
        logger=make_loggers(build(LoggerConfig, settings["logger"], "logger"), run_dir),
        callbacks=callbacks,
        plugins=[AtomicCheckpointIO()],
        num_sanity_val_steps=0,
        default_root_dir=run_dir,
    )


def _limit(value: float) -> float | int:
    """Read a number above 1 as batches, from 0 to 1 as a part."""
    return int(value) if value > 1 else value
