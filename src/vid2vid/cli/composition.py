"""Composing the configuration of a verb with Hydra, and explaining mistakes in it."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

import vid2vid
from vid2vid.cli.quoting import quoting_hint
from vid2vid.config.commands import COMMANDS
from vid2vid.config.data import DATA
from vid2vid.config.settings import needed_type, read_empty
from vid2vid.errors import ConfigError

# ValueError: a group whose choice is a number or empty; RecursionError: a deeply nested value
_HYDRAS_ERRORS = (HydraException, OmegaConfBaseException, ValueError, RecursionError)
_GRAMMAR = "Settings are given as key=value, e.g. trainer.max_epochs=5 or data.crop=[0,0,64,128]."

# to append with + would only move the mistake; the other lines are about Hydra's internals
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


@cache
def register() -> None:
    """Tell Hydra the types of the settings: it refuses what does not fit them."""
    store = ConfigStore.instance()
    for name, node in {**COMMANDS, **DATA}.items():
        store.store(name=f"schema_{name}", node=node)


def compose_verb(folder: Path, verb: str, overrides: list[str]) -> tuple[DictConfig, dict[str, str | None]]:
    """Compose a verb's configuration, in which values may be missing.

    Returns:
        The configuration, and for each of its groups the option that is chosen.

    Raises:
        ConfigError: An override is wrong; the nearest key or option is named.
    """
    # suggestions leave Hydra's own settings out
    given = [override for override in parse_overrides(overrides) if not override.key_or_group.startswith("hydra")]
    for override in given:
        if override.is_sweep_override():
            key, _, value = (override.input_line or "").partition("=")
            raise ConfigError(f"{key}={value} gives several values, for which -m is needed. {quoting_hint(key, value)}")
    try:
        with initialize_config_dir(str(folder), version_base="1.3"):
            config = compose(verb, overrides, return_hydra_config=True)
    except _HYDRAS_ERRORS as error:
        raise ConfigError(f"{_reason(error)}{_hint(folder, verb, given)}") from error
    found = config.hydra.runtime.choices
    choices = {group: found[group] for group in [*COMMANDS[verb].__annotations__, "experiment"] if group in found}
    with open_dict(config):
        del config["hydra"]
    read_empty(config, [override.key_or_group for override in given if str(override.value()) == ""])
    return config, choices


def check(folder: Path, verb: str, overrides: list[str]) -> DictConfig:
    """Compose a verb's configuration.

    Raises:
        ConfigError: An override is wrong (the nearest key or option is named), or a value is missing.
    """
    config, _ = compose_verb(folder, verb, overrides)
    missing = sorted(OmegaConf.missing_keys(config))
    if missing:
        raise ConfigError(f"{', '.join(missing)} must be given: vid2vid {verb} {missing[0]}=...")
    _check_keys(config, f"vid2vid {verb}")
    return config


def options(group: str) -> list[str]:
    """Return the options of a group of settings."""
    return sorted(path.stem for path in (conf_dir() / group).glob("*.yaml"))


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


def parse_overrides(overrides: list[str]) -> list[Override]:
    """Parse the overrides of the command line.

    Raises:
        ConfigError: One does not follow Hydra's grammar.
    """
    parser = OverridesParser.create()
    parsed = []
    for text in overrides:
        try:
            parsed += parser.parse_overrides([text])
        except _HYDRAS_ERRORS as error:
            key, given, value = text.partition("=")
            if not given:
                raise ConfigError(f"{text!r} cannot be read. {_GRAMMAR}") from error
            raise ConfigError(f"{text!r} cannot be read. {_GRAMMAR} {quoting_hint(key, value)}") from error
        if not parsed[-1].key_or_group:
            raise ConfigError(f"{text!r} names no setting. {_GRAMMAR}")
    return parsed


def _reason(error: BaseException) -> str:
    lines = str(error).splitlines()
    if error.__cause__ is not None:
        lines += str(error.__cause__).splitlines()
    text = "\n".join(line for line in lines if line.strip() and not line.strip().startswith(_NOISE))
    if found := re.match(r"Error merging override (.+)\n(.*)", text):
        return f"{found[1]}: {needed_type(found[2]) or found[2].rstrip('.')}."
    if found := re.match(r"Could not override '(.+)'\.\nKey .* not in", text):
        return f"{found[1]} is not a setting."
    if found := re.match(r"In '.+': Could not find '(.+)/(.+)'", text):
        return f"{found[1]}={found[2]} is unknown."
    return text


def _hint(folder: Path, verb: str, overrides: list[Override]) -> str:
    hints = []
    for override in overrides:
        group = folder / override.key_or_group
        if group.is_dir():
            known = options(override.key_or_group)
            wrong = str(override.value()) if str(override.value()) not in known else ""
            hints += _did_you_mean(wrong, known, f"{override.key_or_group}=")
            if wrong and not hints:
                hints.append(f"Choose one of: {', '.join(known)}.")
        else:
            known = _known_keys(folder, verb, overrides)
            key = override.key_or_group
            chosen, dot, _ = key.partition(".")
            if dot and (folder / chosen).is_dir() and not any(name.startswith(f"{chosen}.") for name in known):
                hints.append(f"Choose {chosen} first, {chosen}=...: one of {', '.join(options(chosen))}.")
            else:
                hints += _did_you_mean(key if key not in known else "", known, "")
    return "".join(f"\n{hint}" for hint in hints)


def _did_you_mean(wrong: str, known: list[str], prefix: str) -> list[str]:
    near = get_close_matches(wrong, known, n=1, cutoff=0.5) if wrong else []
    return [f"Did you mean {prefix}{match}?" for match in near]


def _known_keys(folder: Path, verb: str, overrides: list[Override]) -> list[str]:
    """Return all keys and groups; those of the options that the user chose, if these can be composed."""
    groups = [override.input_line or "" for override in overrides if (folder / override.key_or_group).is_dir()]
    try:
        with initialize_config_dir(str(folder), version_base="1.3"):
            config = compose(verb, groups)
    except _HYDRAS_ERRORS:
        with initialize_config_dir(str(folder), version_base="1.3"):
            config = compose(verb)
    names = [path.name for path in folder.iterdir() if path.is_dir()]
    return names + list(_dotted_keys(OmegaConf.to_container(config), ""))


def _dotted_keys(value: Any, prefix: str) -> Iterator[str]:  # noqa: ANN401 - a tree of plain values
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return
    for key, child in value.items():
        yield f"{prefix}{key}"
        yield from _dotted_keys(child, f"{prefix}{key}.")
