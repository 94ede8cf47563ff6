"""Speed, memory and differences of the ways to synthesise with the same trained F.

    python benchmarks/speed.py --checkpoint runs/demo/checkpoints/last.ckpt

All ways make the same frames in turns, one frame each, so that a busy machine slows all of them alike. A ratio is the
median over the frames of the time of the baseline (convolutions over one-hot labels, float32) by that of the way, CPU
time with one thread, else wall-clock time. PSNR compares a way's frames with the baseline's, each from its own past;
the video begins from nothing and plays to and fro. Memory is the peak of a process of its own. Writes speed.json and,
with the extra ``plots``, speed.png.
"""

import argparse
import json
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from vid2vid import Synthesizer, load
from vid2vid.config import SynthesisConfig
from vid2vid.synthesis.inputs import FrameInputs, InputSource
from vid2vid.training import Vid2VidModule
from vid2vid.training.callbacks.throughput import peak_memory

SHOWN = (1, 30, 300)
WARM_UP = 2


@dataclass(frozen=True)
class Way:
    """One way to run F.

    Attributes:
        precision: The precision.
        table: Whether first layers over labels are looked up.
        compiled: Whether F is compiled.
    """

    precision: str
    table: bool = True
    compiled: bool = False

    def __str__(self) -> str:
        """Return its name."""
        return f"{self.precision}{'' if self.table else ', convolutions'}{', compiled' if self.compiled else ''}"


BASELINE = Way("32", table=False)
WAYS = [BASELINE, Way("32"), Way("bf16", table=False), Way("bf16")]
COMPILED = [Way("32", compiled=True), Way("bf16", compiled=True)]


@dataclass(frozen=True)
class Case:
    """What is measured.

    Attributes:
        checkpoint: The model.
        source: Its conditions.
        instance: Object ids, if the conditions have edges.
        height: Rows.
        width: Columns.
        threads: Threads.
    """

    checkpoint: Path
    source: Path
    instance: Path | None
    height: int
    width: int
    threads: int = 1


def inputs(case: Case, module: Vid2VidModule, frames: int) -> Iterator[FrameInputs]:
    """Return the conditions of some frames; the video plays forwards and backwards, again and again."""
    ids = case.instance if module.condition.instance_edges else None
    config = SynthesisConfig(source=case.source, instance=ids, height=case.height, width=case.width)
    once = list(InputSource(config, module.condition))
    return islice(cycle([*once, *once[-2:0:-1]]), frames)


class Runner:
    """A stream that a way makes."""

    def __init__(self, way: Way, module: Vid2VidModule) -> None:
        self.way = way
        self._synthesizer = Synthesizer(module, precision=way.precision, compiled=way.compiled)
        self.times: list[float] = []
        self.psnr: list[float] = []

    def step(self, given: FrameInputs, clock: Any) -> torch.Tensor:  # noqa: ANN401 - a clock
        """Make a frame, and note the time."""
        with patch("vid2vid.generator.frame.pays", new=lambda _: False) if not self.way.table else patch.dict({}):
            start = clock()
            frame = self._synthesizer.step(given.source, given.instance, given.foreground).fake
            self.times.append(clock() - start)
        return frame


def measure(case: Case, ways: list[Way], frames: int) -> dict[str, dict[str, float]]:
    """Return ratio, milliseconds a frame and PSNR by frame of each way."""
    torch.set_num_threads(case.threads)
    module = load(case.checkpoint, Vid2VidModule)
    runners = [Runner(way, module) for way in ways]
    clock = time.process_time if case.threads == 1 else time.perf_counter
    for given in inputs(case, module, frames):
        first, *others = (runner.step(given, clock) for runner in runners)
        for runner, frame in zip(runners[1:], others, strict=True):
            error = (first - frame).square().mean() / 4
            runner.psnr.append(float(-10 * error.clamp(min=1e-12).log10()))
    found = {}
    for runner in runners:
        ratios = [base / own for base, own in zip(runners[0].times, runner.times, strict=True)][WARM_UP:]
        found[str(runner.way)] = {
            "ratio": statistics.median(ratios),
            "ms": 1e3 * statistics.median(runner.times[WARM_UP:]),
            **{f"PSNR {t}": runner.psnr[t - 1] for t in SHOWN if t <= len(runner.psnr)},
        }
    return found


def memory(case: Case, way: Way) -> float:
    """Return the peak memory of a process that makes some frames, in GiB."""
    torch.set_num_threads(case.threads)
    module = load(case.checkpoint, Vid2VidModule)
    runner = Runner(way, module)
    for given in inputs(case, module, 4):
        runner.step(given, time.process_time)
    (peak,) = peak_memory(torch.device("cpu")).values()
    return peak


def alone(work: Any, *arguments: Any) -> Any:  # noqa: ANN401 - any function
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        return executor.submit(work, *arguments).result()


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw PSNR in the last frame against the speed."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    for row in rows:
        known = [value for name, value in row.items() if name.startswith("PSNR")]
        if known:
            axes.plot(1e3 / row["ms"], known[-1], "o")
            axes.annotate(f"{row['way']}, {row['size']}", (1e3 / row["ms"], known[-1]), fontsize=7)
    axes.set(xlabel="frames a second", ylabel="PSNR against float32, last frame (dB)", xscale="log")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, nargs="+", default=[Path("runs/demo/checkpoints/last.ckpt")])
    parser.add_argument("--source", type=Path, default=Path("data/street_demo/source/val-00000.mkv"))
    parser.add_argument("--instance", type=Path, default=Path("data/street_demo/instance/val-00000.mkv"))
    parser.add_argument("--sizes", nargs="+", default=["128x64", "256x128"])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--output", type=Path, default=Path("runs/speed"))
    parser.add_argument("--quick", action="store_true", help="30 frames, the smallest size, not compiled, one thread")
    given = parser.parse_args()
    sizes, threads, frames = given.sizes, given.threads, given.frames
    ways = [*WAYS, *COMPILED]
    if given.quick:
        sizes, threads, frames, ways = sizes[:1], threads[:1], min(frames, 30), WAYS
    rows: list[dict[str, Any]] = []
    print("| model | size | threads | way | ratio | ms | GiB | " + " | ".join(f"PSNR {t}" for t in SHOWN) + " |")
    print("|---|" + "---|" * (6 + len(SHOWN)))
    for checkpoint in given.checkpoint:
        for size in sizes:
            width, height = (int(side) for side in size.split("x"))
            for count in threads:
                case = Case(checkpoint, given.source, given.instance, height, width, count)
                for way, (name, found) in zip(ways, alone(measure, case, ways, frames).items(), strict=True):
                    peak = 0.0 if given.quick else alone(memory, case, way)
                    row = {"model": str(checkpoint), "size": size, "threads": count, "way": name, **found, "GiB": peak}
                    rows.append(row)
                    psnr = [f"{row[f'PSNR {t}']:.1f}" if f"PSNR {t}" in row else "" for t in SHOWN]
                    cells = [*psnr] if psnr else []
                    head = f"| {checkpoint.parent.parent.name} | {size} | {count} | {name} | {row['ratio']:.2f} | "
                    print(head + f"{row['ms']:.0f} | {peak:.2f} | " + " | ".join(cells) + " |", flush=True)
    given.output.mkdir(parents=True, exist_ok=True)
    (given.output / "speed.json").write_text(json.dumps(rows, indent=1))
    try:
        plot(rows, given.output / "speed.png")
    except ImportError:
        print("no plot: pip install 'vid2vid[plots]'")


if __name__ == "__main__":
    main()
