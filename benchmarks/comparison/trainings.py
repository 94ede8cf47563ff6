"""Planning, training and evaluation, each part once."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from comparison.variants import EPOCHS, HALF, Part
from vid2vid.digests import content_digest

SECONDS_A_BATCH = re.compile(r"^processor time\s+([\d.]+) s", re.MULTILINE)
"""Not the time on the clock, which is longer where the machine has other work, too."""
MEASUREMENTS = 4
"""So often is a batch timed; the shortest counts, since whatever disturbs it makes it only longer."""


def vid2vid(*arguments: str) -> str:
    """Run the program in one thread, and return what it writes."""
    program = str(Path(sys.executable).with_name("vid2vid"))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([program, *arguments], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"vid2vid {' '.join(arguments)}\n{done.stderr}")
    return done.stdout


def once(marker: Path, settings: Sequence[str], work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do some work unless it was done with the same settings, and return what it found, which is kept in a JSON file.

    Args:
        marker: The file; it is written when the work is done.
        settings: All that the result depends on.
        work: Does it, and returns what is kept beside the settings.

    Raises:
        SystemExit: It was done with other settings.
    """
    wanted = list(settings)
    if marker.is_file():
        found: dict[str, Any] = json.loads(marker.read_text())
        if found.get("settings") != wanted:
            differing = sorted({*found.get("settings", ())} ^ {*wanted})
            raise SystemExit(
                f"{marker}: was made with other settings ({', '.join(differing)}); remove {marker.parent}."
            )
        return found
    found = {**work(), "settings": wanted}
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps(found))
    return found


def plan(parts: Sequence[Part], minutes: float, side_by_side: int) -> None:
    """Find out how many batches each variant can be trained with in its share of the budget, unless that is known.

    The batches are timed as the variants will be trained, a few at a time. The very first one, which prepares the data,
    is alone.
    """
    different = {part.plan: part for part in parts}.values()
    unknown = [part for part in different if not part.plan.is_file()]
    seconds = {}
    if unknown:
        seconds_a_batch(unknown[0])
        with ThreadPoolExecutor(side_by_side) as pool:
            measured = [list(pool.map(seconds_a_batch, unknown)) for _ in range(MEASUREMENTS)]
        seconds = dict(zip((part.plan for part in unknown), map(min, zip(*measured, strict=True)), strict=True))

    for part in different:
        write_plan(part, seconds.get(part.plan, 0.0), minutes)


def plan_as(known: Part, parts: Sequence[Part], minutes: float) -> None:
    """Plan parts whose batches take as long as those of a part that is planned."""
    seconds = json.loads(known.plan.read_text())["seconds_a_batch"]
    for part in {part.plan: part for part in parts}.values():
        write_plan(part, seconds, minutes)


def write_plan(part: Part, seconds: float, minutes: float) -> None:
    """Write with how many batches, of so many seconds each, a part is trained, unless that is known."""

    def planned() -> dict[str, Any]:
        # Lightning takes a limit of 1 as all
        batches = max(int(60 * minutes * part.variant_settings.share / seconds / EPOCHS), 2)
        return {"seconds_a_batch": seconds, "batches_an_epoch": batches, "minutes": minutes}

    once(part.plan, [*part.common_settings(), f"minutes={minutes:g}"], planned)


def seconds_a_batch(part: Part) -> float:
    """Return how long a batch takes, by the program's preflight."""
    measured = SECONDS_A_BATCH.search(vid2vid("train", *part.settings(), "preflight=true"))
    if measured is None:
        raise SystemExit(f"{part.name}: the preflight does not tell how long a batch takes.")
    return float(measured[1])


def train(part: Part) -> None:
    """Train a part as it was planned, unless it has ended already."""
    batches = json.loads(part.plan.read_text())["batches_an_epoch"]
    settings = [*part.settings(), *part.beginning(), *budget(batches)]

    def work() -> dict[str, Any]:
        began = time.monotonic()
        vid2vid("train", *settings, "resume=auto")
        print(f"{part.name}: trained", flush=True)
        return {"minutes": round((time.monotonic() - began) / 60, 1)}

    once(part.done, settings, work)


def budget(batches: int) -> tuple[str, ...]:
    """Return the settings of a training of so many batches an epoch."""
    return (f"trainer.max_epochs={EPOCHS}", f"trainer.limit_train_batches={batches}", f"data.repeats={batches}")


def evaluate(parts: Sequence[Part], output: Path | None = None) -> None:
    """Judge all variants of one seed beside each other, unless that is done.

    Args:
        parts: The variants.
        output: The folder of the evaluation; None: that of the data set and the seed.
    """
    output = output or parts[0].evaluated
    parts = [part for part in parts if part.variant != HALF]
    checkpoints = ",".join(str(part.checkpoint) for part in parts)
    names = ",".join(part.variant for part in parts)
    given = (
        f"checkpoint=[{checkpoints}]",
        f"names=[{names}]",
        f"output={output}",
        *parts[0].subject_settings.evaluation,
    )

    def work() -> dict[str, Any]:
        print(vid2vid("evaluate", *given), flush=True)
        return {}

    once(output / "done.json", [*given, *(content_digest(part.checkpoint) for part in parts)], work)


def run(parts: Sequence[Part], side_by_side: int) -> None:
    """Train and evaluate, in this order, a few at a time; what needs others waits for them."""
    with ThreadPoolExecutor(side_by_side) as pool:
        groups = groupby(parts, lambda part: (part.seed, part.subject))
        futures = [future for _, group in groups for future in submit(list(group), pool)]
        for future in futures:
            future.result()


def submit(parts: Sequence[Part], pool: ThreadPoolExecutor) -> list[Future[None]]:
    """Hand in the trainings of one seed on one data set, and, if these are all of its variants, their evaluation."""
    trainings: dict[str, Future[None]] = {}
    # what waits for others comes last, so that it does not keep a place
    for part in sorted(parts, key=lambda part: bool(part.variant_settings.begins_with)):
        before = [trainings[name] for name in trainings if name == part.variant_settings.begins_with]
        trainings[part.variant] = pool.submit(after, before, partial(train, part))
    ordered = list(trainings.values())
    if set(trainings) != set(parts[0].subject_settings.variants):
        return ordered
    return [*ordered, pool.submit(after, ordered, partial(evaluate, parts))]


def after(before: Sequence[Future[None]], work: Callable[[], None]) -> None:
    """Do some work after other work."""
    for future in before:
        future.result()
    work()
