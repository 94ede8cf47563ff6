"""Damaged inputs of every kind: the library must refuse or read them, never crash, hang or eat the memory.

Run it with ``python benchmarks/fuzz.py [COUNT [SEED [FOLDER]]]``: by default 1,000 inputs, which take some minutes. It
prints the table of docs/robustness.md, leaves files that show a fault in the folder, and ends with status 1 then.
"""

import sys
from pathlib import Path
from tempfile import mkdtemp

from tqdm import tqdm

from fuzzing.running import run, table
from fuzzing.samples import make_samples


def main() -> None:
    """Make the files, damage them, read them."""
    count, seed, folder, *_ = [*sys.argv[1:], *["1000", "0", ""][len(sys.argv) - 1 :]]
    place = Path(folder or mkdtemp(prefix="vid2vid-fuzz-"))
    samples = make_samples(place / "whole")
    outcomes = list(tqdm(run(samples, int(count), int(seed), place), "fuzz", int(count), unit="file"))
    faults = [outcome for outcome in outcomes if outcome.is_fault]
    for fault in faults:
        print(f"\n{fault.result}: {fault.name} ({fault.seconds:.1f} s, {fault.bytes / 1e6:.0f} MB)\n{fault.detail}")
    print(f"\n{table(outcomes)}")
    if faults:
        sys.exit(f"{len(faults)} faults; the files are in {place}")


if __name__ == "__main__":
    main()
