"""Tables on the terminal, of rows with a name and a text."""

import json
import textwrap
from collections.abc import Mapping

_WIDTH = 120


def rows_text(rows: Mapping[str, str]) -> str:
    """Return rows as text in two columns; control characters, which a terminal would obey, become ``?``."""
    plain = {_printable(name): _printable(text) for name, text in rows.items()}
    margin = max(map(len, plain), default=0) + 2
    lines = []
    for name, text in plain.items():
        first, *others = textwrap.wrap(text, max(_WIDTH - margin, 20), break_on_hyphens=False) or [""]
        lines += [f"{name:<{margin}}{first}", *(" " * margin + line for line in others)]
    return "\n".join(line.rstrip() for line in lines)


def print_rows(rows: Mapping[str, str], as_json: bool) -> None:
    """Print rows as a table, or as JSON."""
    print(json.dumps(dict(rows), indent=1) if as_json else rows_text(rows))  # noqa: T201


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
