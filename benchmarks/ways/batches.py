"""Ways to train the same F, a batch of each in turns."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from generator import batch_seconds, clip_of
from vid2vid import load
from vid2vid.training import Vid2VidModule
from vid2vid.training.callbacks.throughput import peak_memory
from vid2vid.training.precision import computes_in_bfloat16
from vid2vid.types import Clip
from ways.report import Row, ratio

CLIP_FRAMES = 8
"""Two chunks of three frames after two given ones."""


@dataclass(frozen=True)
class Way:
    """One way to train.

    Attributes:
        precision: Lightning's name.
        recompute: Whether activations are computed again in the backward pass.
    """

    precision: str = "32-true"
    recompute: bool = False

    def __str__(self) -> str:
        """Return its name."""
        number = "float32" if self.precision == "32-true" else "bfloat16"
        return f"{number}{', rollout.recompute' if self.recompute else ''}"


def ways() -> list[Way]:
    """Return the ways that work here."""
    precisions = ["32-true", *(["bf16-mixed"] if computes_in_bfloat16("cpu") else [])]
    return [Way(precision, recompute) for precision in precisions for recompute in (False, True)]


def prepared(model: Path, way: Way, width: int, height: int) -> tuple[Vid2VidModule, Clip]:
    """Return the module to train, and a clip for it."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    module = load(model, Vid2VidModule).train()
    module.rollout_config = replace(module.rollout_config, recompute=way.recompute)
    strides = {1, *module.discriminators.config.temporal_strides}
    return module, clip_of(width, height, CLIP_FRAMES, strides)


def measure(models: Mapping[str, Path], width: int, height: int, threads: int, rounds: int) -> list[Row]:
    """Return a row of each model and way: one clip a batch, with the losses and discriminators of the model."""
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    trained = {(name, way): prepared(path, way, width, height) for name, path in models.items() for way in ways()}
    times: dict[tuple[str, Way], list[float]] = {key: [] for key in trained}
    for _ in range(rounds):
        for key, (module, clip) in trained.items():
            times[key].append(batch_seconds(module, clip, 2, key[1].precision, clock))

    def row(name: str, way: Way, own: Sequence[float]) -> Row:
        base, first = times[name, Way()], next(iter(times.values()))
        rate = len(own) / sum(own)
        size = f"{width}x{height}"
        return Row("training", name, size, threads, str(way), ratio(base, own), ratio(first, own), rate)

    return [row(name, way, own) for (name, way), own in times.items()]


def memory(model: Path, way: Way, width: int, height: int, threads: int) -> float:
    """Return the peak memory of a process that trains two batches, in GiB."""
    torch.set_num_threads(threads)
    batch_seconds(*prepared(model, way, width, height), 2, way.precision)
    (peak,) = peak_memory(torch.device("cpu")).values()
    return peak
