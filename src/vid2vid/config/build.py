"""Turning plain mappings (YAML, checkpoints, notebooks) into the typed settings of each part."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from difflib import get_close_matches
from typing import Any, TypeVar, cast, get_type_hints

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from vid2vid.errors import ConfigError

Settings = TypeVar("Settings")


def build(cls: type[Settings], given: Settings | Mapping[str, Any] | None, key: str) -> Settings:
    """Return ``given`` as an instance of the settings dataclass ``cls``.

    Args:
        cls: The dataclass; its types and defaults are the schema.
        given: An instance (returned as it is), a mapping with some of its fields, or None for the defaults.
        key: Where the mapping stands in the configuration, for messages.

    Raises:
        ConfigError: An unknown field (the nearest known one is named), a value of the wrong type, a field without a
            default that is not given, or something else than a mapping.
    """
    if isinstance(given, cls):
        return given
    mapping = {} if given is None else given
    if not isinstance(mapping, Mapping):
        raise ConfigError(f"{key} must be a mapping of settings, but is {mapping!r}.")
    _check_names(cls, mapping, key)
    try:
        return cast("Settings", OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(cls), dict(mapping))))
    except OmegaConfBaseException as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{key}.{error.full_key or ''}: {reason}") from error


def _check_names(cls: type, given: Mapping[str, Any], key: str) -> None:
    """Refuse fields that ``cls``, or a dataclass inside it, does not have."""
    known = get_type_hints(cls)
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f" Did you mean {key}.{near[0]}?" if near else f" Known: {', '.join(known)}."
            raise ConfigError(f"{key}.{name} is not a setting.{hint}")
        if is_dataclass(known[name]) and isinstance(value, Mapping):
            _check_names(known[name], value, f"{key}.{name}")
