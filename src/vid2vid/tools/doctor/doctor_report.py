"""The report of the doctor: sentences for the terminal, JSON for programs, and a verdict."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from textwrap import TextWrapper
from typing import Any

from vid2vid.files import write_text
from vid2vid.tools.doctor.finding import SEVERITIES, Finding, count

FORMAT = "vid2vid-doctor-1"
ALIKE = 3
"""Findings of one check that are shown on the terminal; the JSON holds all."""

_PARAGRAPH = TextWrapper(
    110, initial_indent="  - ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
)


@dataclass(frozen=True)
class DoctorReport:
    """All findings about a data set.

    Attributes:
        findings: The findings, in the order of the checks.
        figures: How much was examined and what was measured, as plain values.
    """

    findings: list[Finding]
    figures: dict[str, Any] = field(default_factory=dict)

    def of(self, severity: str) -> list[Finding]:
        """Return the findings of one severity."""
        return [finding for finding in self.findings if finding.severity == severity]

    @property
    def counts(self) -> dict[str, int]:
        """The number of findings of each severity."""
        return {severity: len(self.of(severity)) for severity in SEVERITIES}

    def status(self, strict: bool = False) -> int:
        """Return the exit status: 0 if a training may begin, 2 if there are errors (``strict``: or warnings)."""
        return 2 if self.of("error") or (strict and self.of("warning")) else 0

    def verdict(self, strict: bool = False) -> str:
        """Return in one line whether the data set can be trained on."""
        counts = [count(number, name) for name, number in self.counts.items() if number]
        if self.status(strict):
            serious = counts[:2] if strict else counts[:1]
            return f"This data set should not be trained on yet: {' and '.join(serious)}, named above."
        if self.of("warning"):
            return f"This data set can be trained on, but look at the {counts[0]} first."
        return "This data set can be trained on."

    def text(self, strict: bool = False) -> str:
        """Return the findings for the terminal, the most severe first, those of a check together, and the verdict."""
        lines = [line for severity in SEVERITIES for line in self._section(severity)]
        looked = self.figures.get("looked_at")
        if looked:
            lines.append(
                f"Looked at {looked['frames']} of {count(looked['frames_in_all'], 'frame')} in "
                f"{count(looked['sequences'], 'sequence')}."
            )
        return "\n".join([*lines, self.verdict(strict)])

    def save(self, path: Path, strict: bool = False) -> None:
        """Write everything as JSON."""
        content = {
            "format": FORMAT,
            "verdict": self.verdict(strict),
            "status": self.status(strict),
            "counts": self.counts,
            **self.figures,
            "findings": [asdict(finding) for finding in self.findings],
        }
        write_text(path, json.dumps(content, indent=1) + "\n")

    def _section(self, severity: str) -> Iterator[str]:
        findings = self.of(severity)
        if not findings:
            return
        yield f"{severity.upper()}S ({len(findings)})"
        for check, group in groupby(sorted(findings, key=attrgetter("check")), attrgetter("check")):
            alike = list(group)
            for finding in alike[:ALIKE]:
                text = f"{finding.where}: {finding.what}" + (f" → {finding.advice}" if finding.advice else "")
                yield _PARAGRAPH.fill(text)
            if len(alike) > ALIKE:
                yield f"    … and {len(alike) - ALIKE} more of the kind {check!r}, listed in doctor.json"
        yield ""
