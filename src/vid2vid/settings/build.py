"""Turning plain mappings (YAML, checkpoints, notebooks) into the typed settings of each part."""

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, TypeVar, cast

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
        ConfigError: An unknown field (the nearest known one is named) or a value of the wrong type.
    """
    if given is None:
        return cls()
    if isinstance(given, cls):
        return given
    mapping = dict(cast("Mapping[str, Any]", given))
    known = [f.name for f in fields(cast("Any", cls))]
    for name in mapping:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f" Did you mean {key}.{near[0]}?" if near else f" Known: {', '.join(known)}."
            raise ConfigError(f"{key}.{name} is not a setting.{hint}")
    try:
        return cast("Settings", OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(cls), mapping)))
    except OmegaConfBaseException as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"{key}.{error.full_key or ''}: {reason}") from error
