"""Plots of curves over time, and over the number of clips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import require
from vid2vid.files import write_bytes
from vid2vid.metrics.sample_curves import SampleCurve

Floats = NDArray[np.floating[Any]]
POINTS = 200
_HEIGHT = 1.9  # inches of a panel


@dataclass(frozen=True)
class Panel:
    """One measure over time.

    Attributes:
        title: Name of the measure.
        front: The curves to compare, by name; NaN where there is no value.
        behind: Further curves, drawn thin and dashed.
    """

    title: str
    front: Mapping[str, Sequence[float]]
    behind: Mapping[str, Sequence[float]]


def save_curves(path: Path, panels: Sequence[Panel], first_frame: int = 0) -> None:
    """Draw panels of curves, one below the other, and write them atomically as PNG.

    Of long curves, the means of equal parts are drawn, at most `POINTS`.

    Args:
        path: The file.
        panels: The panels, at least one.
        first_frame: Index of the frame with which all curves begin.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    # not pyplot, which would choose a backend for the rest of the process
    figure = require("matplotlib.figure", "plots").Figure(figsize=(9, _HEIGHT * len(panels)), layout="constrained")
    everyone = list(dict.fromkeys(name for panel in panels for name in (*panel.front, *panel.behind)))
    colours = {name: f"C{i % 10}" for i, name in enumerate(everyone)}
    lines = {}
    for axes, panel in zip(figure.subplots(len(panels), squeeze=False, sharex=True)[:, 0], panels, strict=True):
        for curves, style in ((panel.behind, {"linewidth": 0.9, "linestyle": "--"}), (panel.front, {"linewidth": 1.8})):
            for name, curve in curves.items():
                lines[name] = axes.plot(*_thinned(curve, first_frame), color=colours[name], **style)[0]
        axes.set_title(panel.title, loc="left", fontsize=10)
        axes.grid(alpha=0.3)
    axes.set_xlabel("frame of the clip")
    shown = [name for name in everyone if name in lines]
    figure.legend([lines[name] for name in shown], shown, fontsize=8, loc="outside right upper")
    _write(path, figure)


def save_sample_curves(path: Path, panels: Mapping[str, Mapping[str, SampleCurve]]) -> None:
    """Draw distances over the number of clips, with the range of 95 % of the sets of clips, and write them as PNG.

    Args:
        path: The file.
        panels: The curves by name, for each title; at least one.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure = require("matplotlib.figure", "plots").Figure(figsize=(9, 2.6 * len(panels)), layout="constrained")
    for axes, (title, curves) in zip(figure.subplots(len(panels), squeeze=False)[:, 0], panels.items(), strict=True):
        for i, (name, curve) in enumerate(curves.items()):
            bounds = [each or (value, value) for each, value in zip(curve.bounds, curve.values, strict=True)]
            axes.plot(curve.clips, curve.values, color=f"C{i % 10}", marker="o", markersize=3, label=name)
            axes.fill_between(curve.clips, *zip(*bounds, strict=True), color=f"C{i % 10}", alpha=0.15, linewidth=0)
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_xscale("log", base=2)
        ticks = sorted({size for curve in curves.values() for size in curve.clips})
        axes.set_xticks(ticks, [str(size) for size in ticks])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    axes.set_xlabel("clips")
    _write(path, figure)


def _write(path: Path, figure: Any) -> None:  # noqa: ANN401 - matplotlib's, which may be missing
    memory = BytesIO()
    figure.savefig(memory, format="png", dpi=110)
    write_bytes(path, memory.getvalue())


def _thinned(curve: Sequence[float], first_frame: int) -> tuple[Floats, Floats]:
    """Return frames and values; for a long curve, the middles and means of equal parts, ignoring NaN."""
    part = -(-len(curve) // POINTS)
    values = np.full(-(-len(curve) // part) * part, np.nan)
    values[: len(curve)] = curve
    parts = values.reshape(-1, part)
    known = ~np.isnan(parts)
    sums, counts = np.where(known, parts, 0).sum(1), known.sum(1)
    means: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    middles: Floats = np.arange(len(parts)) * float(part) + first_frame + (part - 1) / 2
    return middles, means
