"""Cars that keep their colour, in sight and after they were hidden: with and without an object memory."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from comparison.report import difference, picture
from comparison.trainings import plan, train
from comparison.variants import COLOURS, Part
from limit_studies.common import RESAMPLES, Video, rendered, synthesised, window
from vid2vid import Vid2VidModule, load
from vid2vid.files import write_text
from vid2vid.metrics.bootstrap import draws
from vid2vid.metrics.colour_drift import LEAST_FRAMES, colour_drifts, object_colours
from vid2vid.visual import Picture, contact_sheet, save_png

GAPS = (0, 5, 20, 100)
"""Frames for which a car is hidden; 0 tells how much its colour changes anyway."""
SEEN = 20
"""Frames before a gap."""
FRAMES, STREETS, FIRST_SEED = 300, 10, 2**32 + 1000
LONG_FRAMES, LONG_STREETS = 2000, 2
"""The streets of the drift over a long time; they are others."""
LEAST_PIXELS = 30
"""Pixels of a car that counts in a frame."""
ROAD, CAR = 7, 26


def hidden(video: Video, cars: Sequence[int], times: slice) -> Video:
    """Return a street with some cars taken out of labels and ids for a while, where road takes their place."""
    labels, ids = video.labels.copy(), video.ids.copy()
    gone = np.isin(ids[times], cars)
    labels[times][gone] = ids[times][gone] = ROAD
    return Video(video.rgb, labels, ids)


def car_colours(frames: Tensor, video: Video) -> list[dict[int, Tensor]]:
    """Return the mean colour in CIE Lab of each car that is large enough, frame by frame."""
    cars = torch.from_numpy(video.ids * (video.labels == CAR))[:, None]
    found = [object_colours(frame[None], ids[None]) for frame, ids in zip(frames, cars, strict=True)]
    return [{int(row[0]): row[2:] for row in rows if row[1] >= LEAST_PIXELS} for rows in found]


def change(colours: Sequence[dict[int, Tensor]], car: int, gap: int) -> float:
    """Return how far a car's mean colour is after a gap from the one before it, over three frames each."""
    before, after = (
        torch.stack([colours[t][car] for t in range(start, start + 3)]).mean(0) for start in (SEEN - 3, SEEN + gap)
    )
    return float((after - before).norm())


def street_changes(modules: Sequence[Vid2VidModule | None], video: Video, gap: int) -> list[tuple[float, int]]:
    """Return, for the real video (None) and for each model, the sum of the changes of the cars, and their number."""
    video = video[: SEEN + gap + 3]
    real = car_colours(video.real, video)
    times = [*range(SEEN - 3, SEEN), *range(SEEN + gap, SEEN + gap + 3)]
    cars = [car for car in real[SEEN - 1] if all(car in real[t] for t in times)]
    if not cars:
        return [(0.0, 0)] * len(modules)
    shown = hidden(video, cars, slice(SEEN, SEEN + gap))
    found = [real if each is None else car_colours(synthesised(each, shown), video) for each in modules]
    return [(sum(change(colours, car, gap) for car in cars), len(cars)) for colours in found]


def street_drifts(modules: Sequence[Vid2VidModule | None], video: Video) -> list[tuple[float, int]]:
    """Return the same for the drift of each car's colour over a whole video in which nothing is hidden."""
    sums = []
    for module in modules:
        frames = video.real if module is None else synthesised(module, video)
        cars = torch.from_numpy(video.ids * (video.labels == CAR))[:, None]
        drifts = colour_drifts(object_colours(frames, cars), LEAST_PIXELS, LEAST_FRAMES)
        sums.append((float(drifts.sum()), len(drifts)))
    return sums


def figures(sums: Tensor) -> dict[str, Any]:
    """Return means over cars with 95 % intervals, streets and trainings drawn anew.

    ``ratio`` is the mean with a memory as a multiple of the real video's.

    Args:
        sums: ``(candidates, streets, 2)``: sum of the values, and number of cars. The real video comes first, then the
            trainings without a memory, then as many with one.
    """
    seeds = (len(sums) - 1) // 2
    streets, trainings = draws(sums.shape[1], RESAMPLES), draws(seeds, RESAMPLES, seed=1)
    drawn = torch.einsum("rs,csk->crk", streets, sums)
    values, spread = sums.sum(1)[:, 0] / sums.sum(1)[:, 1], drawn[..., 0] / drawn[..., 1]
    tails = torch.tensor([0.025, 0.975], dtype=torch.float64)
    groups = {"real": values[:1], "without": values[1 : 1 + seeds], "memory": values[1 + seeds :]}
    # the two trainings of a seed are drawn together
    without, memory = ((trainings.T * each).sum(0) / seeds for each in torch.split(spread[1:], seeds))
    spreads = {"real": spread[0], "without": without, "memory": memory}
    row: dict[str, Any] = {"cars": int(sums[0, :, 1].sum())}
    for name, each in groups.items():
        row[name] = {"value": float(each.mean()), "each": each.tolist()}
        row[name]["interval"] = torch.nanquantile(spreads[name], tails).tolist()
    row["difference"] = row["memory"]["value"] - row["without"]["value"]
    row["difference_interval"] = torch.nanquantile(memory - without, tails).tolist()
    row["ratio"] = row["memory"]["value"] / row["real"]["value"]
    row["ratio_interval"] = torch.nanquantile(memory / spread[0], tails).tolist()
    return row


