"""The report of an evaluation: its figures as JSON, as a table for the terminal and one in Markdown, and its files."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vid2vid.config.measures import measure_of, ordered_columns
from vid2vid.errors import ConfigError
from vid2vid.evaluation.sample_writer import SHEET_CLIPS, sheet_path
from vid2vid.files import write_text
from vid2vid.markdown import markdown_table
from vid2vid.metrics.bootstrap import Figure, Figures
from vid2vid.metrics.sample_curves import SampleCurve
from vid2vid.visual.curves import Panel, save_curves, save_sample_curves

REAL = "real"
"""The real video as a candidate: its value of a measure is the reference for the others."""

_RESERVED = (
    *(REAL, "frozen", "label_mean", "nearest", "repeat", "extrapolate"),
    *("intervals", "per_clip", "differences", "curves", "sample_curves", "notes", "weights", "data"),
    *("clips", "synthesised_frames", "evaluated_frames", "given_frames"),
)
"""Names that models may not have: the JSON file has other entries under them."""


@dataclass(frozen=True)
class Report:
    """The figures of an evaluation.

    Attributes:
        models: The models, in the order of the rows.
        baselines: The trivial baselines, whose rows come after them; the real video has the last one.
        figures: The figures of each candidate, by measure.
        curves: For some measures the mean over clips at each time, of each candidate.
        notes: Notes for readers of the figures.
        first_frame: Index in its clip of the frame that the curves begin with.
        counts: Number of ``clips``, and further counts by name.
        differences: The values of the other models minus those of the first one, on the same clips.
        weights: The fingerprint of the weights of each model that has some.
        data: The origin of the clips, in a few words.
        sample_curves: For some measures the value by the number of clips, of each candidate; that of the real video is
            the distance between different real clips.
        caution: Printed above the table if some of its columns would mislead without it.
    """

    models: list[str]
    baselines: list[str]
    figures: Figures
    curves: dict[str, dict[str, list[float]]]
    notes: list[str]
    first_frame: int
    counts: dict[str, int]
    differences: Figures = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)
    data: str = ""
    sample_curves: dict[str, dict[str, SampleCurve]] = field(default_factory=dict)
    caution: str = ""

    @property
    def rows(self) -> list[str]:
        """The candidates that have a figure, in the order of the table."""
        return [name for name in (*self.models, *self.baselines, REAL) if name in self.figures]

    @property
    def columns(self) -> list[str]:
        """The measures that some candidate has a figure of; those of single classes once for each class."""
        return ordered_columns(measure for row in self.rows for measure in self.figures[row])

    def best(self) -> dict[str, str]:
        """Return the best model by measure, for measures of which several models have a figure."""
        known = {
            measure: {
                model: self.figures[model][measure].value
                for model in self.models
                if measure in self.figures.get(model, {})
            }
            for measure in self.columns
        }
        return {measure: measure_of(measure).best(values) for measure, values in known.items() if len(values) > 1}

    def content(self) -> dict[str, Any]:
        """Return the report as plain values: the figures of each candidate by its name, then the shared entries.

        Times and clips without a value have null. Each model also has ``warping_error_real``, that of the real video,
        as the reference for its own.
        """
        values = {row: {name: figure.value for name, figure in self.figures[row].items()} for row in self.rows}
        if "warping_error" in self.figures.get(REAL, {}):
            for row in set(self.rows) - {REAL}:
                values[row]["warping_error_real"] = values[REAL]["warping_error"]
        intervals = {
            row: {name: list(figure.interval) for name, figure in self.figures[row].items() if figure.interval}
            for row in self.rows
        }
        per_clip = {
            row: {name: _plain(figure.clips) for name, figure in self.figures[row].items() if figure.clips}
            for row in self.rows
        }
        differences = {
            model: {
                name: {"value": each.value, "interval": each.interval and list(each.interval)}
                for name, each in figures.items()
            }
            for model, figures in self.differences.items()
        }
        curves = {
            measure: {name: _plain(curve) for name, curve in curves.items()} for measure, curves in self.curves.items()
        }
        shared: dict[str, Any] = {
            "intervals": intervals,
            "per_clip": per_clip,
            "differences": differences,
            "curves": curves,
        }
        if self.sample_curves:
            shared["sample_curves"] = {
                measure: {name: asdict(curve) for name, curve in curves.items()}
                for measure, curves in self.sample_curves.items()
            }
        shared |= {"notes": self.notes, "weights": self.weights, "data": self.data}
        return {**values, **shared, **self.counts}

    def text(self) -> str:
        """Return the values as a table for the terminal, one line a candidate, and the notes below."""
        headings = {measure: measure_of(measure).heading for measure in self.columns}
        margin = max(12, *(len(row) + 2 for row in self.rows))
        lines = ["".join([" " * margin, *(f"{heading:>{len(heading) + 2}}" for heading in headings.values())])]
        for row in self.rows:
            cells = []
            for measure, heading in headings.items():
                figure = self.figures[row].get(measure)
                value = "-" if figure is None else f"{figure.value:.{measure_of(measure).digits}f}"
                cells.append(f"{value:>{len(heading) + 2}}")
            lines.append("".join([f"{row:<{margin}}", *cells]))
        return "\n".join([*lines, *filter(None, [self.caution]), *self.notes])

    def markdown(self) -> str:
        """Return values and intervals as tables in Markdown, the best model of several in bold."""
        best = self.best()
        lines = [f"{self.counts['clips']} clips; in brackets 95 % bootstrap intervals over the clips.", ""]
        if self.caution:
            lines += [self.caution, ""]
        rows = {
            row: [_cell(self.figures[row], measure, bold=best.get(measure) == row) for measure in self.columns]
            for row in self.rows
        }
        lines += [*_measure_table(self.columns, rows), ""]
        compared = [measure for measure in self.columns if any(measure in each for each in self.differences.values())]
        if compared:
            rows = {
                model: [_cell(figures, measure, signed=True) for measure in compared]
                for model, figures in self.differences.items()
            }
            lines += [
                f"Differences from {self.models[0]} on the same clips; bold where the interval leaves out 0.",
                "",
                *_measure_table(compared, rows),
                "",
            ]
        for measure, curves in self.sample_curves.items():
            lines += [*_sample_table(measure, curves), ""]
        lines += [f"- {note}" for note in self.notes]
        return "\n".join(lines).rstrip() + "\n"

    def save(self, output: Path) -> None:
        """Write ``metrics.json``, ``metrics.md`` and, if the extra ``plots`` is installed, ``curves.png``.

        With `sample_curves` also ``sample_curves.png``.

        Args:
            output: The folder to write into.
        """
        write_text(output / "metrics.json", json.dumps(self.content(), indent=1) + "\n")
        write_text(output / "metrics.md", self.markdown())
        if can_plot():
            panels = []
            for measure, curves in self.curves.items():
                # the models' curves are drawn in front of the others
                front = {name: curves[name] for name in self.models if name in curves}
                behind = {name: curve for name, curve in curves.items() if name not in front}
                panels.append(Panel(measure_of(measure).heading, front, behind))
            save_curves(output / "curves.png", panels, self.first_frame)
            if self.sample_curves:
                by_title = {measure_of(measure).heading: curves for measure, curves in self.sample_curves.items()}
                save_sample_curves(output / "sample_curves.png", by_title)


def result_files(output: Path) -> list[Path]:
    """Return all paths that an evaluation may write in its folder."""
    names = (
        "metrics.json",
        "metrics.md",
        "curves.png",
        "sample_curves.png",
        "synthesis.mp4",
        "prediction.mp4",
        "videos",
    )
    return [*(output / name for name in names), *(sheet_path(output, index) for index in range(SHEET_CLIPS))]


def check_names(names: Iterable[str]) -> None:
    """Refuse reserved names of models, and names of two models.

    Raises:
        ConfigError: A name is reserved, empty or used twice.
    """
    for name, times in Counter([*names]).items():
        if name in _RESERVED or times > 1 or not name:
            trouble = "is the name of two models" if times > 1 else "cannot be the name of a model"
            raise ConfigError(f"{name!r} {trouble}: give others with names=[...].")


def can_plot() -> bool:
    """Whether curves can be drawn; ``metrics.json`` holds their values in any case."""
    return find_spec("matplotlib") is not None


def _plain(values: Sequence[float]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values]


def _measure_table(columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> list[str]:
    head = ["", *(measure_of(measure).heading for measure in columns)]
    return markdown_table(head, ([row, *cells] for row, cells in rows.items()))


def _sample_table(measure: str, curves: Mapping[str, SampleCurve]) -> list[str]:
    """Return the values by the number of clips, as a table below a line of explanation."""
    digits = measure_of(measure).digits
    sizes = sorted({size for curve in curves.values() for size in curve.clips})
    rows = []
    for name, curve in curves.items():
        known = {
            size: Figure(value, bounds).text(digits)
            for size, value, bounds in zip(curve.clips, curve.values, curve.bounds, strict=True)
            if not math.isnan(value)
        }
        rows.append([name, *(known.get(size, "") for size in sizes)])
    head = (
        f"{measure_of(measure).heading} by the number of clips; in brackets what 95 % of random sets of so many clips "
        f"give. `{REAL}` is the distance between different real clips."
    )
    return [head, "", *markdown_table(["", *map(str, sizes)], rows)]


def _cell(figures: Mapping[str, Figure], measure: str, bold: bool = False, signed: bool = False) -> str:
    """Return value and interval; a signed value is bold where its interval leaves out 0."""
    figure = figures.get(measure)
    if figure is None:
        return ""
    return figure.text(measure_of(measure).digits, signed, figure.leaves_out_zero if signed else bold)
