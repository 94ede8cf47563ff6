"""The base of all dataclasses of settings: what their fields allow, and how mappings become settings."""

import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast, get_args, get_type_hints

from omegaconf import MISSING, DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from vid2vid.errors import ConfigError, choose

T = TypeVar("T")

LARGEST_SIDE = 16384
"""Pixels of the longest side of frames that H.264 can hold."""


@dataclass(frozen=True)
class Allowed:
    """The values that a setting may have; of a list each of its elements.

    Attributes:
        choices: The names to choose from, or a function that returns them; empty: any.
        ge: The least number.
        gt: All numbers are above this.
        le: The greatest number.
        lt: All numbers are below this.
        distinct: Whether no two elements of a list may be equal.
    """

    choices: Iterable[str] | Callable[[], Iterable[str]] = ()
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    distinct: bool = False

    def __str__(self) -> str:
        """Return the bounds in words, or the choices."""
        bounds = {"at least": self.ge, "above": self.gt, "at most": self.le, "below": self.lt}
        words = [f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None]
        return ", ".join(self.names) or " and ".join(words)

    @property
    def names(self) -> tuple[str, ...]:
        """The names to choose from; none if any value may be given."""
        return tuple(self.choices() if callable(self.choices) else self.choices)

    def check(self, value: object, key: str) -> None:
        """Refuse a value that is not allowed.

        Raises:
            ConfigError: It is no choice, not finite, out of bounds or given twice; the message names ``key`` and what
                is allowed.
        """
        if isinstance(value, Sequence) and not isinstance(value, str):
            if self.distinct and len(set(value)) < len(value):
                raise ConfigError(f"{key} must be different numbers, but is {list(value)}.")
            for element in value:
                self.check(element, key)
        elif self.choices:
            choose(str(value), self.names, key)
        elif isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{key} must be a finite number, but is {value}.")
        elif isinstance(value, int | float) and not self._contains(value):
            raise ConfigError(f"{key} must be {self}, but is {value}.")

    def _contains(self, value: float) -> bool:
        return (
            (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.le is None or value <= self.le)
            and (self.lt is None or value < self.lt)
        )


def setting(
    default: T, choices: Iterable[str] | Callable[[], Iterable[str]] = (), distinct: bool = False, **bounds: float
) -> T:
    """Declare a field of `Settings`: its default and the values that it may have.

    Args:
        default: The default; each instance gets a copy of a list.
        choices: See `Allowed`.
        distinct: See `Allowed`.
        bounds: ``ge``, ``gt``, ``le`` and ``lt`` of `Allowed`.
    """
    metadata = {"allowed": Allowed(choices, distinct=distinct, **bounds)}
    if isinstance(default, list):
        return cast("T", field(default_factory=lambda: list(default), metadata=metadata))
    return field(default=default, metadata=metadata)


