"""The paper's comparison at equal budgets: vid2vid, pix2pixHD, COVST, and vid2vid without each of its parts.

Run: ``python benchmarks/paper.py`` (about 4 hours on two cores), or, for a part of it, with ``--only street/vid2vid``.
Each training is a part of its own: a finished one is not repeated, and one that was killed resumes from its last
checkpoint. All variants of a data set have the same processor time, for which the number of batches is measured first
on the same machine. F and pix2pixHD have about as many parameters. The baselines get the same clips, image losses,
optimisers and running averages as vid2vid. At the end the models of a seed are evaluated on the same clips.
"""

import argparse
from pathlib import Path

from comparison.report import report
from comparison.trainings import plan, run
from comparison.variants import SUBJECTS, Part


def main() -> None:
    """Plan, train and evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=14, help="processor time of each training")
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each variant on the streets")
    parser.add_argument("--side-by-side", type=int, default=2, help="trainings at a time, one thread each")
    parser.add_argument("--root", type=Path, default=Path("runs/paper"), help="output folder")
    parser.add_argument("--only", default="", help="parts whose names begin so, e.g. street/vid2vid")
    parser.add_argument("--report", type=Path, default=Path("docs/results.md"), help="document that gets the tables")
    given = parser.parse_args()
    parts = [
        Part(subject, variant, seed, given.root)
        for seed in range(given.seeds)
        for subject in SUBJECTS
        if seed < SUBJECTS[subject].seeds
        for variant in SUBJECTS[subject].variants
    ]
    chosen = [part for part in parts if part.name.startswith(given.only)]
    plan(chosen, given.minutes, given.side_by_side)
    run(chosen, given.side_by_side)
    if chosen == parts:
        report(parts, given.report)


if __name__ == "__main__":
    main()
