"""Memory and speed of `vid2vid synthesize` over videos of different lengths.

    python benchmarks/synthesize.py --lengths 100 3000

Each length runs in a process of its own, whose peak resident memory is measured (networks, decoder, encoder, and
whatever the system keeps for them). The table also has the time per frame of the whole, and of reading, F and writing
alone; as they run at the same time, the whole takes less than their sum.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vid2vid import Synthesizer, Vid2VidModule
from vid2vid.config import SynthesisConfig
from vid2vid.street import street_condition
from vid2vid.synthesis import synthesize
from vid2vid.synthesis.inputs import InputSource
from vid2vid.video import VideoWriter, write_labels
from vid2vid.visual import to_pixels

FPS = 25
SEGMENT = 50


def labels(frames: int, height: int, width: int) -> Iterator[NDArray[np.uint8]]:
    """Yield label maps in which blocks move to the side."""
    ids = np.array(street_condition().label_ids, np.uint8)
    blocks = ids[np.random.default_rng(0).integers(len(ids), size=(height // 8, width // 8))]
    picture = blocks.repeat(8, 0).repeat(8, 1)
    yield from (np.roll(picture, t, 1) for t in range(frames))


def model(base_channels: int) -> Vid2VidModule:
    """Make a model that was not trained."""
    torch.manual_seed(0)
    small = {"base_channels": 4, "layers": 1}
    generator = {"base_channels": base_channels, "downsamples": 2, "blocks": 3}
    return Vid2VidModule(street_condition(), generator=generator, discriminators={"image": small, "video": small})


def seconds_each(work: Callable[[], int]) -> float:
    """Return the seconds per item of some work, which returns its number of items."""
    began = time.perf_counter()
    count = work()
    return (time.perf_counter() - began) / count


def alone(module: Vid2VidModule, source: Path, folder: Path) -> dict[str, float]:
    """Return the seconds per frame of reading, F and writing alone."""
    inputs = InputSource(SynthesisConfig(source=source), module.condition)
    items = [item for item, _ in zip(inputs, range(20), strict=False)]
    synthesizer = Synthesizer(module)
    pictures = [to_pixels(synthesizer.step(item.source).fake[0]) for item in items]

    def read() -> int:
        return sum(1 for _ in inputs)

    def make() -> int:
        return len([synthesizer.step(item.source) for item in items])

    def write() -> int:
        with VideoWriter(folder / "alone.mp4", FPS) as writer:
            for picture in pictures:
                writer.write(picture)
        return len(pictures)

    return {name: seconds_each(work) for name, work in (("reading", read), ("F", make), ("writing", write))}


def child(folder: Path, frames: int, options: argparse.Namespace) -> None:
    """Synthesise a video and print its time and memory as JSON."""
    torch.set_num_threads(options.threads)
    module, source = model(options.base_channels), folder / f"{frames}.mkv"
    began = time.perf_counter()
    synthesize(module, SynthesisConfig(source=source, output=folder / f"{frames}.mp4", segment=SEGMENT))
    seconds = time.perf_counter() - began
    # before anything else is measured, which would take memory of its own
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"MB": peak, "s/frame": seconds / frames, **alone(module, source, folder)}))


def main() -> None:
    """Run each length and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="+", default=[100, 3000], help="frames")
    parser.add_argument("--height", type=int, default=128)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--base-channels", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.folder, options.child, options)
        return
    print("| frames | peak memory, MB | frames/s | alone, ms per frame: reading | F | writing |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for frames in options.lengths:
            write_labels(Path(folder) / f"{frames}.mkv", labels(frames, options.height, options.width), FPS)
            command = [sys.executable, __file__, "--child", str(frames), "--folder", folder, *sys.argv[1:]]
            took = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
            parts = " | ".join(f"{1000 * took[name]:.1f}" for name in ("reading", "F", "writing"))
            print(f"| {frames} | {took['MB']:.0f} | {1 / took['s/frame']:.1f} | {parts} |", flush=True)


if __name__ == "__main__":
    main()
