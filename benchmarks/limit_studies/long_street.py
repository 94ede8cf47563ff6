"""Whether a model of streets holds for 2,000 frames: its measures over time, beside a synthesis that begins anew."""

import json
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from comparison.report import difference, picture
from limit_studies.common import FPS, channels
from vid2vid import Synthesizer, Vid2VidModule
from vid2vid.baselines.trivial import LabelMean
from vid2vid.config.measures import measure_of
from vid2vid.errors import CheckpointError
from vid2vid.files import write_text
from vid2vid.metrics import colour_drifts, detail, object_colours, perceptual_distance, psnr, warping_error
from vid2vid.metrics.metric_networks import image_network
from vid2vid.ops import to_images
from vid2vid.street import Street
from vid2vid.synthesis.rendered_street import RenderedStreet, can_be_rendered
from vid2vid.types import Clip, Flow
from vid2vid.visual import Picture, condition_picture, contact_sheet, save_png, to_pixels
from vid2vid.visual.curves import Panel, save_curves

FRAMES, ANEW = 2000, 1500
"""Frames of a street, and the one from which the syntheses of comparison begin."""
EARLY, LATE = range(100, 500), range(1600, 2000)
SHOWN = (100, 500, 1000, 1500, 1999)
BLOCK, LATE_BLOCK = 100, 50
"""Frames whose mean is one value of a trend, or of a difference."""
T_TREND, T_LATE = 2.11, 2.36
"""97.5 % quantiles of Student's t: of a line through 19 blocks, and of the mean of 8."""
MEAN_COLOURS = "each label in its mean colour"
REAL = "real"
MEASURES = ("psnr", "perceptual_distance", "warping_error", "detail")
PERCEPTUAL_EVERY = 5
"""The perceptual distance, which takes longest, is that of each fifth frame."""
DRIFT = "colour_drift"
DRAWN = ("psnr", "warping_error", "detail")
"""The measures whose curves are drawn."""


@dataclass(frozen=True)
class Way:
    """A synthesis: with the planes of the condition or without, from two real frames at 0 or at a later time.

    With ``colours`` what comes into view has a colour of the training data, as in `vid2vid synthesize`; without, F
    chooses.
    """

    title: str
    planes: bool
    start: int = 0
    colours: bool = True

    @property
    def name(self) -> str:
        """What it is called in the results."""
        return f"{self.title}, from {self.start}" if self.start else self.title


def ways(module: Vid2VidModule) -> list[Way]:
    """Return the ways in which a model can synthesise a street, each from the beginning and anew.

    Raises:
        CheckpointError: It is no model of streets.
    """
    condition = module.condition
    if not can_be_rendered(condition):
        raise CheckpointError("--checkpoint: must be a model of rendered streets, whose conditions can be rendered.")
    planes = " and ".join(plane.name for plane in condition.planes if not plane.is_marks)
    found = [Way(f"with {planes}", planes=True)] if planes else []
    if all(plane.can_be_missing for plane in condition.planes):
        found.append(Way("labels and ids", planes=False))
    if module.generator.config.object_memory:
        found.append(replace(found[0], title="colours left to F", colours=False))
    return [*found, *(replace(way, start=ANEW) for way in found)]


@dataclass(frozen=True)
class Moment:
    """A frame of a street, and what each candidate shows.

    Attributes:
        time: Index of the frame.
        labels: ``(1, 1, H, W)`` class indices.
        ids: ``(1, 1, H, W)`` object ids.
        flow: The exact flow from the frame before, ``(1, ·, H, W)``.
        shown: The frames of the candidates by name, the real one among them, ``(1, 3, H, W)``; those that begin later
            are not there yet.
    """

    time: int
    labels: Tensor
    ids: Tensor
    flow: Flow
    shown: dict[str, Tensor]


