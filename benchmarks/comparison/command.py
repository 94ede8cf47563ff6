"""The command line of a comparison at equal budgets."""

import argparse
from pathlib import Path

from comparison.report import report
from comparison.trainings import plan, run
from comparison.variants import Part, Subject


def compare(script: str, description: str, subjects: dict[str, Subject], minutes: float) -> None:
    """Plan, train and evaluate; then put the tables between the script's marks in a document.

    Args:
        script: Name of the benchmark.
        description: What it does, for its help.
        subjects: What is compared on which data, by name.
        minutes: Processor time of each training, unless the command line tells another one.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=minutes, help="processor time of each training")
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each variant on the streets")
    parser.add_argument("--side-by-side", type=int, default=2, help="trainings at a time, one thread each")
    parser.add_argument("--root", type=Path, default=Path("runs") / script, help="output folder")
    parser.add_argument("--only", default="", help="parts whose names begin so, e.g. street/vid2vid")
    parser.add_argument("--report", type=Path, default=Path("docs/results.md"), help="document that gets the tables")
    given = parser.parse_args()
    parts = [
        Part(subject, variant, seed, given.root)
        for seed in range(given.seeds)
        for subject in subjects
        if seed < subjects[subject].seeds
        for variant in subjects[subject].variants
    ]
    chosen = [part for part in parts if part.name.startswith(given.only)]
    plan(chosen, given.minutes, given.side_by_side)
    run(chosen, given.side_by_side)
    if chosen == parts:
        report(parts, given.report, script)
