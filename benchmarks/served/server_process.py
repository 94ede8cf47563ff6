"""The process of a verb that serves a page."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")


def parser_of(text: str | None, precision: str, minutes: float, output: str) -> argparse.ArgumentParser:
    """Return a parser of the options that all these benchmarks have.

    Args:
        text: What the benchmark does.
        precision: Default of ``--precision``.
        minutes: Default of ``--minutes``.
        output: Default of ``--output``.
    """
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="street")
    parser.add_argument("--precision", default=precision)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--output", type=Path, default=Path(output))
    return parser


def write_found(found: dict[str, Any], output: Path) -> None:
    """Print what was found, and write it as JSON."""
    print(json.dumps(found, indent=1), flush=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, indent=1), encoding="utf-8")


class ServerProcess:
    """A verb in a process of its own.

    Args:
        verb: The verb.
        options: Options of `parser_of`.
        settings: More settings of the verb.
        pipe: Which stream of the process is read: ``stdout`` or ``stderr``.
    """

    def __init__(self, verb: str, options: argparse.Namespace, *settings: str, pipe: str) -> None:
        command = [sys.executable, "-m", "vid2vid", verb, "port=0", *settings]
        command += [f"{name}={getattr(options, name)}" for name in ("checkpoint", "precision", "threads")]
        self.process = subprocess.Popen(command, text=True, **{pipe: subprocess.PIPE})  # type: ignore[call-overload]

    def seconds(self) -> float:
        """Return the processor time so far (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def megabytes(self) -> float:
        """Return the memory that is in use (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024
