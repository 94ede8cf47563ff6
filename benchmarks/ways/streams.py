"""Ways to synthesise with the same trained F, a frame of each in turns."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from unittest.mock import patch

import torch
from torch import Tensor

from vid2vid import Synthesizer, load
from vid2vid.config import SynthesisConfig
from vid2vid.errors import MissingExtraError, require
from vid2vid.synthesis.inputs import InputSource
from vid2vid.training import Vid2VidModule
from vid2vid.training.callbacks.throughput import peak_memory
from vid2vid.training.precision import computes_in_bfloat16
from vid2vid.types import FrameInputs
from ways.report import SHOWN, Row, ratio

WARM_UP = 2
"""Frames that are not timed; compilation is in the first one."""


@dataclass(frozen=True)
class Way:
    """One way to synthesise.

    Attributes:
        backend: What computes F.
        precision: In which numbers.
        table: Whether first layers over labels are looked up where that is faster.
        compiled: Whether F is compiled.
    """

    backend: str = "torch"
    precision: str = "32"
    table: bool = True
    compiled: bool = False

    def __str__(self) -> str:
        """Return its name."""
        number = {"32": "float32", "bf16": "bfloat16"}[self.precision]
        return f"{self.backend} {number}{'' if self.table else ', convolutions'}{', compiled' if self.compiled else ''}"


BASELINE = Way(table=False)
WAYS = [
    BASELINE,
    Way(),
    Way(precision="bf16"),
    Way("onnxruntime"),
    Way("openvino"),
    Way("openvino", "bf16"),
    Way(compiled=True),
    Way(precision="bf16", compiled=True),
]
EXTRAS = {"onnxruntime": "onnx", "openvino": "openvino"}


@dataclass(frozen=True)
class Video:
    """What is synthesised.

    Attributes:
        source: The conditions.
        instance: Object ids.
        target: The real video.
        width: Columns.
        height: Rows.
    """

    source: Path
    instance: Path
    target: Path
    width: int
    height: int

    def config(self, module: Vid2VidModule) -> SynthesisConfig:
        """Return the settings that read it for a model."""
        ids = self.instance if module.condition.instance_edges else None
        return SynthesisConfig(
            source=self.source, instance=ids, first=self.target, height=self.height, width=self.width
        )

    def real(self, module: Vid2VidModule) -> Tensor:
        """Return its frames, ``(T, 3, H, W)`` in [-1, 1]."""
        source = InputSource(self.config(module), module.condition)
        frames = source.first_frames(sum(1 for _ in source))
        assert frames is not None
        return frames[0]

    def begin(
        self, module: Vid2VidModule, ways: Sequence[Way], frames: int
    ) -> tuple[list["Runner"], Iterator[FrameInputs]]:
        """Begin with the first real frames; return the streams, and the conditions of some frames after those.

        The video is played to and fro.
        """
        length = module.generator.config.past_frames
        once = list(InputSource(self.config(module), module.condition))
        inputs = islice(cycle([*once, *once[-2:0:-1]]), length + frames)
        runners = [Runner(way, module, self.real(module)[:length]) for way in ways]
        for given in islice(inputs, length):
            for runner in runners:
                runner.step(given, time.process_time)
                runner.times.clear()
        return runners, inputs


def possible(ways: Sequence[Way]) -> list[Way]:
    """Return the ways that work here, and say why the others do not."""
    found = []
    for way in ways:
        try:
            for package in ("onnx", "onnxscript", way.backend) if way.backend in EXTRAS else ():
                require(package, EXTRAS[way.backend])
        except MissingExtraError as error:
            print(f"left out, {way}: {error}")
            continue
        if way.precision == "bf16" and not computes_in_bfloat16("cpu"):
            print(f"left out, {way}: this processor has no instructions for bfloat16")
            continue
        found.append(way)
    return found


class Runner:
    """A video that a way makes."""

    def __init__(self, way: Way, module: Vid2VidModule, first: Tensor) -> None:
        self.way = way
        self._synthesizer = Synthesizer(
            module, first[None], precision=way.precision, compiled=way.compiled, backend=way.backend
        )
        self.times: list[float] = []
        self.psnr: list[float] = []
        self.real: list[float] = []

    def step(self, given: FrameInputs, clock: Callable[[], float]) -> Tensor:
        """Make a frame, and note the time."""
        table = (
            nullcontext() if self.way.table else patch("vid2vid.generator.frame.lookup_is_faster", new=lambda _: False)
        )
        with table:
            start = clock()
            frame = self._synthesizer.step(given.source, given.instance, given.foreground).fake
            self.times.append(clock() - start)
        return frame


def measure(models: Mapping[str, Path], video: Video, ways: Sequence[Way], threads: int, frames: int) -> list[Row]:
    """Return a row of each model and way; all make the same frames in turns, each from its own past."""
    torch.set_num_threads(threads)
    # other threads than torch's may compute, too: with several the time of all is no measure
    clock = time.process_time if threads == 1 else time.perf_counter
    modules = {name: load(path, Vid2VidModule) for name, path in models.items()}
    streams = {name: video.begin(module, of_form(ways, module), frames) for name, module in modules.items()}
    real = {name: video.real(module)[module.generator.config.past_frames :] for name, module in modules.items()}
    for t in range(frames):
        for name, (runners, inputs) in streams.items():
            given = next(inputs)
            made = [runner.step(given, clock) for runner in runners]
            for runner, frame in zip(runners, made, strict=True):
                runner.psnr.append(psnr(frame, made[0]))
                runner.real += [psnr(frame, one[None]) for one in real[name][t : t + 1]]
    first = next(iter(streams.values()))[0][0].times
    return [
        row(name, video, threads, one, runners[0], first) for name, (runners, _) in streams.items() for one in runners
    ]


def of_form(ways: Sequence[Way], module: Vid2VidModule) -> list[Way]:
    """Leave out what does not differ from the baseline: the efficient form has no first layer to look up."""
    return [way for way in ways if module.generator.config.form == "paper" or way != Way()]


def row(name: str, video: Video, threads: int, runner: Runner, base: Runner, first: Sequence[float]) -> Row:
    """Return the row of a way."""
    times = runner.times[WARM_UP:]
    own, others = ratio(base.times[WARM_UP:], times), ratio(first[WARM_UP:], times)
    shown = {t: runner.psnr[t - 1] for t in SHOWN if t <= len(runner.psnr) and runner is not base}
    rate = len(times) / sum(times)
    size, quality = f"{video.width}x{video.height}", sum(runner.real) / len(runner.real)
    return Row("synthesis", name, size, threads, str(runner.way), own, others, rate, shown, quality)


def psnr(made: Tensor, other: Tensor) -> float:
    """Compare frames in [-1, 1]; equal ones have 120 dB."""
    return float(-10 * ((made - other).square().mean() / 4).clamp(min=1e-12).log10())


def memory(model: Path, video: Video, way: Way, threads: int) -> float:
    """Return the peak memory of a process that makes some frames, in GiB."""
    torch.set_num_threads(threads)
    module = load(model, Vid2VidModule)
    (runner,), inputs = video.begin(module, [way], 3)
    for given in inputs:
        runner.step(given, time.process_time)
    (peak,) = peak_memory(torch.device("cpu")).values()
    return peak
