"""``vid2vid train resume=``: the settings and the checkpoint that a training resumes from."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from omegaconf import DictConfig, OmegaConf

from vid2vid.cli.assemble import CONFIG_NAME, read_config, run_folder, whole_run_folder
from vid2vid.cli.composition import conf_dir
from vid2vid.cli.stages import show
from vid2vid.config.commands import Train
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.checkpoints.resuming import asked, differing, named_checkpoint, resume_point

_NOT_COMPARED = ("resume", "preflight", "run_dir", "init_from")


def resumed_settings(config: DictConfig, overrides: list[str]) -> Train:
    """Return the settings of a training: of one that is resumed those of its run, with the changes of the command line.

    Args:
        config: The composed configuration.
        overrides: The overrides of the command line. If a group or an experiment is among them, the composed
            configuration counts.

    Raises:
        ConfigError: A setting cannot work, or the configuration of the run is damaged.
    """
    keys = [override.split("=")[0].lstrip("+~") for override in overrides]
    named = named_checkpoint(config.resume)
    folder = whole_run_folder(named) if named and "run_dir" not in keys else Path(config.run_dir)
    path = folder / CONFIG_NAME
    if not asked(config.resume) or not path.is_file() or any((conf_dir() / key).is_dir() for key in keys):
        return cast("Train", OmegaConf.to_object(config))
    return read_config(path, {"run_dir": str(folder), **{key: OmegaConf.select(config, key) for key in keys}})


def find_checkpoint(settings: Train, module: AdversarialModule[Any]) -> Path | None:
    """Return the checkpoint to resume from (`resume_point`), and tell the user what will happen.

    Raises:
        CheckpointError: As `resume_point`.
        ConfigError: The configuration of the run is damaged.
    """
    run_dir = Path(settings.run_dir)
    checkpoint = resume_point(run_dir, settings.resume, module)
    if checkpoint is None:
        if asked(settings.resume):
            show(f"vid2vid: {run_dir}: there is no checkpoint to resume from; the training starts from the beginning.")
        return None
    show(f"vid2vid: resumes from {checkpoint}")
    path = run_folder(checkpoint) / CONFIG_NAME
    before = asdict(read_config(path)) if path.is_file() else {}
    now = asdict(settings)
    others = list(differing({key: value for key, value in before.items() if key not in _NOT_COMPARED}, now))
    if others:
        show(f"vid2vid: with other settings than before: {', '.join(others)}")
    return checkpoint
