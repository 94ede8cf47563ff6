"""``vid2vid train … resume=``: with which settings, and from which checkpoint."""

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


def own_config(config: DictConfig, overrides: list[str]) -> DictConfig:
    """Return the configuration of the run that goes on, changed by what the command line gives.

    Args:
        config: What was composed.
        overrides: What the command line gives. With a group or an experiment among it the run's own configuration does
            not count.

    Raises:
        ConfigError: The run's configuration is damaged.
    """
    keys = [override.split("=")[0].lstrip("+~") for override in overrides]
    named = named_checkpoint(config.resume)
    folder = whole_run_folder(named) if named and "run_dir" not in keys else Path(config.run_dir)
    path = folder / CONFIG_NAME
    if not asked(config.resume) or not path.is_file() or any((conf_dir() / key).is_dir() for key in keys):
        return config
    whole = OmegaConf.to_container(config, resolve=True)
    # settings that an earlier version did not know stay as composed
    own = OmegaConf.create({**whole, **read_config(path), "run_dir": str(folder)})  # type: ignore[dict-item]
    for key in keys:
        OmegaConf.update(own, key, OmegaConf.select(config, key))
    return cast("DictConfig", OmegaConf.merge(OmegaConf.structured(Train), own))


def checkpoint_to_go_on_from(settings: dict[str, Any], module: AdversarialModule[Any]) -> Path | None:
    """Return what `vid2vid.training.checkpoints.resuming.resume_point` does, and tell the user what will happen.

    Raises:
        CheckpointError: As there.
        ConfigError: The run's configuration is damaged.
    """
    run_dir = Path(settings["run_dir"])
    checkpoint = resume_point(run_dir, settings["resume"], module)
    if checkpoint is None:
        if asked(settings["resume"]):
            show(f"vid2vid: {run_dir}: there is no checkpoint to go on from; the training begins anew.")
        return None
    show(f"vid2vid: goes on from {checkpoint}")
    path = run_folder(checkpoint) / CONFIG_NAME
    before = read_config(path) if path.is_file() else {}
    others = list(differing({key: value for key, value in before.items() if key not in _NOT_COMPARED}, settings))
    if others:
        show(f"vid2vid: with other settings than before: {', '.join(others)}")
    return checkpoint
