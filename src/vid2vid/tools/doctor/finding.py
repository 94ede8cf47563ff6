"""What the doctor finds, and where findings are collected."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from vid2vid.errors import Vid2VidError

Subject = TypeVar("Subject")

SEVERITIES = ("error", "warning", "note")
"""An error stops a training or spoils what it learns; a warning is doubtful; a note is good to know."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or doubtful.

    Attributes:
        severity: One of `SEVERITIES`.
        where: File and frame, or what else it is about.
        what: What is so, in a sentence.
        advice: What to do, in a sentence; empty where ``what`` says it already.
        check: Name of the check that found it.
    """

    severity: str
    where: str
    what: str
    advice: str = ""
    check: str = ""


def error(where: str, what: str, advice: str = "") -> Finding:
    """Return a finding that stops a training or spoils what it learns."""
    return Finding("error", where, what, advice)


def warning(where: str, what: str, advice: str = "") -> Finding:
    """Return a finding that is doubtful."""
    return Finding("warning", where, what, advice)


def note(where: str, what: str, advice: str = "") -> Finding:
    """Return a finding that is good to know."""
    return Finding("note", where, what, advice)


def place(path: Path, frame: int | None = None) -> str:
    """Name a file, from the current folder if it lies in it, and a frame of it."""
    here = Path.cwd()
    name = str(path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path)
    return name if frame is None else f"{name}, frame {frame}"


def of_failure(failure: Vid2VidError, where: str) -> Finding:
    """Return the finding that something could not be done; ``where`` if it is not about a file."""
    return error(*place_and_rest(str(failure), where))


def place_and_rest(message: str, where: str) -> tuple[str, str]:
    """Take a message apart: ours begin with the file that they are about, those about none are about ``where``."""
    path, colon, rest = message.partition(": ")
    return (place(Path(path)), rest) if colon and Path(path).is_absolute() else (where, message)


def count(number: int, thing: str) -> str:
    """Return a number with what it counts, one or several."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


class Ledger:
    """Collects findings, each once; what a check cannot do becomes a finding, too, and hides no other."""

    def __init__(self) -> None:
        # two checks may stumble over the same
        self._found: dict[tuple[str, str, str], Finding] = {}

    @property
    def findings(self) -> list[Finding]:
        """In the order in which they came."""
        return list(self._found.values())

    def run(self, check: Callable[[Subject], Iterable[Finding]], subject: Subject, where: str) -> None:
        """Run a check on its subject; ``where`` is named if it fails."""
        name = getattr(check, "__name__", str(check))
        with self.guard(where, name):
            for finding in check(subject):
                self.add(finding, name)

    @contextmanager
    def guard(self, where: str, check: str) -> Iterator[None]:
        """Turn an error that the user can mend into a finding."""
        try:
            yield
        except Vid2VidError as failure:
            self.add(of_failure(failure, where), check)

    def add(self, finding: Finding, check: str) -> None:
        """Keep a finding of a check, unless it is known."""
        self._found.setdefault((finding.severity, finding.where, finding.what), replace(finding, check=check))
