"""Which practices of other trainings help one of some minutes: each is one change of the demo, for the same time.

Run: ``python benchmarks/practices.py`` (about three hours on one core). All are trained on the same streets, seed by
seed, for the same processor time, for which the number of batches is measured first on the same machine. Each is then
evaluated on the same held-out streets. What is done is kept, so that a run that was stopped goes on; the table is
written again after each seed. ``--measure-only`` evaluates and prints what is trained so far; ``--only`` names rows
that are trained beside the first.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from comparison.report import difference, mean_interval, per_clip
from comparison.trainings import evaluate, plan, plan_as, train
from comparison.variants import EPOCHS, PRACTICES, Part
from vid2vid.config.measures import measure_of
from vid2vid.files import write_text

SUBJECT = "practices"
MEASURES = (
    "psnr",
    "perceptual_distance",
    "warping_error",
    "video_frechet_distance",
    "image_frechet_distance",
    "detail",
    "colour_drift",
)

TIMED = (
    "least squares",
    "spectral norm",
    "augmented views",
    "R1",
    "perceptual loss",
    "gradient through 1 frame",
    "chunks of 6 frames",
)
"""Those whose batches may take longer or shorter than those of the first; the others' take as long as those."""

Seeds = Mapping[int, Mapping[str, Any]]
"""By seed what `vid2vid evaluate` found of a training, its ``metrics.json``."""


def evaluated(part: Part) -> Path:
    """Return the folder of the evaluation of a training."""
    return part.run_dir / "evaluated"


def found(part: Part) -> dict[str, Any]:
    """Evaluate a training that has ended, unless that is done, and return what was found."""
    evaluate([part], evaluated(part))
    metrics: dict[str, Any] = json.loads((evaluated(part) / "metrics.json").read_text())
    return metrics


def row(name: str, seeds: Seeds, base_name: str, base: Seeds) -> dict[str, Any]:
    """Return the figures of a variant: means over its seeds, and differences to the first one with the same seeds.

    The interval of a difference is that of 95 %, seeds and streets drawn anew; a Fréchet distance has none, but the
    difference of each seed.

    Args:
        name: The variant.
        seeds: What was found of it.
        base_name: The first variant.
        base: What was found of that.
    """
    figures: dict[str, Any] = {}
    for measure in MEASURES:
        each = [metrics[name][measure] for metrics in seeds.values()]
        figures[measure] = {"value": sum(each) / len(each), "each": each}
        if name == base_name or not (common := [seed for seed in seeds if seed in base]):
            continue
        pairs = [(seeds[seed], base[seed]) for seed in common]
        differences = [one[name][measure] - other[base_name][measure] for one, other in pairs]
        figures[measure] |= {"difference": sum(differences) / len(differences), "differences": differences}
        own, others = zip(*pairs, strict=True)
        if measure in own[0]["per_clip"][name]:
            apart = per_clip(name, measure, own) - per_clip(base_name, measure, others)
            figures[measure] |= {"difference": float(apart.nanmean()), "interval": mean_interval(apart)}
    return {"practice": name, "seeds": list(seeds), "figures": figures}


def cell(figure: Mapping[str, Any], digits: int) -> str:
    """Return a value, and its difference to the first row; bold where the interval leaves out 0."""
    text = f"{figure['value']:.{digits}f}"
    if "difference" not in figure:
        return text
    if interval := figure.get("interval"):
        return f"{text}; {difference(figure['difference'], interval, digits)}"
    each = ", ".join(f"{value:+.{digits}f}" for value in figure["differences"])
    return f"{text}; {figure['difference']:+.{digits}f} ({each})"


def table(rows: Sequence[Mapping[str, Any]], real: Mapping[str, float]) -> Iterator[str]:
    """Yield the lines of the table, that of the real streets last."""
    yield "| practice | seeds | batches | " + " | ".join(measure_of(name).heading for name in MEASURES) + " |"
    yield "|---" * (len(MEASURES) + 3) + "|"
    for each in rows:
        cells = (cell(each["figures"][name], measure_of(name).digits) for name in MEASURES)
        yield f"| {each['practice']} | {len(each['seeds'])} | {each['batches']} | {' | '.join(cells)} |"
    cells = (f"{real[name]:.{measure_of(name).digits}f}" if name in real else "" for name in MEASURES)
    yield f"| real |  |  | {' | '.join(cells)} |"


def report(parts: Sequence[Part]) -> None:
    """Evaluate what is trained, and write and print the table.

    Raises:
        SystemExit: No training of the first variant has ended.
    """
    done: dict[str, dict[int, Any]] = {}
    for part in parts:
        if part.done.is_file():
            done.setdefault(part.variant, {})[part.seed] = found(part)
    base = parts[0].variant
    if base not in done:
        raise SystemExit(f"{parts[0].run_dir.parent}: no training has ended, to which the others could be compared.")
    plans = {part.variant: json.loads(part.plan.read_text()) for part in parts if part.variant in done}
    rows = [
        {**row(name, seeds, base, done[base]), "batches": EPOCHS * plans[name]["batches_an_epoch"]}
        for name, seeds in done.items()
    ]
    text = "\n".join(table(rows, next(iter(done[base].values()))["real"]))
    write_text(parts[0].root / "practices.json", json.dumps(rows, indent=1) + "\n")
    write_text(parts[0].root / "practices.md", text + "\n")
    print(text, flush=True)


def main() -> None:
    """Plan, train and evaluate, seed by seed."""
    variants = PRACTICES[SUBJECT].variants
    first, *others = variants
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2.5, help="processor time of each training")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each practice")
    parser.add_argument("--side-by-side", type=int, default=1, help="trainings at a time, one thread each")
    parser.add_argument("--root", type=Path, default=Path("runs/practices"), help="output folder")
    parser.add_argument("--only", nargs="+", choices=others, default=others, metavar="NAME", help=", ".join(others))
    parser.add_argument("--measure-only", action="store_true", help="train nothing")
    given = parser.parse_args()
    names = [first, *(name for name in others if name in given.only)]
    parts = [Part(SUBJECT, name, seed, given.root) for seed in range(given.seeds) for name in names]
    if not given.measure_only:
        plan([part for part in parts if part.variant in TIMED], given.minutes, given.side_by_side)
        plan_as(parts[0], [part for part in parts if part.variant not in TIMED], given.minutes)
        for seed in range(given.seeds):
            with ThreadPoolExecutor(given.side_by_side) as pool:
                list(pool.map(train, [part for part in parts if part.seed == seed]))
            report(parts)
    else:
        report(parts)


if __name__ == "__main__":
    main()
