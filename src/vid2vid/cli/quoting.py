"""Values as Hydra's grammar reads them: paths and texts with special characters are quoted."""

import os
import re

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

_PLAIN = re.compile(r"[A-Za-z0-9_./:-]*")
"""Values that Hydra reads as they are."""
_HOME = re.compile("~(/|$)")


def quoted(text: str) -> str:
    """Return a text for Hydra's grammar, in quotes if it needs them."""
    if _PLAIN.fullmatch(text):
        return text
    # a backslash is special only before a quote
    escaped = re.sub(r'(\\*)("|$)', lambda found: found[1] * 2 + found[2].replace('"', '\\"'), text)
    return '"' + escaped.replace("${", "\\${") + '"'


def quote_paths(argument: str) -> str:
    """Quote the value of a setting that Hydra cannot read, or that is the path of a file with special characters.

    Lists and mappings are kept, but the paths of files in them are quoted. A path that begins with ``~/`` is expanded,
    which not every shell does after an equals sign.
    """
    key, given, value = argument.partition("=")
    if _HOME.match(value):
        value = os.path.expanduser(value)  # noqa: PTH111 - the rest of the text stays as it is
        argument = f"{key}={value}"
    if not given or key.startswith("-") or _PLAIN.fullmatch(value):
        return argument
    if os.path.lexists(value):
        return f"{key}={quoted(value)}"
    try:
        OverridesParser.create().parse_overrides([argument])
    except HydraException:
        if value[0] not in "[{\"'" and "${" not in value:
            return f"{key}={quoted(value)}"
        # the elements of a list, the values of a mapping
        elements = re.split(r"([,{}:]|^\[|\]$)", value)
        paths = [os.path.expanduser(one) if _HOME.match(one) else one for one in elements]  # noqa: PTH111
        return f"{key}={''.join(quoted(one) if one[:1] == '/' or os.path.lexists(one) else one for one in paths)}"
    return argument


def quoting_hint(key: str, value: str) -> str:
    """Return how to quote the value of a setting for the shell and for Hydra."""
    listed = value.startswith("[") and value.endswith("]")
    text = f"[{','.join(map(quoted, value[1:-1].split(',')))}]" if listed else quoted(value)
    return f"Quote a path or text with special characters twice, for the shell and inside: '{key}={text}'"
