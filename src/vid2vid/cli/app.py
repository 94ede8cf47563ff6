"""Running a verb of the command line: one job, or a sweep with Hydra."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from vid2vid.cli import sweep
from vid2vid.cli.composition import check, conf_dir, parse_overrides, register
from vid2vid.cli.help import help_text
from vid2vid.errors import Vid2VidError, choose

_HELP = ("-h", "--help")
_SHOW = ("-c", "--cfg", "-p", "--package", "-i", "--info", "--resolve")
"""The flags of Hydra that show the configuration."""

# a module of Python cannot be called import
_MODULES = {"import": "importing"}


def run(verb: str, arguments: list[str]) -> None:
    """Run a verb with the arguments of the command line; leaves by `sys.exit` when something is wrong."""
    register()
    flags = [argument for argument in arguments if argument.startswith("-")]
    with _mistakes_explained():
        for flag in flags:
            choose(flag, (*_HELP, *sweep.FLAGS, *_SHOW), f"vid2vid {verb}")
        if set(flags) & set(_HELP):
            print(help_text(verb, arguments))  # noqa: T201
        elif not flags:
            _run_verb(verb, check(conf_dir(), verb, arguments), arguments)
        elif set(flags) <= set(sweep.FLAGS):
            _check_all(conf_dir(), verb, arguments)
    if flags and not set(flags) & set(_HELP):
        _run_hydra(verb, arguments)


def _run_hydra(verb: str, arguments: list[str]) -> None:
    """Run a sweep, or show the configuration as Hydra's own flags ask for it."""

    def task(config: DictConfig) -> None:
        _run_job(verb, config)

    sys.argv = [sys.argv[0], *arguments]
    try:
        hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name=verb)(task)()
    except SystemExit as leaving:
        # Hydra leaves with 1 whatever has failed in a job
        if isinstance(leaving.__context__, sweep.JobError):
            sys.exit(leaving.__context__.status)
        raise


def _check_all(folder: Path, verb: str, arguments: list[str]) -> None:
    """Check the configuration of each job of a sweep before the first one starts."""
    overrides = [argument for argument in arguments if not argument.startswith("-")]
    for job in sweep.jobs(folder, parse_overrides(overrides)):
        sweep.refuse(verb, check(folder, verb, job))


def _run_verb(verb: str, config: DictConfig, overrides: list[str]) -> None:
    if verb == "train":
        # heavy, and needed for this verb only
        from vid2vid.cli.resume import own_config

        config = own_config(config, overrides)
    settings = OmegaConf.to_object(config)
    import_module(f"vid2vid.cli.{_MODULES.get(verb, verb)}").run(settings)


def _run_job(verb: str, config: DictConfig) -> None:
    """Run one job of a sweep; what goes wrong in it must not end the others."""
    name = sweep.job_name()
    try:
        # a launcher may have brought the job to a machine with more devices
        sweep.refuse(verb, config)
        sweep.own_folder(config)
        print(f"vid2vid: {name}: {config.run_dir}", file=sys.stderr, flush=True)  # noqa: T201
        _run_verb(verb, config, list(HydraConfig.get().overrides.task))
    except Exception as error:
        if os.environ.get("HYDRA_FULL_ERROR"):
            raise
        message = _explanation(error)
        if not message:
            traceback.print_exc()
        failed = f"vid2vid: {name}: {message or f'{type(error).__name__}: {error}'}"
        print(failed, file=sys.stderr, flush=True)  # noqa: T201
        raise sweep.JobError(failed, 2 if message else 1) from error


@contextmanager
def _mistakes_explained() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        message = _explanation(error)
        if not message or os.environ.get("HYDRA_FULL_ERROR"):
            raise
        print(f"vid2vid: {message}", file=sys.stderr)  # noqa: T201
        sys.exit(2)


def _explanation(error: Exception) -> str:
    """Return what to tell the user of a mistake; nothing of an error that is not the user's to mend."""
    if isinstance(error, Vid2VidError):
        return str(error)
    # a file or folder that cannot be read or written, which is for the user to mend, too
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return ""
