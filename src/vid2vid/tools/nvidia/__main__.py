"""``python -m vid2vid.tools.nvidia verify FILE.safetensors …``."""

import argparse
import sys
from pathlib import Path

from vid2vid.errors import Vid2VidError
from vid2vid.tools.nvidia.verify import BOUND, verify


def verify_files() -> int:
    """Verify recordings; returns 0 if all outputs are reproduced, 1 if not, 2 if a file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m vid2vid.tools.nvidia", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("verify", help="recompute recordings of the reference and compare")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE.safetensors")
    status = 0
    for path in parser.parse_args().files:
        try:
            for name, error in verify(path):
                equal = error <= BOUND
                status = max(status, int(not equal))
                print(f"{'ok  ' if equal else 'FAIL'} {path.stem}: {name}: {error:.1e}")  # noqa: T201
        except Vid2VidError as error:
            print(error, file=sys.stderr)  # noqa: T201
            status = 2
    return status


if __name__ == "__main__":
    sys.exit(verify_files())