@dataclass
class Settings:
    """Base of the dataclasses of settings: an instance is refused if a field has a value that is not allowed.

    Attributes:
        key: Where the settings stand in the configuration of the command line, for messages.
    """

    key: ClassVar[str] = ""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, by itself or beside the others.
        """
        prefix = f"{self.key}." if self.key else ""
        for f in fields(self):
            allowed_values(f.metadata).check(getattr(self, f.name), f"{prefix}{f.name}")

    def files_read(self) -> list[object]:
        """Return the values of the settings that are paths, but of ``output``: no output may be one of these files."""
        hints = get_type_hints(type(self))
        names = [f.name for f in fields(self) if Path in (hints[f.name], *get_args(hints[f.name]))]
        return [getattr(self, name) for name in names if name != "output" and getattr(self, name) != MISSING]


def allowed_values(metadata: Mapping[str, Any]) -> Allowed:
    """Return the values that a field may have, from its metadata."""
    return cast("Allowed", metadata.get("allowed", Allowed()))


def explanations(cls: type) -> dict[str, str]:
    """Return what the docstrings of a dataclass and its bases say of each field, from their ``Attributes:``."""
    found: dict[str, str] = {}
    for base in cls.__mro__:
        _, _, section = inspect.cleandoc(base.__doc__ or "").partition("Attributes:\n")
        for name, text in re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section, re.MULTILINE):
            found.setdefault(name, " ".join(text.split()))
    return {f.name: found[f.name] for f in fields(cls) if f.name in found}


def narrow(cls: type[T], settings: T) -> T:
    """Return the fields that ``settings``, an instance of a subclass, has of ``cls``."""
    return cls(**{f.name: getattr(settings, f.name) for f in fields(cast("Any", cls))})


def build(cls: type[T], given: T | Mapping[str, Any] | None, key: str) -> T:
    """Return ``given`` as an instance of the settings dataclass ``cls``.

    Args:
        cls: The dataclass; its types and defaults are the schema.
        given: An instance (returned as it is), a mapping with some of its fields, or None for the defaults.
        key: Where the mapping stands in the configuration, for messages; empty: it is the whole configuration.

    Raises:
        ConfigError: An unknown field (the nearest known one is named), a value of the wrong type, a field without a
            default that is not given, or something else than a mapping.
    """
    if isinstance(given, cls):
        return given
    mapping = {} if given is None else given
    if not isinstance(mapping, Mapping):
        raise ConfigError(f"{key} must be a mapping of settings, but is {mapping!r}.")
    prefix = f"{key}." if key else ""
    _check_names(cls, mapping, prefix)
    try:
        config = OmegaConf.merge(_schema(cast("Any", cls)), dict(mapping))
        read_empty(config, _empty(mapping))
        return cast("T", OmegaConf.to_object(config))
    except OmegaConfBaseException as error:
        reason = str(error).splitlines()[0]
        needed = needed_type(reason)
        told = f"{needed} ({reason})" if needed else reason
        raise ConfigError(f"{prefix}{error.full_key or ''}".rstrip(".") + f": {told}") from error


_NEEDED = {
    "could not be converted to Integer": "must be a whole number",
    "could not be converted to Float": "must be a number",
    "is not a valid bool": "must be true or false",
    "is not a ListConfig, list or tuple": "must be a list, as in [1,2]",
    "to string:": "must be a single value, not a list or mapping",
    "Could not create instance": "has a value of a wrong type",
}


def needed_type(reason: str) -> str:
    """Return what value a setting needs, in plain words, of a message of OmegaConf; empty: it is about something else.

    Examples:
        >>> needed_type("Value 'abc' of type 'str' could not be converted to Integer")
        'must be a whole number'
    """
    return next((needed for part, needed in _NEEDED.items() if part in reason), "")


@cache
def _schema(cls: type) -> DictConfig:
    """Return the types and defaults of a dataclass of settings; merging copies it."""
    return cast("DictConfig", OmegaConf.structured(cls))


def read_empty(config: DictConfig | ListConfig, keys: Iterable[str]) -> None:
    """Let paths that were given empty be none, as `Path` reads them as ``.``, and what must be given be missing.

    Args:
        config: A configuration with the types of dataclasses of settings; it is changed.
        keys: What was given empty, of any type: ``data.path``.
    """
    for key in keys:
        above, _, name = key.rpartition(".")
        cls = OmegaConf.get_type(OmegaConf.select(config, above) if above else config)
        defaults = {f.name: f.default for f in fields(cls)} if is_dataclass(cls) else {}
        if defaults.get(name) == MISSING:
            OmegaConf.update(config, key, MISSING)
        elif isinstance(OmegaConf.select(config, key), Path):
            OmegaConf.update(config, key, None)


def _empty(given: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the keys whose value is an empty text."""
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from _empty(value, f"{prefix}{name}.")
        elif value == "":
            yield f"{prefix}{name}"


def _check_names(cls: type, given: Mapping[str, Any], prefix: str) -> None:
    """Refuse fields that ``cls``, or a dataclass inside it, does not have."""
    known = {name: hint for name, hint in get_type_hints(cls).items() if name in {f.name for f in fields(cls)}}
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f" Did you mean {prefix}{near[0]}?" if near else f" Known: {', '.join(known)}."
            raise ConfigError(f"{prefix}{name} is not a setting.{hint}")
        if is_dataclass(known[name]) and isinstance(value, Mapping):
            _check_names(cast("type", known[name]), value, f"{prefix}{name}.")
