"""Time and memory of the parts of a training step, over resolution, clip length and number of scales.

Run: ``python benchmarks/train.py [DATA]``. Each row runs in a process of its own, whose peak memory is measured. DATA
is the folder that the streets are rendered into, once (``data/street_bench``).
"""

import sys
from dataclasses import dataclass

import pytorch_lightning as pl
import torch

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.training.callbacks.throughput import peak_memory
from vid2vid.training.precision import choose_precision
from ways.report import alone
from ways.stopwatch import PARTS, Stopwatch

WARM_UP, STEPS = 2, 3


@dataclass(frozen=True)
class Case:
    """One training to measure."""

    width: int = 128
    height: int = 64
    frames: int = 8
    scales: int = 1
    chunk: int = 3
    steps: int = STEPS
    perceptual: bool = True


def measure(root: str, case: Case) -> tuple[dict[str, float], float, list[float]]:
    """Train some steps: seconds of each part, peak memory in GiB, memory after each step."""
    pl.seed_everything(0, verbose=False)
    loader = {
        "height": case.height,
        "width": case.width,
        "clip_frames": case.frames,
        "num_workers": 1,
        "repeats": 20,
        "batch_size": 1,
    }
    data = Vid2VidDataModule.street(root, loader, **STREETS)
    perceptual = {"perceptual_weight": 10.0, "perceptual_network": "hed"} if case.perceptual else {}
    module = Vid2VidModule(
        data.condition,
        generator={"base_channels": 16 * 2 ** (case.scales - 1), "downsamples": 1, "blocks": 6, "scales": case.scales},
        discriminators={"image": {"base_channels": 16, "layers": 2}, "video": {"base_channels": 16, "layers": 2}},
        objective=perceptual,
        rollout={"chunk_frames": case.chunk},
    )
    watch = Stopwatch(module)
    trainer = pl.Trainer(
        accelerator="cpu",
        precision=choose_precision("auto", "cpu"),
        max_epochs=1,
        limit_train_batches=WARM_UP + case.steps,
        limit_val_batches=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[watch],
    )
    trainer.fit(module, data)
    (peak,) = peak_memory(torch.device("cpu")).values()
    return {part: watch.median(part, WARM_UP) for part in (*PARTS, "whole")}, peak, watch.memory


STREETS = {"height": 128, "width": 256, "train_sequences": 8, "val_sequences": 1, "frames": 24}


def row(root: str, case: Case) -> None:
    """Print what a case takes: the share of each part, speed and memory."""
    parts, peak, _ = alone(measure, root, case)
    shares = "".join(f"{parts[part] / parts['whole']:>11.1%}" for part in PARTS)
    what = f"{case.width}x{case.height} T={case.frames} scales={case.scales}"
    print(f"{what:<26}{parts['whole']:8.2f} s{case.frames / parts['whole']:8.1f}{peak:8.2f}{shares}", flush=True)


def main() -> None:
    """Print the tables."""
    root = sys.argv[1] if len(sys.argv) > 1 else "data/street_bench"
    Vid2VidDataModule.street(root, **STREETS).prepare_data()
    print(f"{torch.get_num_threads()} threads, {choose_precision('auto', 'cpu')}, batch 1, 1 worker; medians")
    print(f"{'':<26}{'step':>10}{'frames/s':>8}{'GiB':>8}" + "".join(f"{part:>11}" for part in PARTS))
    for width, height in ((64, 32), (128, 64), (256, 128)):
        row(root, Case(width, height))
    for frames in (5, 14):
        row(root, Case(frames=frames))
    for scales in (2, 3):
        row(root, Case(scales=scales))
    base, *peaks = (alone(measure, root, Case(chunk=chunk, frames=18, perceptual=False))[1] for chunk in (1, 4, 8, 16))
    grown = ", ".join(f"{chunk}: +{peak - base:.2f}" for chunk, peak in zip((4, 8, 16), peaks, strict=True))
    print(f"peak memory by frames of a chunk, against one frame ({base:.2f} GiB): {grown} GiB")
    _, _, memory = alone(measure, root, Case(64, 32, steps=200, perceptual=False))
    print(f"memory after step 20, 100 and 200: {memory[20]:.3f}, {memory[100]:.3f}, {memory[200]:.3f} GiB")


if __name__ == "__main__":
    main()
