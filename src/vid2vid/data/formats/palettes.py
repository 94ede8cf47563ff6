"""Palettes: the ids, names and colours of labels."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vid2vid.errors import DataError, why
from vid2vid.files import parse_json


@dataclass(frozen=True)
class Label:
    """A class of label maps.

    Attributes:
        id: Its value in the maps, 0..255.
        name: Its name.
        colour: Red, green and blue, 0..255, of drawings of the maps.
    """

    id: int
    name: str
    colour: tuple[int, int, int]


BUILT_IN = {name: Path(__file__).with_name(f"{name}.csv") for name in ("cityscapes", "ade20k")}
"""The files of the built-in palettes.

``cityscapes``: the labels of Cityscapes (Cordts et al. 2016); license plates, -1 in the data set, are 255, which is -1
in 8 bits. ``ade20k``: the 150 labels of ADE20K's scene parsing (Zhou et al. 2017), in the colours of its drawings; 0 is
unlabeled. Neither has pairs of labels for the left and the right of something.
"""
_KEYS = ("id", "name", "r", "g", "b")


def read_palette(palette: str) -> list[Label]:
    """Read a palette.

    Args:
        palette: ``cityscapes``, ``ade20k``, or a file: ``.csv`` with the columns ``id,name,r,g,b``, named in its first
            line, or ``.json`` with a list of objects with these keys.

    Raises:
        DataError: The file is missing or not a palette, lists an id twice, or has a number outside 0..255; the message
            names the entry.
    """
    path = BUILT_IN.get(palette) or Path(palette).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        known = ", ".join(BUILT_IN)
        raise DataError(f"data.palette={palette}: cannot be read: {error}. Built-in palettes: {known}.") from error
    labels = [_label(row, i, path) for i, row in enumerate(_rows(text, path), 1)]
    ids = [label.id for label in labels]
    twice = [str(i) for i in sorted(set(ids)) if ids.count(i) > 1]
    if twice or not labels:
        raise DataError(f"{path}: {'lists ids twice: ' + ', '.join(twice) if twice else 'lists no labels'}.")
    return labels


def first_of_each_colour(labels: Iterable[Label]) -> list[Label]:
    """Return the first label of each colour, since colour-coded maps cannot tell the others from it."""
    first: dict[tuple[int, int, int], Label] = {}
    for label in labels:
        first.setdefault(label.colour, label)
    return list(first.values())


def _rows(text: str, path: Path) -> list[Mapping[str, Any]]:
    if path.suffix.lower() != ".json":
        try:
            rows: list[Mapping[str, Any]] = list(csv.DictReader(io.StringIO(text), skipinitialspace=True))
        except csv.Error as error:
            raise DataError(f"{path}: cannot be read as CSV: {why(error)}.") from error
        return rows
    try:
        found = parse_json(text)
    except ValueError as error:
        raise DataError(f"{path}: not JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise DataError(f"{path}: must be a list of objects with the keys {', '.join(_KEYS)}.")
    return found


def _label(row: Mapping[str, Any], number: int, path: Path) -> Label:
    try:
        # values are strings in CSV, and any type in JSON, where 1.0 and true are not valid
        numbers = [int(row[key]) for key in _KEYS if key != "name" and not isinstance(row[key], float | bool)]
        identity, red, green, blue = (n for n in numbers if 0 <= n <= 255)
        return Label(identity, str(row["name"]).strip(), (red, green, blue))
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}: entry {number} must have id, name, r, g and b, all but the name in 0..255, but is "
            f"{str(dict(row))[:200]}."
        ) from error
