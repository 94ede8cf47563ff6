"""Speed, memory and quality of the ways to run the same trained F, in synthesis and in training.

    python benchmarks/speed.py --models paper=paper.ckpt efficient=efficient.ckpt

All ways take turns, a frame or a batch each, so that a busy machine slows all of them alike. A speed is the median over
the turns of the time of the baseline (plain convolutions in float32) by that of the way; processor time with one
thread, else wall-clock time. All videos begin with the first real frames and play to and fro. PSNR compares a way's
frames, counted from the first one that F makes, with those of the model's baseline, each from its own past; ``PSNR
real`` is the mean against the real video, played once. Memory is the peak of a process of its own. Writes speed.json
and, with the extra ``plots``, speed.png.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from ways import batches, streams
from ways.report import HEAD, Row, alone, line, plot

QUICK_FRAMES, ROUNDS = 30, 3


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--models", nargs="+", default=["demo=runs/demo/checkpoints/last.ckpt"], help="NAME=CHECKPOINT, of labels")
    data = Path("data/street_demo")
    add("--source", type=Path, default=data / "source/val-00000.mkv")
    add("--instance", type=Path, default=data / "instance/val-00000.mkv")
    add("--target", type=Path, default=data / "target/val-00000.mp4")
    add("--sizes", nargs="*", default=["128x64", "256x128", "512x256"])
    add("--frames", type=int, nargs="+", default=[300, 300, 30], help="of each size; the last one of the others, too")
    add("--train-sizes", nargs="*", default=["128x64", "256x128"])
    add("--threads", type=int, nargs="+", default=[1, 2])
    add("--leave-out", nargs="*", default=[], help="ways whose name has one of these words, such as compiled")
    add("--no-memory", action="store_true", help="measure no memory, for which each way runs again")
    add("--output", type=Path, default=Path("runs/speed"))
    add("--quick", action="store_true", help="the first size in one thread; no memory, nothing compiled")
    given = parser.parse_args()
    if given.quick:
        given.sizes, given.train_sizes = given.sizes[:1], given.train_sizes[:1]
        given.frames, given.threads, given.no_memory = [QUICK_FRAMES], given.threads[:1], True
        given.leave_out.append("compiled")
    return given


def main() -> None:
    """Print the table."""
    given = arguments()
    models = {name: Path(path) for name, _, path in (pair.partition("=") for pair in given.models)}
    ways = streams.possible([way for way in streams.WAYS if not any(word in str(way) for word in given.leave_out)])
    rows: list[Row] = []
    print(line(HEAD), line(["---"] * len(HEAD)), sep="\n", flush=True)

    def show(found: list[Row]) -> None:
        rows.extend(found)
        print(*found, sep="\n", flush=True)
        given.output.mkdir(parents=True, exist_ok=True)
        (given.output / "speed.json").write_text(json.dumps([asdict(row) for row in rows], indent=1))

    for i, size in enumerate(given.sizes):
        video = streams.Video(given.source, given.instance, given.target, *map(int, size.split("x")))
        frames = given.frames[min(i, len(given.frames) - 1)]
        for threads in given.threads:
            found = alone(streams.measure, models, video, ways, threads, frames)
            for row in [] if given.no_memory else found:
                (way,) = (way for way in ways if str(way) == row.way)
                row.gib = alone(streams.memory, models[row.model], video, way, threads)
            show(found)
    for size in given.train_sizes:
        width, height = map(int, size.split("x"))
        for threads in given.threads:
            found = alone(batches.measure, models, width, height, threads, 1 if given.quick else ROUNDS)
            for row in [] if given.no_memory else found:
                (one,) = (way for way in batches.ways() if str(way) == row.way)
                row.gib = alone(batches.memory, models[row.model], one, width, height, threads)
            show(found)
    try:
        if given.sizes:
            plot(rows, given.output / "speed.png")
    except ImportError:
        print("no plot: pip install 'vid2vid[plots]'")


if __name__ == "__main__":
    main()
