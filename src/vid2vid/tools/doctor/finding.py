"""Findings of the doctor, and the collection that checks add them to."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from vid2vid.errors import Vid2VidError, file_at_fault

Subject = TypeVar("Subject")

SEVERITIES = ("error", "warning", "note")
"""An error stops a training or spoils what it learns; a warning is doubtful; a note is good to know."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or doubtful.

    Attributes:
        severity: One of `SEVERITIES`.
        where: File and frame, or what else it is about.
        what: What was found, in a sentence.
        advice: What to do, in a sentence; empty where ``what`` says it already.
        check: Name of the check that found it.
    """

    severity: str
    where: str
    what: str
    advice: str = ""
    check: str = ""


error = partial(Finding, "error")
warning = partial(Finding, "warning")
note = partial(Finding, "note")


def place(path: Path, frame: int | None = None) -> str:
    """Name a file, relative to the current folder if it lies in it, and a frame of it."""
    here = Path.cwd()
    name = str(path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path)
    return name if frame is None else f"{name}, frame {frame}"


def of_failure(failure: Vid2VidError, where: str, paths: Iterable[Path] = ()) -> Finding:
    """Return the finding that something could not be done; ``where`` if the error is about none of ``paths``."""
    path, what = file_at_fault(failure, paths)
    return error(place(path) if path else where, what)


def count(number: int, thing: str) -> str:
    """Return a number with what it counts, in the singular or plural."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


class Findings:
    """Collects findings, each once. An error that stops one check becomes a finding; the other checks still run."""

    def __init__(self) -> None:
        # two checks may find the same
        self._found: dict[tuple[str, str, str], Finding] = {}

    @property
    def all(self) -> list[Finding]:
        """All findings in the order in which they were added."""
        return list(self._found.values())

    def run(
        self, check: Callable[[Subject], Iterable[Finding]], subject: Subject, where: str, paths: Iterable[Path] = ()
    ) -> None:
        """Add what a check finds in its subject; ``where`` and ``paths`` name what it is about if it fails."""
        name = getattr(check, "__name__", str(check))
        with self.guard(where, name, paths):
            for finding in check(subject):
                self.add(finding, name)

    @contextmanager
    def guard(self, where: str, check: str, paths: Iterable[Path] = ()) -> Iterator[None]:
        """Turn an error that the user can correct into a finding (see `of_failure`)."""
        try:
            yield
        except Vid2VidError as failure:
            self.add(of_failure(failure, where, paths), check)

    def add(self, finding: Finding, check: str) -> None:
        """Add a finding of a check, unless it is there already."""
        self._found.setdefault((finding.severity, finding.where, finding.what), replace(finding, check=check))
