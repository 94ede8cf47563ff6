"""`Edit`: a change of the label maps of a video, and the line or mapping that describes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from vid2vid.errors import ConfigError, choose

ALL = "*"
"""Stands for any label."""

_GRAMMAR = re.compile(
    r"(?:remove\s+(?P<gone>.+?)|(?P<what>.+?)\s*->\s*(?P<into>.+?))"
    r"(?:\s+in\s+(?P<region>\d+\s*,\s*\d+\s*,\s*\d+\s*,\s*\d+))?"
    r"(?:\s+from\s+(?P<first>\d+))?(?:\s+to\s+(?P<last>\d+))?"
)


@dataclass(frozen=True)
class Edit:
    """One change of the label maps of a video.

    Attributes:
        what: The label to change, by name or id; ``*``: any.
        into: The label that it becomes, by name or id; empty: it is removed and filled from its surroundings.
        region: ``(top, left, bottom, right)``, the pixels of the synthesised frames that may change; bottom and right
            are exclusive. Empty: the whole frame.
        first: First frame that is changed, counted from 0.
        last: Last frame that is changed; None: to the end.
    """

    what: str
    into: str = ""
    region: tuple[int, ...] = ()
    first: int = 0
    last: int | None = None

    def __post_init__(self) -> None:
        """Check the edit.

        Raises:
            ConfigError: No label is named, all labels are to be removed, or the region or the frames are empty.
        """
        if not self.what:
            raise ConfigError("edit: name the label that is changed, or * for any.")
        if self.what == ALL and not self.into:
            raise ConfigError("edit: * cannot be removed, only become another label: *->road in 10,20,60,50")
        sides = self.region
        if sides and (len(sides) != 4 or min(sides) < 0 or sides[0] >= sides[2] or sides[1] >= sides[3]):
            raise ConfigError(f"edit: the region must be top,left,bottom,right, but is {list(sides)}.")
        if self.first < 0 or (self.last is not None and self.last < self.first):
            raise ConfigError(
                f"edit: there are no frames from {self.first} to {self.last}; the first must be at least 0 and the "
                "last not before it."
            )

    def __str__(self) -> str:
        """Return the line that `parse` reads."""
        what = f"{self.what}->{self.into}" if self.into else f"remove {self.what}"
        region = f" in {','.join(map(str, self.region))}" if self.region else ""
        first = f" from {self.first}" if self.first else ""
        return what + region + first + ("" if self.last is None else f" to {self.last}")

    def concerns(self, frame: int) -> bool:
        """Whether a frame, counted from 0, is changed."""
        return self.first <= frame and (self.last is None or frame <= self.last)

    @classmethod
    def parse(cls, text: str) -> "Edit":
        """Read a line such as ``building->vegetation`` or ``remove car in 10,20,60,50 from 12 to 40``.

        Raises:
            ConfigError: The text is not an edit.
        """
        found = _GRAMMAR.fullmatch(text.strip())
        if found is None:
            raise ConfigError(
                f"edit={text!r} is not an edit. Write 'LABEL->LABEL' or 'remove LABEL', optionally followed by 'in "
                "TOP,LEFT,BOTTOM,RIGHT', 'from FRAME', 'to FRAME', e.g. 'remove car in 10,20,60,50 from 12 to 40'."
            )
        region = tuple(int(side) for side in (found["region"] or "").split(",") if side)
        last = None if found["last"] is None else int(found["last"])
        return cls(found["gone"] or found["what"], found["into"] or "", region, int(found["first"] or 0), last)


def read_edits(given: object) -> list[Edit]:
    """Read edits from settings: a line (`Edit.parse`), the attributes of an `Edit`, or a list of either.

    Raises:
        ConfigError: An edit cannot be read; the message names it.
    """
    if isinstance(given, list | tuple):
        return [edit for one in given for edit in read_edits(one)]
    if isinstance(given, str):
        return [Edit.parse(given)] if given else []
    if not isinstance(given, Mapping):
        raise ConfigError(f"edit={given!r} is not an edit: give a text, {{what: car, into: road}}, or a list of them.")
    known = [field.name for field in fields(Edit)]
    values: dict[str, Any] = {choose(str(key), known, "edit: key"): value for key, value in given.items()}
    values.update({name: str(values.get(name, "")) for name in ("what", "into")})
    try:
        values["region"] = tuple(int(side) for side in values.get("region", ()))
        values.update({name: int(values[name]) for name in ("first", "last") if values.get(name) is not None})
    except (TypeError, ValueError) as error:
        raise ConfigError(f"edit={dict(given)}: region and frames must be whole numbers ({error}).") from error
    return [Edit(**values)]
