"""Speed of F in two threads, alone and beside a busy process, by how long threads of OpenMP spin while they wait.

    python benchmarks/busy.py
    python benchmarks/busy.py --spins 0 1000 10000 100000 --rounds 15

A thread that waits for others looks for work ``GOMP_SPINCOUNT`` times before it sleeps; 0 is what
``OMP_WAIT_POLICY=passive`` means (libgomp, which torch brings on Linux). The runtime reads this when it is loaded, so
each way has a process of its own: two threads as they come, with each number of ``--spins``, and one thread. They make
frames of a rendered street in turns, alone, then beside a process that counts. Prints of each way the median frames/s
and the median of the ratios to two threads as they come in the same round; then how many cores other programs took
meanwhile (Linux): where that is not near 0, nothing was alone. ``--patience 60`` waits up to an hour for turns in which
they take less than a tenth of a core. Writes busy.json.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median

WARM_UP = 5
AS_IT_COMES = "two threads, as they come"
QUIET = 0.1
"""Cores that other programs take at most where a turn counts as alone."""
PLACES = "alone", "beside a busy process"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--checkpoint", default="street", help="a model of rendered streets")
    add("--precision", default="32")
    add("--height", type=int, default=128)
    add("--width", type=int, default=256)
    add("--spins", nargs="*", default=["0", "1000", "10000"])
    add("--frames", type=int, default=20, help="of a turn")
    add("--rounds", type=int, default=9)
    add("--patience", type=float, default=0.0, help="minutes to wait for others to be quiet")
    add("--output", type=Path, default=Path("runs/busy.json"))
    add("--threads", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def make_frames(options: argparse.Namespace) -> None:
    """Make the frames of a turn for each line of the standard input, and print the seconds that they took."""
    import torch

    from vid2vid import Synthesizer, Vid2VidModule, load
    from vid2vid.config import SynthesisConfig
    from vid2vid.synthesis.inputs import InputSource

    torch.set_num_threads(options.threads)
    module = load(options.checkpoint, Vid2VidModule)
    config = SynthesisConfig(frames=options.frames, height=options.height, width=options.width)
    inputs = InputSource(config, module.condition)
    first = inputs.first_frames(module.generator.config.past_frames)
    synthesizer = Synthesizer(module, first, precision=options.precision)
    given = [*inputs]
    for frame in given[:WARM_UP]:
        synthesizer.step(frame.source, frame.instance, planes=frame.planes)
    for _ in sys.stdin:
        began = time.perf_counter()
        for frame in given:
            synthesizer.step(frame.source, frame.instance, planes=frame.planes)
        print(time.perf_counter() - began, flush=True)


class Way:
    """Two threads that wait in some way, or one thread, in a process of its own.

    Args:
        threads: Their number.
        spins: ``GOMP_SPINCOUNT``; None: as it comes.
        frames: Frames of a turn.
    """

    def __init__(self, threads: int, spins: str | None, frames: int) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
        if spins is not None:
            environment["GOMP_SPINCOUNT"] = spins
        command = [sys.executable, __file__, *sys.argv[1:], f"--threads={threads}"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._frames = frames
        # until it is loaded no other may begin
        self.turn()

    def turn(self) -> float:
        """Return the frames/s of a turn."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self._frames / float(self.process.stdout.readline())


class Others:
    """Counts the cores that other programs than some processes take (Linux).

    Args:
        processes: The ids of the processes that are not counted.
    """

    def __init__(self, processes: Sequence[int]) -> None:
        self._processes = processes
        self._began = time.perf_counter(), self._seconds()

    def _seconds(self) -> float:
        fields = [Path(f"/proc/{one}/stat").read_text(encoding="ascii").rpartition(")")[2] for one in self._processes]
        own = sum(int(ticks) for each in fields for ticks in each.split()[11:13])
        machine = Path("/proc/stat").read_text(encoding="ascii").split()[1:4]
        return (sum(map(int, machine)) - own) / os.sysconf("SC_CLK_TCK")

    def cores(self) -> float:
        """Return their mean number since this was made."""
        began, before = self._began
        return (self._seconds() - before) / (time.perf_counter() - began)


@contextmanager
def busy_process() -> Iterator[int]:
    """Keep a core busy; gives the id of the process that does."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def quiet_turn(way: Way, own: Sequence[int], beside: bool, until: float) -> tuple[float, float]:
    """Return the frames/s of a turn, and how many cores other programs took meanwhile.

    Args:
        way: Whose turn it is.
        own: The processes of all ways.
        beside: Let a process count meanwhile.
        until: The time until which turns are repeated in which other programs took more than `QUIET`.
    """
    while True:
        waiting = Others(own)
        while time.monotonic() < until:
            time.sleep(0.3)
            if waiting.cores() < QUIET:
                break
            waiting = Others(own)
        with busy_process() if beside else nullcontext() as busy:
            counted = Others([*own, busy] if busy else own)
            result = way.turn(), counted.cores()
        if result[1] < QUIET or time.monotonic() >= until:
            return result


def main() -> None:
    """Print the table."""
    options = arguments()
    if options.threads:
        make_frames(options)
        return
    ways = {AS_IT_COMES: Way(2, None, options.frames)}
    ways |= {f"two threads, GOMP_SPINCOUNT={spins}": Way(2, spins, options.frames) for spins in options.spins}
    ways["one thread"] = Way(1, None, options.frames)
    rates: dict[str, dict[str, list[float]]] = {place: {name: [] for name in ways} for place in PLACES}
    others: dict[str, list[float]] = {place: [] for place in PLACES}
    own = [way.process.pid for way in ways.values()]
    until = time.monotonic() + 60 * options.patience
    for turn in range(options.rounds):
        # each has each place in the row
        order = [*ways][turn % len(ways) :] + [*ways][: turn % len(ways)]
        for place in PLACES:
            for name in order:
                rate, cores = quiet_turn(ways[name], own, place != "alone", until)
                rates[place][name].append(rate)
                others[place].append(cores)
    found = {place: {"frames/s": rates[place], "others": others[place]} for place in PLACES}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(f"| | {' | '.join(f'{place}, frames/s | ratio' for place in PLACES)} |\n|---|---|---|---|---|")
    for name in ways:
        cells = []
        for each in rates.values():
            ratios = [one / base for one, base in zip(each[name], each[AS_IT_COMES], strict=True)]
            cells.append(f"{median(each[name]):.1f} | {median(ratios):.2f}")
        print(f"| {name} | {' | '.join(cells)} |")
    print("other programs:", ", ".join(f"{median(cores):.2f} cores {place}" for place, cores in others.items()))
    for way in ways.values():
        way.process.communicate()


if __name__ == "__main__":
    main()