def table(rows: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a table of `figures`."""
    yield "| | cars | real | without memory | with memory | difference | with memory, times the real |"
    yield "|---" * 7 + "|"
    for title, row in rows.items():
        cells = [
            "{:.1f} ({:.1f} to {:.1f})".format(row[name]["value"], *row[name]["interval"])
            for name in ("real", "without", "memory")
        ]
        ratio = "{:.2f} ({:.2f} to {:.2f})".format(row["ratio"], *row["ratio_interval"])
        apart = difference(row["difference"], row["difference_interval"], 1)
        yield f"| {title} | {row['cars']} | {' | '.join(cells)} | {apart} | {ratio} |"


def sheet(without: Vid2VidModule, memory: Vid2VidModule, videos: Sequence[Video], cars: int = 4) -> Picture:
    """Return a sheet of cars before and after a gap of 20 frames."""
    rows: dict[str, list[Picture]] = {}
    gap = 20
    times = [SEEN - 8, SEEN - 4, SEEN - 1, *range(SEEN + gap, SEEN + gap + 5)]
    for video in videos:
        video = video[: times[-1] + 1]
        real = car_colours(video.real, video)
        found = [car for car in real[SEEN - 1] if all(car in real[t] for t in times)]
        if not found or len(rows) == 3 * cars:
            continue
        shown = hidden(video, found, slice(SEEN, SEEN + gap))
        largest = max(found, key=lambda car: int((video.ids[SEEN] == car).sum()))
        number = len(rows) // 3 + 1
        for title, frames in (
            ("real", video.real),
            ("without", synthesised(without, shown)),
            ("memory", synthesised(memory, shown)),
        ):
            rows[f"{number} {title}"] = [window(frames[t], torch.from_numpy(video.ids[t] == largest)) for t in times]
    return contact_sheet(rows, len(times))


def study(root: Path, minutes: float, seeds: int, measure_only: bool = False) -> None:
    """Train, render, measure; whatever is done already is kept.

    Args:
        root: The folder for all of it.
        minutes: Processor time of each training.
        seeds: Trainings with and without a memory.
        measure_only: Train nothing, and measure the seeds of which both trainings have ended.
    """
    torch.set_num_threads(1)
    variants = COLOURS["colours"].variants
    parts = [Part("colours", variant, seed, root) for seed in range(seeds) for variant in variants]
    if not measure_only:
        plan(parts, minutes, 1)
        for part in parts:
            train(part)
    complete = [seed for seed in range(seeds) if all(part.done.is_file() for part in parts if part.seed == seed)]
    if not complete:
        raise SystemExit(f"{root}: there is no seed of which both trainings have ended.")
    chosen = [part for variant in variants for part in parts if part.variant == variant and part.seed in complete]
    report(root / "colours", [load(part.checkpoint, Vid2VidModule) for part in chosen])


def report(output: Path, modules: Sequence[Vid2VidModule]) -> None:
    """Measure models, first those without a memory, then as many with one; write ``colours.md``, ``.json``, a sheet."""
    streets = tqdm(range(STREETS), "streets", unit="street")
    videos = [rendered(output / "streets" / f"{number}.npz", FIRST_SEED + number, FRAMES) for number in streets]
    candidates = [None, *modules]
    rows = {}
    for gap in GAPS:
        sums = [street_changes(candidates, video, gap) for video in tqdm(videos, f"gap of {gap}", unit="street")]
        rows[f"after a gap of {gap} frames" if gap else "without a gap"] = figures(_transposed(sums))
    drifts = [street_drifts(candidates, video) for video in tqdm(videos, "drift", unit="street")]
    rows[f"drift over {FRAMES} frames"] = figures(_transposed(drifts))
    drifts = []
    for number in tqdm(range(LONG_STREETS), "long drift", unit="street"):
        video = rendered(output / "streets" / f"long-{number}.npz", FIRST_SEED + STREETS + number, LONG_FRAMES)
        drifts.append(street_drifts(candidates, video))
    rows[f"drift over {LONG_FRAMES} frames, {LONG_STREETS} streets"] = figures(_transposed(drifts))
    write_text(output / "colours.json", json.dumps(rows, indent=1) + "\n")
    text = "\n".join(table(rows))
    write_text(output / "colours.md", text + "\n")
    save_png(output / "sheet.png", sheet(modules[0], modules[len(modules) // 2], videos))
    picture(output / "sheet.png", Path("docs/images") / "limits_colours.jpg")
    print(text)


def _transposed(sums: Sequence[Sequence[tuple[float, int]]]) -> Tensor:
    """Return ``(candidates, streets, 2)`` from the sums of each street."""
    return torch.tensor(sums, dtype=torch.float64).transpose(0, 1)
