"""``vid2vid train -m``: many trainings by one command, each in a folder of its own."""

import errno
import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Override
from hydra.errors import CompactHydraException
from omegaconf import DictConfig

from vid2vid.errors import ConfigError, require

FLAGS = ("-m", "--multirun")

_PLUGINS = {
    "joblib": "hydra_plugins.hydra_joblib_launcher",
    "submitit_slurm": "hydra_plugins.hydra_submitit_launcher",
    "submitit_local": "hydra_plugins.hydra_submitit_launcher",
}


class JobError(CompactHydraException):
    """A job of a sweep has failed; the others go on.

    Attributes:
        status: The exit status of the whole sweep.
    """

    # the default is for unpickling, which passes the message alone: launchers send errors between processes
    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def jobs(folder: Path, overrides: list[Override]) -> list[list[str]]:
    """Return the overrides of each job of a sweep.

    Args:
        folder: The folder of the configuration files.
        overrides: Those of the command line. Ranges, which only another sweeper than Hydra's own takes, are left out.

    Raises:
        MissingExtraError: The launcher is not installed.
    """
    for override in overrides:
        if override.key_or_group == "hydra/launcher" and override.value() in _PLUGINS:
            require(_PLUGINS[str(override.value())], "sweep")
    with initialize_config_dir(str(folder), version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        choices = [list(_swept_values(replace(override, config_loader=loader))) for override in overrides]
    return [list(job) for job in product(*(choice for choice in choices if choice))]


def _swept_values(override: Override) -> Iterable[str]:
    if not override.is_sweep_override():
        return [override.input_line or ""]
    if not override.is_discrete_sweep():
        return []
    key = override.get_key_element()
    return (f"{key}={value}" for value in override.sweep_string_iterator())


def job_name() -> str:
    """Return the number of a job and the settings that it is given."""
    job = HydraConfig.get()
    return f"job {job.job.num} ({' '.join(job.overrides.task)})"


def use_job_folder(config: DictConfig) -> None:
    """Set ``run_dir`` to a folder for this job alone, inside the one in its settings, which all jobs may share."""
    run_dir = Path(config.run_dir)
    if str(config.resume).lower() == "true" and any(run_dir.glob("*/**/checkpoints/*.ckpt")):
        # the last jobs of a stopped sweep had not started yet: they have no checkpoint to resume from
        config.resume = "auto"
    config.run_dir = str(run_dir / str(HydraConfig.get().job.num))


def refuse_unsupported(verb: str, config: DictConfig) -> None:
    """Refuse a job that cannot be part of a sweep.

    Raises:
        ConfigError: It is not a training, needs several processes, or would write into the folder of another run.
        NotADirectoryError: ``run_dir`` cannot be made: a file is in the way.
        PermissionError: It may not be made.
    """
    if verb != "train":
        raise ConfigError(f"vid2vid {verb} -m: only trainings can be swept; call vid2vid {verb} once for each.")
    if str(config.resume).lower() not in ("true", "auto", "false", ""):
        raise ConfigError(
            f"resume={config.resume} in a sweep: all jobs would resume in the folder of that one checkpoint. "
            "resume=true resumes each job in its own folder; init_from=... loads the weights only."
        )
    _refuse_processes(config.trainer)
    _refuse_folder(Path(config.run_dir))


def _refuse_processes(trainer: Any) -> None:  # noqa: ANN401 - a group of the configuration
    count = _device_count(str(trainer.devices), trainer.accelerator)
    if max(count, trainer.num_nodes) > 1:
        given = f"trainer.devices={trainer.devices}" if count > 1 else f"trainer.num_nodes={trainer.num_nodes}"
        raise ConfigError(
            f"{given} in a sweep: the further processes of a training are started with the same command line, and "
            "would start a sweep of their own. Give each job one device (trainer.devices=1), or start the trainings "
            "one by one, without -m."
        )


def _device_count(given: str, accelerator: str) -> int:
    if given not in ("auto", "-1"):
        return int(given) if given.isdigit() else 1
    if accelerator == "cpu":
        return 1
    # slow to import, and needed for this only
    from torch import cuda

    return cuda.device_count()


def _refuse_folder(folder: Path) -> None:
    """Refuse a folder that cannot be made: Hydra makes it before any job starts, and would show a traceback."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
    if not os.access(there, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))