class Measured:
    """The measures of all candidates over time.

    Attributes:
        curves: For each measure and candidate the value at each time of each street, ``(streets, FRAMES)``; NaN where
            there is none.
        colours: For each candidate, street and time the colours of the objects (`object_colours`).
    """

    def __init__(self, streets: int) -> None:
        self.curves: dict[str, dict[str, NDArray[np.float64]]] = {
            name: defaultdict(lambda: np.full((streets, FRAMES), np.nan)) for name in MEASURES
        }
        self.colours: dict[str, list[list[Tensor]]] = defaultdict(lambda: [[] for _ in range(streets)])
        self.network = image_network("spatial_energy")

    def add(self, street: int, before: Moment, now: Moment) -> None:
        """Measure a frame of each candidate that has one before it."""
        real, colours = now.shown[REAL], now.ids[0]
        for candidate in before.shown:
            frame = now.shown[candidate]
            pair = torch.stack([before.shown[candidate], frame], dim=1)
            found = {"warping_error": warping_error(pair, now.flow.vectors[None], now.flow.confidence[None])}
            if candidate != REAL:
                found["psnr"] = psnr(frame[None], real[None])
                found["detail"] = detail(frame) / detail(real)
                if candidate != MEAN_COLOURS and now.time % PERCEPTUAL_EVERY == 0:
                    found["perceptual_distance"] = perceptual_distance(frame[None], real[None], self.network)
            for name, value in found.items():
                self.curves[name][candidate][street, now.time] = float(value)
            if candidate != MEAN_COLOURS:
                rows = object_colours(frame, colours[None], first_id=1000)
                self.colours[candidate][street].append(torch.cat([torch.full_like(rows[:, :1], now.time), rows], 1))

    def drift(self, candidate: str, times: range) -> float:
        """Return the mean drift of colour of the objects of all streets within some frames; NaN where none counts."""
        streets = [torch.cat(rows) for rows in self.colours[candidate]]
        chosen = [rows[(rows[:, 0] >= times.start) & (rows[:, 0] < times.stop), 1:] for rows in streets]
        return float(torch.cat([colour_drifts(rows) for rows in chosen]).mean())

    def results(self) -> dict[str, dict[str, NDArray[np.float64]]]:
        """Return for each measure and candidate the mean over the streets at each time, ``(FRAMES,)``.

        The drift of colours is that within each `BLOCK`, ``(FRAMES / BLOCK,)``.
        """
        # of a time without a value there is no mean
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
            found = {
                name: {candidate: np.nanmean(values, axis=0) for candidate, values in curves.items()}
                for name, curves in self.curves.items()
            }
        blocks = [range(start, start + BLOCK) for start in range(0, FRAMES, BLOCK)]
        drifts = {each: np.array([self.drift(each, times) for times in blocks]) for each in self.colours}
        return {**found, DRIFT: drifts}


def mean_colours(module: Vid2VidModule, height: int, width: int, streets: int = 40) -> LabelMean:
    """Return what paints labels in their mean colours over one frame each of streets of the data sets' seeds."""

    def clips() -> Iterator[Clip]:
        for seed in range(streets):
            frame = Street(seed, height, width, FPS, cached_frames=2).render(10)
            labels = torch.from_numpy(channels(module, frame.label))
            yield Clip(labels[None, None, None], torch.from_numpy(frame.rgb).movedim(-1, 0)[None, None])

    return LabelMean(clips(), len(module.condition.label_ids))


def as_image(rgb: NDArray[np.uint8]) -> Tensor:
    """Return a picture ``(H, W, 3)`` as ``(1, 3, H, W)`` in [-1, 1]."""
    return to_images(torch.from_numpy(rgb).movedim(-1, 0)[None])


def moments(module: Vid2VidModule, source: RenderedStreet, painted: LabelMean) -> Iterator[Moment]:
    """Render a street, and synthesise it in all ways beside each other."""
    past, street, compared = module.generator.config.past_frames, source.street, ways(module)
    synthesizers: dict[Way, Synthesizer] = {}
    conditions = source.conditions(module.condition.planes)
    for t, (label, instance, planes) in enumerate(conditions):
        labels, ids = (torch.from_numpy(each)[None, None] for each in (channels(module, label), instance))
        values = torch.from_numpy(np.concatenate(planes))[None].float() if planes else None
        for way in compared:
            if t == max(way.start - past, 0):
                given = torch.cat([as_image(street.render(t + i).rgb) for i in range(past)])
                colours: dict[str, list[list[int]]] | None = None if way.colours else {}
                synthesizers[way] = Synthesizer(module, given[None], precision="auto", object_colours=colours)
        made = {
            way: synthesizer.step(labels, ids, planes=values if way.planes else None).fake
            for way, synthesizer in synthesizers.items()
        }
        # of the given frames only the last one, which the first that is made is compared with
        shown = {way.name: frame for way, frame in made.items() if t >= max(way.start, past) - 1}
        shown |= {MEAN_COLOURS: painted(Clip(labels[None], labels))[0], REAL: as_image(street.render(t).rgb)}
        vectors, visible = map(torch.from_numpy, street.flow(t))
        yield Moment(t, labels, ids, Flow(vectors[None], visible[None, None].float()), shown)


