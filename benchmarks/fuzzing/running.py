"""Hands damaged files to a process that reads them, and starts another one where it dies or hangs."""

import json
import os
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

from fuzzing.damaging import damaged
from fuzzing.samples import Sample

SECONDS = 60.0
"""Longest time for one file."""
BYTES = 2 * 2**30
"""By how much the memory of the process may grow for one file."""
_START_SECONDS = 120.0


@dataclass(frozen=True)
class Outcome:
    """What came of reading one damaged file.

    Attributes:
        kind: The kind of file.
        name: The name of its sample, and the number and kind of the damage.
        result: ``read``, ``refused``, ``crash``, ``hang``, ``traceback`` or ``memory``; the last four are faults.
        detail: A message, a traceback or the signal.
        seconds: How long it took.
        bytes: By how much the memory of the process grew.
    """

    kind: str
    name: str
    result: str
    detail: str = ""
    seconds: float = 0.0
    bytes: int = 0

    @property
    def is_fault(self) -> bool:
        """Whether the library has failed."""
        return self.result not in ("read", "refused")


class Reader:
    """A process of `fuzzing.reading`; it is started when it is needed.

    Args:
        log: Where its standard error goes.
        seconds: Longest time for one file.
    """

    def __init__(self, log: Path, seconds: float = SECONDS) -> None:
        self._log, self._seconds = log, seconds
        self._process: subprocess.Popen[str] | None = None

    def read(self, kind: str, path: Path, name: str, seconds: float | None = None) -> Outcome:
        """Let a file be read, if need be with a longest time of its own."""
        process = self._started()
        longest = self._seconds if seconds is None else seconds
        answer = self._ask(process, kind, path, longest)
        if answer is None:
            hung = process.poll() is None
            self.close()
            if hung:
                return Outcome(kind, name, "hang", f"more than {longest:g} s", longest)
            return Outcome(kind, name, "crash", f"ended with {process.returncode}")
        faults: list[str] = answer["faults"]
        result = "traceback" if faults else "refused" if answer["refused"] else "read"
        result = "memory" if answer["bytes"] > BYTES and not faults else result
        detail = "\n".join(faults) or answer["refused"]
        return Outcome(kind, name, result, detail, answer["seconds"], answer["bytes"])

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            paths = [str(Path(__file__).parents[1]), *sys.path]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
            with self._log.open("a") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-X", "faulthandler", "-m", "fuzzing.reading"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    env=environment,
                )
            # the first answer comes after the imports
            nothing = self._log.with_name("nothing")
            if self._ask(self._process, "palette", nothing, _START_SECONDS) is None:
                raise RuntimeError(f"the reading process does not start; see {self._log}")
        return self._process

    @staticmethod
    def _ask(process: subprocess.Popen[str], kind: str, path: Path, seconds: float) -> dict[str, Any] | None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([kind, str(path)]) + "\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], seconds)[0]:
            return None
        line = process.stdout.readline()
        if not line:
            process.wait()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer


def run(samples: Iterable[Sample], count: int, seed: int, folder: Path, seconds: float = SECONDS) -> Iterator[Outcome]:
    """Read damaged files, in turn of every sample; files that show a fault stay in the folder.

    Args:
        samples: Whole files.
        count: Number of damaged files.
        seed: Determines the damage.
        folder: Where they are written.
        seconds: Longest time for one file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = list(samples)
    reader = Reader(folder / "reader.log", seconds)
    try:
        for i in range(count):
            turn, place = divmod(i, len(chosen))
            sample = chosen[place]
            way, data = damaged(sample, turn, seed)
            path = folder / f"{sample.kind}-{i}" / sample.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            outcome = reader.read(sample.kind, path, f"{sample.name} {turn}: {way}")
            yield outcome
            if not outcome.is_fault:
                rmtree(path.parent)
    finally:
        reader.close()


def table(outcomes: Iterable[Outcome]) -> str:
    """Return a table in Markdown with a row for each kind of file, and the sums."""
    kept = list(outcomes)
    results = ("refused", "read", "crash", "hang", "traceback", "memory")
    lines = [f"| file | inputs | {' | '.join(results)} | slowest, s | memory, MB |"]
    lines.append("|" + "---|" * (len(results) + 4))
    kinds = [*dict.fromkeys(outcome.kind for outcome in kept), "all"]
    for kind in kinds:
        rows = [outcome for outcome in kept if kind in (outcome.kind, "all")]
        counts = Counter(outcome.result for outcome in rows)
        numbers = " | ".join(str(counts[result]) for result in results)
        slowest, most = max(row.seconds for row in rows), max(row.bytes for row in rows) / 1e6
        lines.append(f"| {kind} | {len(rows)} | {numbers} | {slowest:.1f} | {most:.0f} |")
    return "\n".join(lines) + "\n"
