"""The tables, curves and sheets of the comparison, put into a document between two marks."""

import json
import os
import platform
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from comparison.variants import EPOCHS, HALF, Part
from vid2vid.config.measures import measure_of, ordered_columns
from vid2vid.files import write_text
from vid2vid.markdown import markdown_table
from vid2vid.metrics.bootstrap import Figure, Interval, draws, percentiles

PICTURE_WIDTH = 1200
RESAMPLES = 2000


def report(parts: Sequence[Part], path: Path, script: str) -> None:
    """Put tables and pictures into a document, in place of what stands between the marks, or at its end.

    Args:
        parts: All trainings, done and evaluated.
        path: The document, in Markdown; the pictures go into ``images`` beside it.
        script: Name of the benchmark; it is in the marks and in the names of the pictures.
    """
    text = path.read_text() if path.is_file() else ""
    begin, end = (f"<!-- benchmarks/{script}.py: {what} -->" for what in ("begin", "end"))
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    subjects = dict.fromkeys(part.subject for part in parts)
    sections = [
        section(name, [part for part in parts if part.subject == name], path.parent / "images", script)
        for name in subjects
    ]
    body = "\n\n".join([how(script), *sections])
    write_text(path, f"{before.rstrip()}\n\n{begin}\n\n{body}\n\n{end}\n{after}")


def how(script: str) -> str:
    """Return how and on what it was run."""
    command = shlex.join(["python", f"benchmarks/{script}.py", *sys.argv[1:]])
    machine = f"{os.cpu_count()} cores ({platform.machine()}, {torch.backends.cpu.get_cpu_capability()})"
    return f"    {command}\n\nOn {machine}, torch {torch.__version__}; a training has one thread."


def section(subject: str, parts: Sequence[Part], images: Path, script: str) -> str:
    """Return the tables and pictures of one data set, the pictures of its first seed."""
    folders = list(dict.fromkeys(part.evaluated for part in parts))
    contents = [json.loads((folder / "metrics.json").read_text()) for folder in folders]
    curves = picture(folders[0] / "curves.png", images / f"{script}_{subject}_curves.png")
    sheet = picture(folders[0] / "sheet.png", images / f"{script}_{subject}_sheet.jpg")
    shown = (("measures over time", curves), ("what the models synthesise", sheet))
    pictures = [f"![{subject}: {what}](images/{path.name})" for what, path in shown]
    tables = (table(parts, contents), differences(parts, contents), budgets(parts))
    return "\n\n".join([f"### {subject}", *("\n".join(lines) for lines in tables), *pictures])


