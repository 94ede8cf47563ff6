"""What the paper could not do, and what is tried against it (docs/limits.md).

Run: ``python benchmarks/limits.py turning``: cars that turn, with labels alone and with depth and normals besides; or
``colours``: cars that keep their colour, with and without an object memory; or ``edits``: edited labels, with recipes
against what they cost. All is rendered, trained and measured on
this machine, in one thread; what is done is kept, so that a run that was stopped goes on. ``--measure-only`` measures
the seeds that are trained so far; ``--only`` names the recipes against edited labels that are compared, and
``--against`` the training without a recipe that they are compared with.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from limit_studies import colours, edits, turning

STUDIES: dict[str, Callable[..., None]] = {"colours": colours.study, "edits": edits.study, "turning": turning.study}


def main() -> None:
    """Run one study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument("--minutes", type=float, default=6.0, help="processor time of each training")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each kind")
    parser.add_argument("--root", type=Path, default=Path("runs/limits"), help="output folder")
    parser.add_argument("--measure-only", action="store_true", help="train nothing")
    parser.add_argument("--only", nargs="*", choices=edits.RECIPES, help="of edits: the recipes")
    parser.add_argument("--against", choices=edits.DEFAULTS, help="of edits: what they are compared with")
    given = parser.parse_args()
    of_edits = {name: value for name in ("only", "against") if (value := getattr(given, name)) is not None}
    if of_edits and given.study != "edits":
        parser.error(f"--{next(iter(of_edits))} is for edits")
    STUDIES[given.study](given.root, given.minutes, given.seeds, given.measure_only, **of_edits)


if __name__ == "__main__":
    main()
