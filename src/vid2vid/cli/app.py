"""Hydra round a verb: composing the configuration, explaining mistakes in it, running the verb."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import hydra
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

import vid2vid
from vid2vid.cli.schema import SCHEMAS, register
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


def run(verb: str, arguments: list[str]) -> None:
    """Run a verb with Hydra's arguments; leaves by `sys.exit` when something is wrong."""
    register()
    command_line = list(sys.argv)
    folder = conf_dir()
    overrides = [argument for argument in arguments if not argument.startswith("-")]
    # --help, --cfg and the like, and sweeps (whose values are lists), are Hydra's own business
    if overrides == arguments:
        with _mistakes_explained():
            check(folder, verb, overrides)

    def task(config: DictConfig) -> None:
        # Lightning starts further processes with this process's own command line, verb included
        sys.argv = command_line
        with _mistakes_explained():
            import_module(f"vid2vid.cli.{_MODULES.get(verb, verb)}").run(config)

    sys.argv = [command_line[0], *arguments]
    hydra.main(version_base="1.3", config_path=str(folder), config_name=verb)(task)()


@contextmanager
def _mistakes_explained() -> Iterator[None]:
    try:
        yield
    except Vid2VidError as error:
        _stop(error, str(error))
    except OSError as error:
        if error.filename is None:
            raise
        # a file or folder that cannot be read or written, which is for the user to mend, too
        _stop(error, f"{error.filename}: {error.strerror}")


def _stop(error: Exception, message: str) -> NoReturn:
    print(f"vid2vid: {message}", file=sys.stderr)  # noqa: T201
    if os.environ.get("HYDRA_FULL_ERROR"):
        raise error
    sys.exit(2)


def check(folder: Path, verb: str, overrides: list[str]) -> DictConfig:
    """Compose a verb's configuration.

    Raises:
        ConfigError: An override is wrong (the nearest key or option is named), or a value is missing.
    """
    given = _parse(overrides)
    try:
        with initialize_config_dir(str(folder), version_base="1.3"):
            config = compose(verb, overrides)
    except _HYDRAS_ERRORS as error:
        raise ConfigError(f"{_reason(error)}{_hint(folder, verb, given)}") from error
    missing = sorted(OmegaConf.missing_keys(config))
    if missing:
        raise ConfigError(f"{', '.join(missing)} must be given: vid2vid {verb} {missing[0]}=...")
    known = {f.name for f in fields(SCHEMAS[verb])}
    for key in known ^ {str(name) for name in config}:
        # Hydra lets +key=value add anything at the top, and ~key remove anything
        wrong = "cannot be removed" if key in known else "is not a setting"
        raise ConfigError(f"{key} {wrong}: vid2vid {verb} knows {', '.join(sorted(known))}.")
    return config


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