def table(parts: Sequence[Part], contents: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a table: means over the seeds, and how sure they are."""
    rows = [
        *compared_variants(parts),
        *(name for name in ("frozen", "nearest", "label_mean", "real") if name in contents[0]),
    ]
    measures = ordered_columns(name for row in rows for name in contents[0][row])
    counts = contents[0]
    yield (
        f"Trainings of each variant: {len(contents)}, evaluated on {counts['clips']} held-out clips. "
        "Means over the trainings, in brackets 95 % bootstrap intervals over clips and trainings; for mIoU and pixel "
        "accuracy the union of the intervals of all trainings, for Fréchet distances the value of each training."
    )
    yield ""
    yield from measure_table(measures, ([row, *(cell(row, name, contents) for name in measures)] for row in rows))


def cell(row: str, measure: str, contents: Sequence[dict[str, Any]]) -> str:
    """Return one cell of the table."""
    values = [content[row][measure] for content in contents if measure in content[row]]
    if not values:
        return ""
    digits = measure_of(measure).digits
    if measure in contents[0]["per_clip"].get(row, {}):
        return spread(per_clip(row, measure, contents), digits)
    intervals = [content["intervals"].get(row, {}).get(measure) for content in contents]
    known = [interval for interval in intervals if interval]
    bounds = (min(low for low, _ in known), max(high for _, high in known)) if known else None
    mean = Figure(sum(values) / len(values), bounds).text(digits)
    if known or len(values) == 1:
        return mean
    # no interval is known, but the trainings differ
    return f"{mean} ({', '.join(f'{value:.{digits}f}' for value in values)})"


def differences(parts: Sequence[Part], contents: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a table: by how much the others are above the first variant, clip by clip."""
    first, *others = compared_variants(parts)
    measures = ordered_columns(contents[0]["per_clip"][first])
    yield (
        f"Differences to {first} on the same clips, means and 95 % intervals as above. A clip that is hard for all "
        "models does not widen these intervals."
    )
    yield ""

    def lead(other: str, name: str) -> str:
        apart = per_clip(other, name, contents) - per_clip(first, name, contents)
        return spread(apart, measure_of(name).digits, signed=True)

    yield from measure_table(measures, ([other, *(lead(other, name) for name in measures)] for other in others))


def measure_table(measures: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table with a column for each measure."""
    return markdown_table(["", *(measure_of(name).heading for name in measures)], rows)


def compared_variants(parts: Sequence[Part]) -> list[str]:
    """Return the variants that have a row."""
    return list(dict.fromkeys(part.variant for part in parts if part.variant != HALF))


def per_clip(row: str, measure: str, contents: Sequence[dict[str, Any]]) -> Tensor:
    """Return what each training (with the clip's index last) has of a measure, NaN where it has nothing."""
    values = np.array([content["per_clip"][row][measure] for content in contents], dtype=np.float64)  # NaN for null
    return torch.from_numpy(values)


def spread(values: Tensor, digits: int, signed: bool = False) -> str:
    """Return the mean of values ``(trainings, clips)`` and its interval, trainings and clips drawn anew."""
    return Figure(float(values.nanmean()), mean_interval(values)).text(digits, signed)


def difference(value: float, interval: Sequence[float], digits: int) -> str:
    """Return a difference with its interval; bold where that leaves out 0."""
    low, high = interval
    figure = Figure(value, (low, high))
    text = figure.text(digits, signed=True)
    return f"**{text}**" if figure.leaves_out_zero else text


def mean_interval(values: Tensor) -> Interval | None:
    """Return the interval of the mean of values ``(trainings, clips)``, trainings and clips drawn anew."""
    trainings, clips = values.shape
    if clips < 2:
        return None
    drawn, weights = draws(clips, RESAMPLES), draws(trainings, RESAMPLES, seed=1)
    sums, counts = ((weights @ each * drawn).sum(1) for each in (values.nan_to_num(), (~values.isnan()).double()))
    return percentiles(sums / counts)


def budgets(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the lines of a table of what each training was given."""
    yield "| training | time per batch | batches | processor time | duration, beside another training |"
    yield "|---|---|---|---|---|"
    for variant in dict.fromkeys(part.variant for part in parts):
        same = [part for part in parts if part.variant == variant]
        plan = json.loads(same[0].plan.read_text())
        batches = EPOCHS * plan["batches_an_epoch"]
        minutes = ", ".join(str(json.loads(part.done.read_text())["minutes"]) for part in same)
        begins = f", after {same[0].variant_settings.begins_with}" if same[0].variant_settings.begins_with else ""
        yield (
            f"| {variant}{begins} | {plan['seconds_a_batch']} s | {batches} | "
            f"{batches * plan['seconds_a_batch'] / 60:.1f} min | {minutes} min |"
        )


def picture(source: Path, target: Path) -> Path:
    """Copy a picture, made smaller if it is wide, and return the copy's path."""
    image = cv2.imread(str(source))
    if image is None:
        raise SystemExit(f"{source}: there is no such picture.")
    height, width = image.shape[:2]
    if width > PICTURE_WIDTH:
        image = cv2.resize(image, (PICTURE_WIDTH, round(height * PICTURE_WIDTH / width)), interpolation=cv2.INTER_AREA)
    target.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(target), image, [cv2.IMWRITE_JPEG_QUALITY, 85] if target.suffix == ".jpg" else [])
    return target
