"""Palettes: the ids of labels with their names and colours."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vid2vid.errors import DataError


@dataclass(frozen=True)
class Label:
    """A class of label maps.

    Attributes:
        id: Its value in the maps, 0..255.
        name: Its name.
        colour: Red, green and blue, 0..255, of drawings of the maps.
        thing: Whether it is objects that can be counted (cars, people), rather than stuff (road, sky).
    """

    id: int
    name: str
    colour: tuple[int, int, int]
    thing: bool = False


CITYSCAPES = (
    Label(0, "unlabeled", (0, 0, 0)),
    Label(1, "ego vehicle", (0, 0, 0)),
    Label(2, "rectification border", (0, 0, 0)),
    Label(3, "out of roi", (0, 0, 0)),
    Label(4, "static", (0, 0, 0)),
    Label(5, "dynamic", (111, 74, 0)),
    Label(6, "ground", (81, 0, 81)),
    Label(7, "road", (128, 64, 128)),
    Label(8, "sidewalk", (244, 35, 232)),
    Label(9, "parking", (250, 170, 160)),
    Label(10, "rail track", (230, 150, 140)),
    Label(11, "building", (70, 70, 70)),
    Label(12, "wall", (102, 102, 156)),
    Label(13, "fence", (190, 153, 153)),
    Label(14, "guard rail", (180, 165, 180)),
    Label(15, "bridge", (150, 100, 100)),
    Label(16, "tunnel", (150, 120, 90)),
    Label(17, "pole", (153, 153, 153)),
    Label(18, "polegroup", (153, 153, 153)),
    Label(19, "traffic light", (250, 170, 30)),
    Label(20, "traffic sign", (220, 220, 0)),
    Label(21, "vegetation", (107, 142, 35)),
    Label(22, "terrain", (152, 251, 152)),
    Label(23, "sky", (70, 130, 180)),
    Label(24, "person", (220, 20, 60), thing=True),
    Label(25, "rider", (255, 0, 0), thing=True),
    Label(26, "car", (0, 0, 142), thing=True),
    Label(27, "truck", (0, 0, 70), thing=True),
    Label(28, "bus", (0, 60, 100), thing=True),
    Label(29, "caravan", (0, 0, 90), thing=True),
    Label(30, "trailer", (0, 0, 110), thing=True),
    Label(31, "train", (0, 80, 100), thing=True),
    Label(32, "motorcycle", (0, 0, 230), thing=True),
    Label(33, "bicycle", (119, 11, 32), thing=True),
    # -1 in the data set's own table, which 8 bits hold as 255
    Label(255, "license plate", (0, 0, 142)),
)
"""The labels of Cityscapes (Cordts et al. 2016). No two of them are the left and the right of something."""

ADE20K = Path(__file__).with_name("ade20k.csv")
"""The 150 labels of ADE20K's scene parsing (Zhou et al. 2017) in the colours of its drawings; 0 is unlabeled."""

BUILT_IN = ("cityscapes", "ade20k")
_KEYS = ("id", "name", "r", "g", "b")


def read_palette(palette: str) -> list[Label]:
    """Read a palette.

    Args:
        palette: ``cityscapes``, ``ade20k``, or a file: ``.csv`` with the columns ``id,name,r,g,b``, named
            in its first line, or ``.json`` with a list of objects that have these keys.

    Raises:
        DataError: The file is missing, is no such file, lists an id twice or a number outside 0..255; the message
            names the entry.
    """
    if palette == "cityscapes":
        return list(CITYSCAPES)
    path = ADE20K if palette == "ade20k" else Path(palette).expanduser()
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
    """Return the first label of each colour: maps of colours cannot tell the others apart."""
    first: dict[tuple[int, int, int], Label] = {}
    for label in labels:
        first.setdefault(label.colour, label)
    return list(first.values())


def _rows(text: str, path: Path) -> list[Mapping[str, Any]]:
    if path.suffix.lower() != ".json":
        rows: list[Mapping[str, Any]] = list(csv.DictReader(io.StringIO(text), skipinitialspace=True))
        return rows
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}: not JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise DataError(f"{path}: must be a list of objects with the keys {', '.join(_KEYS)}.")
    return found


def _label(row: Mapping[str, Any], number: int, path: Path) -> Label:
    try:
        identity, red, green, blue = (_octet(row[key]) for key in ("id", "r", "g", "b"))
        return Label(identity, str(row["name"]).strip(), (red, green, blue))
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}: entry {number} must have id, name, r, g and b, all but the name in 0..255, but is {dict(row)}."
        ) from error


def _octet(value: Any) -> int:  # noqa: ANN401 - text of a CSV file, or whatever JSON holds
    number = int(value)
    if isinstance(value, float | bool) or not 0 <= number <= 255:
        raise ValueError(value)
    return number
