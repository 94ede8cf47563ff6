"""The tables, curves and sheets of the comparison, put into a document between two marks."""

import json
import os
import platform
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import torch

from comparison.variants import EPOCHS, HALF, Part
from vid2vid.files import write_text
from vid2vid.synthesis.judging import MEASURES

BEGIN, END = "<!-- benchmarks/paper.py: begin -->", "<!-- benchmarks/paper.py: end -->"
PICTURE_WIDTH = 1200


def report(parts: Sequence[Part], path: Path) -> None:
    """Put tables and pictures into a document, in place of what stands between the marks, or at its end.

    Args:
        parts: All trainings, done and judged.
        path: The document, in Markdown; the pictures go into ``images`` beside it.
    """
    text = path.read_text() if path.is_file() else ""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    subjects = dict.fromkeys(part.subject for part in parts)
    sections = [
        section(name, [part for part in parts if part.subject == name], path.parent / "images") for name in subjects
    ]
    body = "\n\n".join([how(), *sections])
    write_text(path, f"{before.rstrip()}\n\n{BEGIN}\n\n{body}\n\n{END}\n{after}")


def how() -> str:
    """Return how and on what it was run."""
    command = shlex.join(["python", "benchmarks/paper.py", *sys.argv[1:]])
    machine = f"{os.cpu_count()} cores ({platform.machine()}, {torch.backends.cpu.get_cpu_capability()})"
    return f"    {command}\n\nOn {machine}, torch {torch.__version__}; a training has one thread."


def section(subject: str, parts: Sequence[Part], images: Path) -> str:
    """Return the tables and pictures of one data set, the pictures of its first seed."""
    judged = list(dict.fromkeys(part.judged for part in parts))
    contents = [json.loads((folder / "metrics.json").read_text()) for folder in judged]
    curves = picture(judged[0] / "curves.png", images / f"paper_{subject}_curves.png")
    sheet = picture(judged[0] / "sheet.png", images / f"paper_{subject}_sheet.jpg")
    shown = (("measures over time", curves), ("what the models synthesise", sheet))
    pictures = [f"![{subject}: {what}](images/{path.name})" for what, path in shown]
    return "\n\n".join([f"### {subject}", "\n".join(table(parts, contents)), "\n".join(budgets(parts)), *pictures])


def table(parts: Sequence[Part], contents: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a table: means over the seeds, and between which ends all of their intervals lie."""
    variants = list(dict.fromkeys(part.variant for part in parts if part.variant != HALF))
    rows = [*variants, *(name for name in ("frozen", "nearest", "label_mean", "real") if name in contents[0])]
    measures = [name for name in MEASURES if any(name in contents[0][row] for row in rows)]
    counts = contents[0]
    yield (
        f"Trainings of each variant: {len(contents)}, judged on {counts['clips']} held-out clips. "
        "Means over the trainings; in brackets the ends of the 95 % intervals of all of them, of clips "
        "drawn anew."
    )
    yield ""
    yield "| " + " | ".join(["", *(MEASURES[name].heading for name in measures)]) + " |"
    yield "|---" * (len(measures) + 1) + "|"
    for row in rows:
        yield "| " + " | ".join([row, *(cell(row, name, contents) for name in measures)]) + " |"


def cell(row: str, measure: str, contents: Sequence[dict[str, Any]]) -> str:
    """Return one cell of the table."""
    values = [content[row][measure] for content in contents if measure in content[row]]
    if not values:
        return ""
    digits = MEASURES[measure].digits
    intervals = [content["intervals"].get(row, {}).get(measure) for content in contents]
    known = [interval for interval in intervals if interval]
    mean = f"{sum(values) / len(values):.{digits}f}"
    if known:
        lower, upper = min(low for low, _ in known), max(high for _, high in known)
        return f"{mean} ({lower:.{digits}f} – {upper:.{digits}f})"
    # no interval is known, but the trainings differ
    return f"{mean} ({min(values):.{digits}f}, {max(values):.{digits}f})" if len(values) > 1 else mean


def budgets(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the lines of a table of what each training was given."""
    yield "| training | a batch | batches | computing | took, beside another |"
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
    cv2.imwrite(str(target), image)
    return target
