"""What was found, as content of a JSON file, as a table for the terminal and as one in Markdown."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vid2vid.evaluation.measures import MEASURES, REAL, Figure, Figures

_RIVALS = ("frozen", "label_mean", "nearest", "repeat", "extrapolate")
_COUNTS = ("clips", "synthesised_frames", "judged_frames", "given_frames")
_SHARED = ("intervals", "per_clip", "differences", "curves", "notes", *_COUNTS)
TAKEN = (REAL, *_RIVALS, *_SHARED)
"""Names that stand in the content beside those of the models."""


@dataclass(frozen=True)
class Verdict:
    """What a jury has found.

    Attributes:
        models: Who was judged, in the order of the rows.
        rivals: The trivial rivals, whose rows come after them; the real video has the last one.
        figures: For each of them the figures by measure.
        curves: For some measures, of each candidate the mean over clips at each time.
        notes: What the reader of the figures must know.
        first_frame: Index in its clip of the frame that the curves begin with.
        counts: Number of ``clips``, and what else was counted.
        differences: By how much the other models are above the first one, on the same clips.
    """

    models: list[str]
    rivals: list[str]
    figures: Figures
    curves: dict[str, dict[str, list[float]]]
    notes: list[str]
    first_frame: int
    counts: dict[str, int]
    differences: Figures = field(default_factory=dict)

    @property
    def rows(self) -> list[str]:
        """All candidates that something was found of."""
        return [name for name in (*self.models, *self.rivals, REAL) if name in self.figures]

    @property
    def columns(self) -> list[str]:
        """The measures that somebody has a figure of."""
        return [measure for measure in MEASURES if any(measure in self.figures[row] for row in self.rows)]

    def best(self) -> dict[str, str]:
        """Return for each measure the best model, where there are several."""
        known = {
            measure: {model: self.figures[model][measure].value for model in self.models if self._has(model, measure)}
            for measure in self.columns
        }
        return {measure: MEASURES[measure].best(values) for measure, values in known.items() if len(values) > 1}

    def _has(self, candidate: str, measure: str) -> bool:
        return measure in self.figures.get(candidate, {})

    def content(self) -> dict[str, Any]:
        """Return all of it as plain values: each candidate's figures by its name, then what belongs to all of them.

        Where nothing is known of a time or of a clip, there is null. Each model also has ``warping_error_real``, the
        real video's, without which its own says little.
        """
        values = {row: {name: figure.value for name, figure in self.figures[row].items()} for row in self.rows}
        for row in set(self.rows) - {REAL} if self._has(REAL, "warping_error") else ():
            values[row]["warping_error_real"] = values[REAL]["warping_error"]
        intervals = {
            row: {name: list(figure.interval) for name, figure in self.figures[row].items() if figure.interval}
            for row in self.rows
        }
        per_clip = {
            row: {name: _known(figure.clips) for name, figure in self.figures[row].items() if figure.clips}
            for row in self.rows
        }
        differences = {
            model: {name: {"value": each.value, "interval": _bounds(each)} for name, each in figures.items()}
            for model, figures in self.differences.items()
        }
        curves = {
            measure: {name: _known(curve) for name, curve in curves.items()} for measure, curves in self.curves.items()
        }
        found = {"intervals": intervals, "per_clip": per_clip, "differences": differences, "curves": curves}
        return {**values, **found, "notes": self.notes, **self.counts}

    def text(self) -> str:
        """Return the values as a table for the terminal, one line a candidate, and the notes below."""
        headings = {measure: MEASURES[measure].heading for measure in self.columns}
        margin = max(12, *(len(row) + 2 for row in self.rows))
        lines = ["".join([" " * margin, *(f"{heading:>{len(heading) + 2}}" for heading in headings.values())])]
        for row in self.rows:
            cells = (f"{self._value(row, name):>{len(heading) + 2}}" for name, heading in headings.items())
            lines.append("".join([f"{row:<{margin}}", *cells]))
        return "\n".join([*lines, *self.notes])

    def _value(self, row: str, measure: str) -> str:
        figure = self.figures[row].get(measure)
        return "-" if figure is None else f"{figure.value:.{MEASURES[measure].digits}f}"

    def markdown(self) -> str:
        """Return values and intervals as a table in Markdown, the best model of several in bold."""
        best = self.best()
        lines = [f"{self.counts['clips']} clips; in brackets 95 % intervals, from clips drawn anew.", ""]
        rows = {
            row: [_cell(self.figures[row], measure, best.get(measure) == row) for measure in self.columns]
            for row in self.rows
        }
        lines += [*_table(self.columns, rows), "", *self._apart(), *(f"- {note}" for note in self.notes)]
        return "\n".join(lines).rstrip() + "\n"

    def _apart(self) -> list[str]:
        columns = [measure for measure in self.columns if any(measure in each for each in self.differences.values())]
        if not columns:
            return []
        rows = {
            model: [_cell(figures, measure, _sure(figures, measure), signed=True) for measure in columns]
            for model, figures in self.differences.items()
        }
        told = f"By how much they are above {self.models[0]}, on the same clips; bold where the interval leaves out 0."
        return [told, "", *_table(columns, rows), ""]


def _known(values: Sequence[float]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values]


def _bounds(figure: Figure) -> list[float] | None:
    return None if figure.interval is None else list(figure.interval)


def _table(columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> list[str]:
    head = ["", *(MEASURES[measure].heading for measure in columns)]
    body = [[row, *cells] for row, cells in rows.items()]
    return ["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *("| " + " | ".join(row) + " |" for row in body)]


def _cell(figures: Mapping[str, Figure], measure: str, bold: bool, signed: bool = False) -> str:
    figure = figures.get(measure)
    if figure is None:
        return ""
    form = f"{'+' if signed else ''}.{MEASURES[measure].digits}f"
    value = f"**{figure.value:{form}}**" if bold else f"{figure.value:{form}}"
    between = "to" if signed else "–"
    return f"{value} ({figure.interval[0]:{form}} {between} {figure.interval[1]:{form}})" if figure.interval else value


def _sure(figures: Mapping[str, Figure], measure: str) -> bool:
    interval = figures[measure].interval if measure in figures else None
    return interval is not None and not interval[0] <= 0 <= interval[1]
