"""Hydra round a verb: composing the configuration, explaining mistakes in it, running the verb."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import hydra
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

import vid2vid
from vid2vid.cli import sweep
from vid2vid.config.commands import COMMANDS, DATA
from vid2vid.errors import ConfigError, Vid2VidError

# a ValueError: for a group whose choice is a number or nothing
_HYDRAS_ERRORS = (HydraException, OmegaConfBaseException, ValueError)
_GRAMMAR = "Settings are given as key=value, e.g. trainer.max_epochs=5 or data.crop=[0,0,64,128]."

# a module of Python cannot be called import
_MODULES = {"import": "importing"}

# advice to append with + would only move the mistake; the rest speaks of Hydra's insides
_NOISE = ("To append", "Config search path", "provider=", "full_key:", "reference_type=", "object_type=")


def conf_dir() -> Path:
    """Return the folder of the configuration files: in the wheel, or in the checkout.

    Raises:
        FileNotFoundError: It is in neither.
    """
    package = Path(vid2vid.__file__).resolve().parent
    for folder in (package / "conf", package.parents[1] / "conf"):
        if (folder / "train.yaml").is_file():
            return folder
    raise FileNotFoundError(f"the configuration files of vid2vid are missing beside {package}")


def register() -> None:
    """Tell Hydra the types of the settings: it refuses what does not fit them."""
    store = ConfigStore.instance()
    for node in COMMANDS.values():
        store.store(name=f"schema_{node.__name__.lower()}", node=node)
    for kind, node in DATA.items():
        store.store(name=f"schema_{kind}", node=node)


def run(verb: str, arguments: list[str]) -> None:
    """Run a verb with the arguments of the command line; leaves by `sys.exit` when something is wrong."""
    register()
    if any(argument.startswith("-") for argument in arguments):
        _run_hydra(verb, arguments)
        return
    with _mistakes_explained():
        _run_verb(verb, check(conf_dir(), verb, arguments), arguments)


def _run_hydra(verb: str, arguments: list[str]) -> None:
    """Run a sweep, or what Hydra's own flags ask for, such as ``--cfg job``."""
    folder = conf_dir()
    if all(argument in sweep.FLAGS for argument in arguments if argument.startswith("-")):
        with _mistakes_explained():
            _check_all(folder, verb, arguments)

    def task(config: DictConfig) -> None:
        if sweep.in_sweep():
            _run_job(verb, config)
            return
        with _mistakes_explained():
            _run_verb(verb, config, list(HydraConfig.get().overrides.task))

    sys.argv = [sys.argv[0], *arguments]
    try:
        hydra.main(version_base="1.3", config_path=str(folder), config_name=verb)(task)()
    except SystemExit as leaving:
        # Hydra leaves with 1 whatever has failed in a job
        if isinstance(leaving.__context__, sweep.JobError):
            sys.exit(leaving.__context__.status)
        raise


def _check_all(folder: Path, verb: str, arguments: list[str]) -> None:
    """Check the configuration of each job of a sweep before the first one starts."""
    overrides = [argument for argument in arguments if not argument.startswith("-")]
    for job in sweep.jobs(folder, _parse(overrides)):
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


def check(folder: Path, verb: str, overrides: list[str]) -> DictConfig:
    """Compose a verb's configuration.

    Raises:
        ConfigError: An override is wrong (the nearest key or option is named), or a value is missing.
    """
    # nothing of Hydra's own is among the settings that are offered
    given = [override for override in _parse(overrides) if not override.key_or_group.startswith("hydra")]
    try:
        with initialize_config_dir(str(folder), version_base="1.3"):
            config = compose(verb, overrides)
    except _HYDRAS_ERRORS as error:
        raise ConfigError(f"{_reason(error)}{_hint(folder, verb, given)}") from error
    missing = sorted(OmegaConf.missing_keys(config))
    if missing:
        raise ConfigError(f"{', '.join(missing)} must be given: vid2vid {verb} {missing[0]}=...")
    _check_keys(config, f"vid2vid {verb}")
    return config


def _check_keys(node: DictConfig, owner: str, prefix: str = "") -> None:
    """Refuse keys that a dataclass of settings does not have, and missing ones: Hydra lets +key and ~key through."""
    cls = OmegaConf.get_type(node)
    if is_dataclass(cls):
        known = {f.name for f in fields(cls)}
        for wrong in sorted(known.symmetric_difference(map(str, node))):
            why = "cannot be removed" if wrong in known else "is not a setting"
            raise ConfigError(f"{prefix}{wrong} {why}: {owner} knows {', '.join(sorted(known))}.")
    for name, child in node.items_ex(resolve=False):
        if isinstance(child, DictConfig):
            path = f"{prefix}{name!s}"
            _check_keys(child, path, f"{path}.")


def _parse(overrides: list[str]) -> list[Override]:
    parser = OverridesParser.create()
    parsed = []
    for text in overrides:
        try:
            parsed += parser.parse_overrides([text])
        except HydraException as error:
            raise ConfigError(f"{text!r} cannot be read: {str(error).splitlines()[0]}. {_GRAMMAR}") from error
        if not parsed[-1].key_or_group:
            raise ConfigError(f"{text!r} names no setting. {_GRAMMAR}")
    return parsed


def _reason(error: BaseException) -> str:
    lines = str(error).splitlines()
    if error.__cause__ is not None:
        lines += str(error.__cause__).splitlines()
    return "\n".join(line for line in lines if line.strip() and not line.strip().startswith(_NOISE))


def _hint(folder: Path, verb: str, overrides: list[Override]) -> str:
    hints = []
    for override in overrides:
        group = folder / override.key_or_group
        if group.is_dir():
            options = sorted(path.stem for path in group.glob("*.yaml"))
            wrong = str(override.value()) if str(override.value()) not in options else ""
            prefix = f"{override.key_or_group}="
            hints += _near(wrong, options, prefix) or ([f"{prefix} one of {', '.join(options)}"] if wrong else [])
        else:
            known = _known_keys(folder, verb, overrides)
            key = override.key_or_group
            hints += _near(key if key not in known else "", known, "")
    return "".join(f"\nDid you mean {hint}?" for hint in hints)


def _near(wrong: str, known: list[str], prefix: str) -> list[str]:
    near = get_close_matches(wrong, known, n=1, cutoff=0.5) if wrong else []
    return [f"{prefix}{match}" for match in near]


def _known_keys(folder: Path, verb: str, overrides: list[Override]) -> list[str]:
    """Return all keys and groups, with the groups chosen as the user chose them, as far as that works."""
    groups = [override.input_line or "" for override in overrides if (folder / override.key_or_group).is_dir()]
    try:
        with initialize_config_dir(str(folder), version_base="1.3"):
            config = compose(verb, groups)
    except _HYDRAS_ERRORS:
        with initialize_config_dir(str(folder), version_base="1.3"):
            config = compose(verb)
    names = [path.name for path in folder.iterdir() if path.is_dir()]
    return names + list(_flat(OmegaConf.to_container(config), ""))


def _flat(value: Any, prefix: str) -> Iterator[str]:  # noqa: ANN401 - a tree of plain values
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return
    for key, child in value.items():
        yield f"{prefix}{key}"
        yield from _flat(child, f"{prefix}{key}.")
