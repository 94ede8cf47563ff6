"""The votes of viewers: the CSV files that the page saves, checked against the key."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vid2vid.errors import DataError
from vid2vid.tools.user_study.study_key import StudyKey

COLUMNS = ("pair", "left", "right", "choice", "seconds", "viewer")
"""The first row of a file of votes."""

SIDES = ("left", "right")


@dataclass(frozen=True)
class Vote:
    """One choice of one viewer.

    Attributes:
        pair: Number of the pair.
        viewer: Who chose.
        preferred: The model that was chosen.
        rejected: The other one.
        side: Where the chosen one was shown, ``left`` or ``right``.
        seconds: How long it took from the moment when both videos could be seen.
        check: Whether the pair was an attention check (`Match.check`).
        place: File and row, for messages.
    """

    pair: str
    viewer: str
    preferred: str
    rejected: str
    side: str
    seconds: float
    place: str
    check: bool = False


def read_votes(paths: list[Path], key: StudyKey) -> list[Vote]:
    """Read files of votes.

    Args:
        paths: CSV files as the page writes them.
        key: The key of the study.

    Raises:
        DataError: A file cannot be read or holds no vote, a row is malformed or names other videos than the key,
            or a viewer has voted on a pair twice; the message names file and row.
    """
    votes: list[Vote] = []
    cast: dict[tuple[str, str], Vote] = {}
    for path in paths:
        for vote in _read(path, key):
            earlier = cast.setdefault((vote.viewer, vote.pair), vote)
            if earlier is not vote:
                raise DataError(
                    f"{vote.place}: {vote.viewer!r} has voted on pair {vote.pair} already ({earlier.place}). Remove "
                    "the file if it was given twice, or rename the viewer if these are two people."
                )
            votes.append(vote)
    return votes


def _read(path: Path, key: StudyKey) -> Iterator[Vote]:
    found = 0
    try:
        # a spreadsheet that has saved the file may have put a mark in front
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            if tuple(next(rows, ())) != COLUMNS:
                raise DataError(f"{path}, row 1: must be {','.join(COLUMNS)}; use the file as the page has written it.")
            for row in rows:
                found += 1
                yield _vote(row, f"{path}, row {rows.line_num}", key)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as CSV, row {found + 2} or before: {error}.") from error
    if not found:
        raise DataError(f"{path}: holds no vote; leave it out.")


def _vote(row: list[str], place: str, key: StudyKey) -> Vote:
    if len(row) != len(COLUMNS):
        raise DataError(f"{place}: has {len(row)} values, but must have {len(COLUMNS)}: {', '.join(COLUMNS)}.")
    pair, left, right, choice, seconds, viewer = row
    match = key.matches.get(pair)
    if match is None or {left, right} != set(match.models):
        raise DataError(
            f"{place}: the key has no pair {pair!r} of {left} and {right}; these votes belong to another comparison."
        )
    if choice not in SIDES:
        raise DataError(f"{place}: choice must be left or right, but is {choice!r}.")
    if not viewer.strip():
        raise DataError(f"{place}: viewer is empty; put a name or initials there.")
    try:
        time = float(seconds)
    except ValueError:
        time = math.nan
    if not 0 <= time < math.inf:
        raise DataError(f"{place}: seconds must be a number of at least 0, but is {seconds!r}.")
    chosen, other = (left, right) if choice == "left" else (right, left)
    return Vote(pair, viewer.strip(), match.models[chosen], match.models[other], choice, time, place, match.check)
