"""Frames per second of the street renderer on one core. Run: ``python benchmarks/street.py``."""

import argparse
import os
import statistics
import time

# before numpy starts its threads
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

from vid2vid.street import Street

SIZES = ((128, 256), (64, 128))


def seconds(height: int, width: int, frames: int, with_flow: bool) -> float:
    """Return the mean CPU time of a frame over several streets, in seconds; the first frame of each is not counted.

    CPU time of one thread depends little on what else runs on the machine.
    """
    streets = [Street(seed, height, width) for seed in range(4)]
    for street in streets:
        street.render(-1)
    start = time.process_time()
    for t in range(frames):
        for street in streets:
            street.render(t)
            if with_flow:
                street.flow(t, 1)
    return (time.process_time() - start) / frames / len(streets)


def main() -> None:
    """Print the median of several runs for each size, with and without flow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=10, help="frames of each of 4 streets")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    for height, width in SIZES:
        for with_flow in (False, True):
            times = [seconds(height, width, options.frames, with_flow) for _ in range(options.repeats)]
            name = "render + flow" if with_flow else "render"
            print(f"{width}x{height} {name:13} {1 / statistics.median(times):6.1f} frames/s")


if __name__ == "__main__":
    main()
