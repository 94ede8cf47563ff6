"""What the two forms of F and their widths cost: parameters, operations, frames and training batches a second.

Run: ``python benchmarks/generator.py`` (about 20 minutes on one core), or ``--quick``: two sizes, in 2 minutes. All are
timed in one thread, by processor time, in turns, and each ratio is the median over the turns; where the processor
computes in bfloat16, in that. A frame is synthesised from label maps of 9 classes with the edges of objects. A training
batch is one clip of 5 frames: 3 are made, and F, D_I and D_V learn once.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode

from vid2vid import Vid2VidModule
from vid2vid.condition import Condition
from vid2vid.training.precision import choose_precision
from vid2vid.types import Clip, Flow

LABELS = 9
TURNS = 5
PAPER = {"base_channels": 32, "downsamples": 2, "blocks": 6, "interpolation": "cubic"}
EFFICIENT = {"form": "efficient", "downsamples": 3, "blocks": 4, "interpolation": "fine"}
FORMS = {
    "paper, 32 channels": PAPER,
    **{f"efficient, {width} channels": {**EFFICIENT, "base_channels": width} for width in (32, 48, 64)},
    "efficient, 64 channels, finished": {**EFFICIENT, "base_channels": 64, "fine_channels": 12},
}
SIZES = ((128, 64), (256, 128), (512, 256), (1024, 512))


@dataclass
class Cost:
    """What a form of F costs at one size.

    Attributes:
        parameters: Number of parameters.
        operations: Of a frame; a multiplication and an addition are two.
        frame: Seconds of a frame in each turn.
        batch: Seconds of a training batch in each turn.
    """

    parameters: int
    operations: int
    frame: list[float]
    batch: list[float]


def module_of(generator: dict[str, object], ema_decay: float = 0.0) -> Vid2VidModule:
    """Make a module with an F and the small discriminators of the demo."""
    small = {"base_channels": 16, "layers": 2, "scales": 2}
    condition = Condition("labels", label_ids=list(range(LABELS)), instance_edges=True)
    return Vid2VidModule(
        condition,
        generator,
        {"image": small, "video": small, "temporal_strides": [1]},
        {"reconstruction_weight": 10.0},
        {"ema_decay": ema_decay},
        rollout={"chunk_frames": 3, "bptt_frames": 3},
    )


def clip_of(width: int, height: int, frames: int = 5, strides: Iterable[int] = (1,), clips: int = 1) -> Clip:
    """Draw clips with flows of some temporal strides: what is in them costs the same."""
    random = torch.Generator().manual_seed(0)

    def draw(most: int, channels: int) -> torch.Tensor:
        return torch.randint(0, most, (clips, frames, channels, height, width), generator=random)

    def flow(pairs: int) -> Flow:
        return Flow(torch.zeros(clips, pairs, 2, height, width), torch.ones(clips, pairs, 1, height, width))

    flows = {stride: flow(frames - stride) for stride in strides}
    return Clip(
        draw(LABELS, 1).to(torch.uint8), draw(256, 3).to(torch.uint8), draw(3, 1).int(), flows, ["drawn"] * clips
    )


def frame_of(module: Vid2VidModule, clip: Clip) -> Callable[[], object]:
    """Return a function that synthesises a frame, as F computes it in synthesis."""
    module.eval()
    tensors = module.clip_tensors(clip)
    source, past = tensors.source[:, :3], tensors.real[:, :2]

    def make() -> object:
        precision = choose_precision("auto", "cpu")
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision.startswith("bf16")):
            return module.generator.step(source, past)

    return make


class Timed(pl.Callback):
    """Times the batches of a training."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: list[float] = []
        self._clock, self._began = clock, 0.0

    def on_train_batch_start(self, *_: object) -> None:
        """Start the clock."""
        self._began = self._clock()

    def on_train_batch_end(self, *_: object) -> None:
        """Stop it."""
        self.seconds.append(self._clock() - self._began)


def batch_seconds(
    module: Vid2VidModule,
    clip: Clip,
    batches: int = 3,
    precision: str = "auto",
    clock: Callable[[], float] = time.process_time,
) -> float:
    """Return the seconds of a training batch, the shortest of some after the first."""
    timed = Timed(clock)
    train(module, clip, batches, timed, precision)
    return min(timed.seconds[1:])


def train(module: Vid2VidModule, clip: Clip, batches: int, watch: pl.Callback, precision: str = "auto") -> None:
    """Train some batches, all of the same clip."""
    trainer = pl.Trainer(
        accelerator="cpu",
        devices=1,
        precision=choose_precision(precision, "cpu"),
        max_epochs=1,
        limit_val_batches=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[watch],
    )
    clips: Any = [clip] * batches
    trainer.fit(module, DataLoader(clips, batch_size=None))


def measure(width: int, height: int, turns: int) -> dict[str, Cost]:
    """Measure all forms at one size, in turns."""
    clip = clip_of(width, height)
    modules = {name: module_of(settings) for name, settings in FORMS.items()}
    frames = {name: frame_of(module, clip) for name, module in modules.items()}
    costs: dict[str, Cost] = {}
    for name, frame in frames.items():
        with FlopCounterMode(display=False) as counter:
            frame()
        parameters = sum(parameter.numel() for parameter in modules[name].generator.parameters())
        costs[name] = Cost(parameters, counter.get_total_flops(), [], [])
    for _ in range(turns):
        for name, frame in frames.items():
            seconds = []
            for _ in range(3):
                began = time.process_time()
                frame()
                seconds.append(time.process_time() - began)
            costs[name].frame.append(min(seconds))
    for _ in range(max(turns // 2, 1)):
        for name, module in modules.items():
            costs[name].batch.append(batch_seconds(module, clip))
    return costs


def ratio(costs: dict[str, Cost], name: str, of: str) -> float:
    """Return how many times as fast a form is as the paper's, the median over the turns."""
    first: list[float] = getattr(next(iter(costs.values())), of)
    own: list[float] = getattr(costs[name], of)
    return statistics.median(a / b for a, b in zip(first, own, strict=True))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two sizes, two turns")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    print(
        "| size | F | parameters (M) | GFLOP a frame | frames/s | times the paper's | batches/s | times the paper's |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for width, height in SIZES[: 2 if quick else None]:
        costs = measure(width, height, 2 if quick else TURNS)
        for name, cost in costs.items():
            print(
                f"| {width} x {height} | {name} | {cost.parameters / 1e6:.2f} | {cost.operations / 1e9:.2f} | "
                f"{1 / statistics.median(cost.frame):.1f} | {ratio(costs, name, 'frame'):.1f} | "
                f"{1 / statistics.median(cost.batch):.2f} | {ratio(costs, name, 'batch'):.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
