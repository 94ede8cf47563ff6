"""``vid2vid train``."""

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig
from pytorch_lightning.callbacks import ModelCheckpoint

from vid2vid.cli.assemble import make_data, plain, save_config
from vid2vid.condition import Condition
from vid2vid.errors import choose
from vid2vid.settings import LoggerConfig, OutputConfig, TrainerConfig, build
from vid2vid.training import ImageModule, PreviewCallback, Vid2VidModule
from vid2vid.training.loggers import make_loggers
from vid2vid.training.progress import TrainingProgress

MODELS = ("video", "image")
PARTS = ("generator", "critics", "objective", "optimizer", "rollout", "teacher")


def run(config: DictConfig) -> None:
    """Train a model; everything that comes of it lies in ``run_dir``."""
    settings = plain(config)
    run_dir = Path(settings["run_dir"])
    model = choose(settings["model"], MODELS, "model")
    save_config(config, run_dir)
    pl.seed_everything(settings["seed"], workers=True, verbose=False)
    # an image generator learns without any flow: none has to be computed first
    data = make_data({**settings["data"], **({"flow_cache": False} if model == "image" else {})}, settings["teacher"])
    module = make_module(model, settings, data.condition)
    trainer = make_trainer(settings, run_dir)
    trainer.fit(module, data)


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
        ModelCheckpoint(
            dirpath=run_dir / "checkpoints",
            filename="epoch_{epoch:04d}",
            auto_insert_metric_name=False,
            every_n_epochs=output.checkpoint_every,
            save_top_k=output.keep_checkpoints,
            monitor="epoch",
            mode="max",
            save_last=True,
        )
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
        precision=trainer.precision,
        check_val_every_n_epoch=trainer.check_val_every_n_epoch,
        log_every_n_steps=trainer.log_every_n_steps,
        limit_train_batches=_limit(trainer.limit_train_batches),
        limit_val_batches=_limit(trainer.limit_val_batches),
        enable_progress_bar=trainer.progress,
        logger=make_loggers(build(LoggerConfig, settings["logger"], "logger"), run_dir),
        callbacks=callbacks,
        num_sanity_val_steps=0,
        default_root_dir=run_dir,
    )


def _limit(value: float) -> float | int:
    """Read a number above 1 as batches, from 0 to 1 as a part."""
    return int(value) if value > 1 else value
