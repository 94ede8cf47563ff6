"""``vid2vid VERB --help``: the groups and settings of a verb, with values, types, allowed values and explanations."""

import re
import shutil
import textwrap
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from omegaconf import DictConfig, OmegaConf

from vid2vid.cli.composition import compose_verb, conf_dir, options
from vid2vid.config.commands import COMMANDS
from vid2vid.config.measures import help_lines
from vid2vid.config.settings import allowed_values, explanations
from vid2vid.errors import ConfigError

_WIDTH = 100
"""Columns of the text at most."""


def help_text(verb: str, arguments: list[str]) -> str:
    """Return the help of a verb.

    Args:
        verb: One of `COMMANDS`.
        arguments: Those of the command line: overrides, whose values are then shown, and keys of settings or groups,
            without ``=``, of which alone the help is wanted.

    Raises:
        ConfigError: An override is wrong, or there is no such setting.
    """
    config, choices = compose_verb(conf_dir(), verb, [argument for argument in arguments if "=" in argument])
    settings = dict(describe(COMMANDS[verb], config))
    wanted = [argument for argument in arguments if "=" not in argument and not argument.startswith("-")]
    for key in wanted:
        if key not in settings and key not in choices:
            near = get_close_matches(key, [*settings, *choices], n=1)
            hint = f" Did you mean {near[0]}?" if near else f" vid2vid {verb} --help lists all."
            raise ConfigError(f"--help: {key} is neither a setting nor a group of vid2vid {verb}.{hint}")
    if wanted:
        groups = [_option_list(group, choice) for group, choice in choices.items() if group in wanted]
        found = [text for key, text in settings.items() if any(f"{key}.".startswith(f"{part}.") for part in wanted)]
        return "\n".join([*groups, *found]).strip()
    title, _, more = (COMMANDS[verb].__doc__ or "").partition("Attributes:")[0].partition("\n")
    return "\n".join(
        [
            f"vid2vid {verb}: {title}",
            *([wrap(more)] if more.strip() else []),
            f"\nusage: vid2vid {verb} [key=value ...]",
            f"       vid2vid {verb} [key=value ...] --help [KEY ...]",
            *(["\nGroups of settings, chosen as group=option; in brackets what is chosen now:"] if choices else []),
            *(f"{group} [{choice or ''}]\n{wrap(', '.join(options(group)))}" for group, choice in choices.items()),
            "\nSettings, overridden as key=value; ??? must be given:",
            # what must be given comes first; the sort keeps the order otherwise
            *sorted(settings.values(), key=lambda text: not re.match(r"\w+=\?\?\?", text)),
            *(["\nMeasures; an arrow tells which way is better:", *help_lines()] if verb == "evaluate" else []),
        ]
    )


def describe(cls: type, config: DictConfig | None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the key of each setting of a dataclass, and of the dataclasses in it, with the text of the help.

    Args:
        cls: The dataclass.
        config: The composed values; None: the defaults.
        prefix: What stands before the keys.
    """
    explained, hints = explanations(cls), get_type_hints(cls)
    for f in fields(cls):
        key, hint, explanation = f"{prefix}{f.name}", hints[f.name], explained.get(f.name, "")
        value = f.default
        if config is not None:
            value = "???" if OmegaConf.is_missing(config, f.name) else config[f.name]
        inner = OmegaConf.get_type(value) if isinstance(value, DictConfig) else hint
        if isinstance(inner, type) and is_dataclass(inner):
            yield key, f"\n{key}: {explanation or (inner.__doc__ or '').partition(chr(10))[0]}"
            yield from describe(inner, value if isinstance(value, DictConfig) else None, f"{key}.")
            continue
        kind = "; ".join(filter(None, [_type_name(hint), str(allowed_values(f.metadata))]))
        yield key, f"{key}={written(value)}{f'  ({kind})' if kind else ''}\n{wrap(explanation)}"
        for element in get_args(hint):
            if isinstance(element, type) and is_dataclass(element):
                yield from describe(element, None, f"{key}.N.")


def written(value: Any) -> str:  # noqa: ANN401 - a plain value or a node of the configuration
    """Return a value as the command line takes it."""
    if OmegaConf.is_config(value):
        value = OmegaConf.to_container(value, resolve=True)
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{written(one)}' for key, one in value.items())}}}"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def wrap(text: str) -> str:
    """Return a text indented and wrapped to the width of the terminal, without the marks of code."""
    width = min(shutil.get_terminal_size().columns, _WIDTH)
    plain = " ".join(text.replace("`", "").split())
    return textwrap.fill(plain, width, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)


def _option_list(group: str, choice: str | None) -> str:
    """Return the options of a group, each with the comment at the head of its file."""
    lines = [f"Options of the group {group}; * is chosen now:"]
    for option in options(group):
        lines.append(f"{'*' if option == choice else ' '} {group}={option}")
        text = (conf_dir() / group / f"{option}.yaml").read_text(encoding="utf-8").splitlines()
        comments = [line[2:] for line in text if line.startswith("# ") and not line.startswith("# @")]
        lines += [wrap(comments[0])] if comments else []
    return "\n".join(lines)


def _type_name(hint: Any) -> str:  # noqa: ANN401 - any type
    if get_origin(hint) is list:
        return f"list of {_type_name(get_args(hint)[0])}"
    if isinstance(hint, UnionType):
        return " or ".join(_type_name(one) for one in get_args(hint))
    return {Any: "", type(None): "null", str: "text", Path: "path"}.get(
        hint, "settings" if is_dataclass(hint) else hint.__name__
    )
