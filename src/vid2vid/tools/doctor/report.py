"""What the doctor says: plain sentences for the terminal, JSON for programs, one verdict."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import Any

from vid2vid.files import write_text
from vid2vid.tools.doctor.finding import SEVERITIES, Finding, count

FORMAT = "vid2vid-doctor-1"
ALIKE = 3
"""Findings of one check that are shown; the rest of them stand in the JSON."""

_WIDTH = 110


@dataclass(frozen=True)
class Report:
    """All that was found.

    Attributes:
        findings: The findings, in the order of the checks.
        figures: What was looked at and measured, as plain values.
    """

    findings: list[Finding]
    figures: dict[str, Any] = field(default_factory=dict)

    def of(self, severity: str) -> list[Finding]:
        """Return the findings of one severity."""
        return [finding for finding in self.findings if finding.severity == severity]

    def status(self, strict: bool = False) -> int:
        """Return the exit status: 0 if a training may begin, 2 if there are errors (``strict``: or warnings)."""
        return 2 if self.of("error") or (strict and self.of("warning")) else 0

    def verdict(self, strict: bool = False) -> str:
        """Return the last word, one line."""
        counts = [count(number, name) for name, number in self._counts().items() if number]
        if self.status(strict):
            serious = counts[:2] if strict else counts[:1]
            return f"This data set should not be trained on yet: {' and '.join(serious)}, named above."
        if self.of("warning"):
            return f"This data set can be trained on, but look at the {counts[0]} first."
        return "This data set can be trained on."

    def text(self, strict: bool = False) -> str:
        """Return the findings for the terminal, the gravest first, those of a check together, and the verdict."""
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
            "counts": self._counts(),
            **self.figures,
            "findings": [asdict(finding) for finding in self.findings],
        }
        write_text(path, json.dumps(content, indent=1) + "\n")

    def _counts(self) -> dict[str, int]:
        return {severity: len(self.of(severity)) for severity in SEVERITIES}

    def _section(self, severity: str) -> Iterator[str]:
        findings = self.of(severity)
        if not findings:
            return
        yield f"{severity.upper()}S ({len(findings)})"
        for check, group in groupby(sorted(findings, key=lambda finding: finding.check), lambda finding: finding.check):
            alike = list(group)
            yield from map(_paragraph, alike[:ALIKE])
            if len(alike) > ALIKE:
                yield f"    … and {len(alike) - ALIKE} more of the kind {check!r}, listed in doctor.json"
        yield ""


def _paragraph(finding: Finding) -> str:
    text = f"{finding.where}: {finding.what}" + (f" → {finding.advice}" if finding.advice else "")
    return fill(
        text,
        _WIDTH,
        initial_indent="  - ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
