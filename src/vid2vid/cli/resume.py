"""``vid2vid train resume=``: the settings and the checkpoint that a training resumes from."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, cast

from omegaconf import MISSING, DictConfig, OmegaConf

from vid2vid.cli.assemble import CONFIG_NAME, read_config, run_folder, whole_run_folder
from vid2vid.cli.composition import conf_dir, parse_overrides
from vid2vid.cli.quoting import quoted
from vid2vid.cli.stages import show
from vid2vid.config.commands import Train
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.checkpoints.resuming import differing, named_checkpoint, resume_point, resumes

_NOT_COMPARED = ("resume", "preflight", "run_dir", "init_from")


def data_of_run(overrides: list[str]) -> list[str]:
    """Return the overrides that choose the kind of data of the resumed run, its mandatory settings and its stages.

    Args:
        overrides: The overrides of the command line.

    Returns:
        An empty list, if the command line chooses a group or an experiment, or names no run with a configuration.

    Raises:
        ConfigError: An override does not follow Hydra's grammar, or the configuration of the run is damaged.
    """
    given = {override.key_or_group: str(override.value()) for override in parse_overrides(overrides)}
    path = _run_config(given.get("resume", ""), given.get("run_dir"))
    if path is None or _chooses_group(list(given)):
        return []
    run = read_config(path)
    data = run.data
    needed = [f"data.{f.name}={quoted(str(getattr(data, f.name)))}" for f in fields(data) if f.default == MISSING]
    # as many as there were, whose settings the command line may change
    stages = [f"stages=[{','.join(['{}'] * len(run.stages))}]"] if run.stages else []
    return [f"data={data.kind}", *needed, *stages]


def resumed_settings(config: DictConfig, overrides: list[str]) -> Train:
    """Return the settings of a training; of a resumed one those of its run with the overrides of the command line.

    Args:
        config: The composed configuration.
        overrides: The overrides of the command line. If a group or an experiment is among them, the composed
            configuration is used.

    Raises:
        ConfigError: A setting cannot work, or the configuration of the run is damaged.
    """
    keys = [override.split("=")[0].lstrip("+~") for override in overrides]
    named = named_checkpoint(config.resume)
    path = _run_config(config.resume, None if named and "run_dir" not in keys else config.run_dir)
    if path is None or _chooses_group(keys):
        return cast("Train", OmegaConf.to_object(config))
    return read_config(path, {"run_dir": str(path.parent), **{key: OmegaConf.select(config, key) for key in keys}})


def _run_config(resume: bool | str, run_dir: str | None) -> Path | None:
    """Return the configuration file of the resumed run: in ``run_dir``, or else of the checkpoint in ``resume``."""
    named = named_checkpoint(resume)
    if not resumes(resume) or (named is None and run_dir is None):
        return None
    path = (whole_run_folder(named) if named and run_dir is None else Path(str(run_dir))) / CONFIG_NAME
    return path if path.is_file() else None


def _chooses_group(keys: list[str]) -> bool:
    return any((conf_dir() / key).is_dir() for key in keys)


def find_checkpoint(settings: Train, module: AdversarialModule[Any]) -> Path | None:
    """Return the checkpoint to resume from (`resume_point`), and tell the user what will be done.

    Raises:
        CheckpointError: As `resume_point`.
        ConfigError: The configuration of the run is damaged.
    """
    run_dir = Path(settings.run_dir)
    checkpoint = resume_point(run_dir, settings.resume, module)
    if checkpoint is None:
        if resumes(settings.resume):
            show(f"vid2vid: {run_dir}: there is no checkpoint to resume from; the training starts from the beginning.")
        return None
    show(f"vid2vid: resuming from {checkpoint}")
    path = run_folder(checkpoint) / CONFIG_NAME
    before = asdict(read_config(path)) if path.is_file() else {}
    now = asdict(settings)
    others = list(differing({key: value for key, value in before.items() if key not in _NOT_COMPARED}, now))
    if others:
        show(f"vid2vid: with other settings than before: {', '.join(others)}")
    return checkpoint