def measure_street(
    module: Vid2VidModule, source: RenderedStreet, painted: LabelMean, measured: Measured, street: int
) -> dict[str, list[Picture]]:
    """Synthesise a street and measure it frame by frame, in memory that hardly grows with its length.

    Args:
        module: The model.
        source: The street.
        painted: The baseline.
        measured: Where the measures are added.
        street: Its place in them.

    Returns:
        The rows of a contact sheet: pictures of the frames `SHOWN`.
    """
    names = [*(way.name for way in reversed(ways(module)) if not way.start), REAL]
    rows: dict[str, list[Picture]] = defaultdict(list)
    given, before = module.generator.config.past_frames, None
    for now in tqdm(moments(module, source, painted), str(source), source.frames):
        if now.time in SHOWN:
            rows["labels"].append(condition_picture(module.condition, now.labels[0]))
            for name in names:
                rows[name].append(to_pixels(now.shown[name][0]))
        if before is not None and now.time >= given:
            measured.add(street, before, now)
        before = now
    return rows


def table(results: dict[str, dict[str, NDArray[np.float64]]], measured: Measured) -> Iterator[str]:
    """Yield the lines of a table of measures early and late, of the trend between, and late in a synthesis anew."""
    yield (
        f"| | | frames {EARLY[0]} – {EARLY[-1] + 1} | {LATE[0]} – {LATE[-1] + 1} | trend per 1,000 frames | "
        f"{LATE[0]} – {LATE[-1] + 1}, begun anew at {ANEW} | late, above anew |"
    )
    yield "|---" * 7 + "|"
    for name, curves in results.items():
        digits = measure_of(name).digits
        for candidate in [each for each in curves if f", from {ANEW}" not in each]:
            values, late = curves[candidate], f"{candidate}, from {ANEW}"
            cells = ["", "", "", "", ""]
            if name == DRIFT:
                cells[:2] = [f"{measured.drift(candidate, span):.{digits}f}" for span in (EARLY, LATE)]
                blocks = values[EARLY.start // BLOCK :]
                cells[3] = f"{measured.drift(late, LATE):.{digits}f}" if late in curves else ""
            else:
                cells[:2] = [f"{np.nanmean(values[span]):.{digits}f}" for span in (EARLY, LATE)]
                blocks = np.nanmean(values[EARLY.start :].reshape(-1, BLOCK), axis=1)
                if late in curves:
                    cells[3] = f"{np.nanmean(curves[late][LATE]):.{digits}f}"
                    apart = np.nanmean((values - curves[late])[LATE].reshape(-1, LATE_BLOCK), axis=1)
                    mean, half = float(apart.mean()), T_LATE * float(apart.std(ddof=1)) / len(apart) ** 0.5
                    cells[4] = difference(mean, (mean - half, mean + half), digits)
            cells[2] = trend(blocks, digits)
            yield f"| {measure_of(name).heading} | {candidate} | {' | '.join(cells)} |"


def trend(blocks: NDArray[np.float64], digits: int) -> str:
    """Return the slope of a line through the means of blocks, per 1,000 frames, with its 95 % interval."""
    line, spread = np.polyfit(np.arange(len(blocks)) * BLOCK / 1000, blocks, 1, cov=True)
    slope, half = float(line[0]), T_TREND * float(spread[0, 0]) ** 0.5
    return difference(slope, (slope - half, slope + half), digits)


def study(root: Path, module: Vid2VidModule, seeds: Sequence[int]) -> None:
    """Synthesise and measure streets; write ``table.md``, ``results.json``, curves, and a sheet of each street.

    Args:
        root: The folder to write into.
        module: The model, of `ways`.
        seeds: Numbers of the streets: ``seed`` of ``vid2vid synthesize checkpoint=street``. The sheet is of the first.
    """
    torch.set_num_threads(1)
    height, width = (module.facts.height, module.facts.width) if module.facts.height else (128, 256)
    painted, measured = mean_colours(module, height, width), Measured(len(seeds))
    for street, seed in enumerate(seeds):
        rows = measure_street(module, RenderedStreet(seed, FRAMES, height, width, FPS), painted, measured, street)
        save_png(root / f"sheet-{seed}.png", contact_sheet(rows, len(SHOWN), f"frames {', '.join(map(str, SHOWN))}"))
    results = measured.results()
    plain = {name: {each: values.tolist() for each, values in curves.items()} for name, curves in results.items()}
    write_text(root / "results.json", json.dumps(plain) + "\n")
    text = "\n".join(table(results, measured))
    write_text(root / "table.md", text + "\n")
    panels = []
    for name in DRAWN:
        front = {each: values for each, values in plain[name].items() if each not in (MEAN_COLOURS, REAL)}
        behind = {each: values for each, values in plain[name].items() if each not in front}
        panels.append(Panel(measure_of(name).heading, front, behind))
    save_curves(root / "curves.png", panels)
    for name, found in (("curves", "curves"), ("sheet", f"sheet-{seeds[0]}")):
        picture(root / f"{found}.png", Path("docs/images") / f"long_model_{name}.jpg")
    print(text)
