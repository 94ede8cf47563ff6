"""Rows of the table of `benchmarks/speed.py`, and its plot."""

import multiprocessing
import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

SHOWN = (1, 30, 300)
"""Frames whose difference is shown."""
HEAD = [
    *("work", "model", "size", "threads", "way", "speed", "over the first", "a second"),
    *(f"PSNR {t}" for t in SHOWN),
    *("PSNR real", "GiB"),
]
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass
class Row:
    """One way to run one model at one size.

    Attributes:
        work: ``synthesis`` or ``training``.
        model: Name of the model.
        size: Width and height.
        threads: Number of threads.
        way: Name of the way.
        speed: Times the baseline of the same model.
        over_first: Times the baseline of the first model.
        rate: Frames or clips a second.
        psnr: Difference from the model's baseline, in dB, by frame.
        real: PSNR against the real video, in dB.
        gib: Peak memory of the process.
    """

    work: str
    model: str
    size: str
    threads: int
    way: str
    speed: float
    over_first: float
    rate: float
    psnr: dict[int, float] = field(default_factory=dict)
    real: float | None = None
    gib: float | None = None

    def __str__(self) -> str:
        """Return the row of the table."""
        psnr = ["" if t not in self.psnr else f"{self.psnr[t]:.1f}" for t in SHOWN]
        rest = ["" if value is None else f"{value:{form}}" for value, form in ((self.real, ".2f"), (self.gib, ".2f"))]
        speeds = [f"{self.speed:.2f}", f"{self.over_first:.2f}", f"{self.rate:.2f}"]
        return line([self.work, self.model, self.size, str(self.threads), self.way, *speeds, *psnr, *rest])


def line(cells: Sequence[str]) -> str:
    """Return a row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def ratio(base: Sequence[float], own: Sequence[float]) -> float:
    """Return how many times as fast something is, the median over the turns."""
    return statistics.median(a / b for a, b in zip(base, own, strict=True))


def alone(work: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
    """Call a function in a process of its own, whose memory and threads are its own, too."""
    # not a Pool: its processes may have no loader workers
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        return executor.submit(work, *arguments, **named).result()


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw what a way costs in quality against its speed: at the first size, with the first number of threads.

    Raises:
        ImportError: The extra ``plots`` is not installed.
    """
    from matplotlib import pyplot

    rows = [row for row in rows if (row.work, row.size, row.threads) == ("synthesis", rows[0].size, rows[0].threads)]
    figure, (quality, difference) = pyplot.subplots(1, 2, figsize=(11, 4), layout="constrained")
    markers = dict(zip(dict.fromkeys(row.way for row in rows), "osD^v<>P", strict=False))
    colours = {model: f"C{i}" for i, model in enumerate(dict.fromkeys(row.model for row in rows))}
    for row in rows:
        style = {"marker": markers[row.way], "color": colours[row.model], "linestyle": "", "alpha": 0.8}
        quality.plot(row.rate, row.real, label=f"{row.model}: {row.way}", **style)
        if row.psnr:
            difference.plot(row.rate, row.psnr[max(row.psnr)], **style)
    last = max(max(row.psnr, default=0) for row in rows)
    quality.set(xlabel="frames a second", ylabel="dB", title="PSNR against the real video")
    title = f"PSNR against the model's baseline, frame {last}"
    difference.set(xlabel="frames a second", ylabel="dB", title=title)
    for axes in (quality, difference):
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter("{x:.0f}")
    figure.legend(loc="outside right upper", fontsize=7)
    figure.suptitle(f"{rows[0].size}, threads: {rows[0].threads}")
    figure.savefig(path, dpi=80)
