"""Edited labels: what F loses on them, and recipes against it, on streets that were really built as they are edited."""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from comparison.report import picture
from comparison.trainings import MEASUREMENTS, plan, plan_as, train
from comparison.variants import COARSE, COARSE_SIDE, EDITS, EDITS_BASE, EDITS_SHARE, EDITS_START, MARKED_BASE, Part
from limit_studies.common import (
    FEW,
    Measure,
    Statistics,
    Video,
    cell,
    channels,
    frechet,
    miou,
    moments,
    ratio,
    rendered,
    resampled,
    synthesised,
)
from limit_studies.label_encoder import LabelEncoder, train_encoder
from vid2vid import Vid2VidDataModule, Vid2VidModule, load
from vid2vid.data.clips import Window
from vid2vid.data.editing import Sketch, coarsened, filled, followed, sketched
from vid2vid.data.editing.label_shapes import marked
from vid2vid.digests import content_digest
from vid2vid.evaluation.segmenter import load_segmenter
from vid2vid.files import write_bytes, write_text
from vid2vid.metrics.metric_networks import image_network
from vid2vid.metrics.perceptual_distance import feature_distance_within, normalise
from vid2vid.metrics.segmentation import Segmentation, confusion
from vid2vid.ops import to_uint8
from vid2vid.street import StreetChange
from vid2vid.visual import Picture, condition_picture, contact_sheet, save_png

STREETS, FRAMES, FIRST_SEED = 12, 16, 2**32 + 2000
BEGUN = 4
"""Frames in which F, which is given none, begins; they are not measured."""
RIM = 3  # pixels around what is edited
TILE, STEP, LEAST_SHARE = 32, 16, 0.25  # crops for the Fréchet distance: side, distance, and share of the zone in them
ROAD, SIDEWALK, BUILDING, VEGETATION, CAR = 7, 8, 11, 21, 26
TIMED_STEPS = 10
DEFAULT = "labels"
ENCODERS = {
    "label encoder": (EDITS_BASE, False),
    "marked label encoder": (EDITS_BASE, True),
    "marked sketches and label encoder": (MARKED_BASE, True),
}
"""Recipes with an encoder of label maps: the training of F, and whether the encoder changes only what is marked."""
BASES = {base for base, _ in ENCODERS.values()}
DEFAULTS = [DEFAULT, EDITS_START]
"""Trainings without a recipe, in two parts and in one."""
RECIPES = [*ENCODERS, *(name for name in EDITS["edits"].variants if name not in {*BASES, *DEFAULTS})]
WAVER = 2.0  # pixels by which a hand-drawn line wavers

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Edit:
    """A kind of edit.

    Attributes:
        before: The street that a user edits.
        after: The street that is meant.
        hand: Takes both and a source of random numbers; returns the street with the labels and ids that the user draws,
            and ``(T, H, W)``, what is drawn.
    """

    before: StreetChange
    after: StreetChange
    hand: Callable[[Video, Video, np.random.Generator], tuple[Video, Mask]]


def houses_to_trees(before: Video, after: Video, _: np.random.Generator) -> tuple[Video, Mask]:
    """Relabel houses: trees get the shapes of houses."""
    houses = before.labels == BUILDING
    return Video(after.rgb, np.where(houses, np.uint8(VEGETATION), before.labels), before.ids), houses


def no_cars(before: Video, after: Video, _: np.random.Generator) -> tuple[Video, Mask]:
    """Take cars out and fill their places from around them."""
    cars = before.labels == CAR
    labels, ids = before.labels.copy(), before.ids.copy()
    for t, hole in enumerate(cars):
        labels[t], found = filled(before.labels[t], before.ids[t], hole)
        ids[t] = ids[t] if found is None else found
    return Video(after.rgb, labels, ids), cars


def boxes_for_cars(before: Video, after: Video, random: np.random.Generator) -> tuple[Video, Mask]:
    """Draw boxes on an empty street."""
    drawn = _sketched(after, CAR, random, chance_round=0.0)
    boxes = drawn.labels == CAR
    labels, ids = before.labels.copy(), before.ids.copy()
    labels[boxes], ids[boxes] = drawn.labels[boxes], drawn.ids[boxes]
    return Video(after.rgb, labels, ids), boxes


def trees_as_blobs(_: Video, after: Video, random: np.random.Generator) -> tuple[Video, Mask]:
    """Draw each tree as an ellipse."""
    drawn = _sketched(after, VEGETATION, random, chance_round=1.0)
    return drawn, drawn.labels == VEGETATION


def _sketched(video: Video, label: int, random: np.random.Generator, chance_round: float) -> Video:
    objects = np.unique(video.ids[video.labels == label]).tolist()
    sketches = {number: Sketch.drawn(random, chance_round) for number in objects}
    labels, ids = video.labels.copy(), video.ids.copy()
    for t in range(len(labels)):
        labels[t], ids[t] = sketched(video.labels[t], video.ids[t], sketches)
    return Video(video.rgb, labels, ids)


def moved_kerbs(before: Video, after: Video, random: np.random.Generator) -> tuple[Video, Mask]:
    """Paint where the sidewalk now is, with a wavering line."""
    painted = (before.labels == ROAD) & (after.labels == SIDEWALK)
    height, width = painted.shape[1:]
    wavering = [cv2.resize(random.normal(0, WAVER, (4, 8)).astype(np.float32), (width, height)) for _ in range(2)]
    x, y = (
        axis.astype(np.float32) + shift for axis, shift in zip(np.indices((height, width))[::-1], wavering, strict=True)
    )
    strokes = np.stack([cv2.remap(each.astype(np.uint8), x, y, cv2.INTER_NEAREST) > 0 for each in painted])
    strokes &= before.labels == ROAD
    labels, ids = before.labels.copy(), before.ids.copy()
    labels[strokes] = ids[strokes] = SIDEWALK
    return Video(after.rgb, labels, ids), strokes


AS_IT_IS = StreetChange()
EMPTY_STREET = StreetChange(cars=False)
CASES = {
    "houses to trees": Edit(AS_IT_IS, StreetChange(houses=False), houses_to_trees),
    "cars removed": Edit(AS_IT_IS, EMPTY_STREET, no_cars),
    "cars as boxes": Edit(EMPTY_STREET, AS_IT_IS, boxes_for_cars),
    "kerbs moved": Edit(AS_IT_IS, StreetChange(kerb=-0.8), moved_kerbs),
    "trees as blobs": Edit(AS_IT_IS, AS_IT_IS, trees_as_blobs),
}
VERSIONS = ("unedited", "exact", "by hand")
"""The street before the edit; the street that is meant with its exact labels; the same with those drawn by hand."""
ZONES = ("edited", "elsewhere")
PLACES = [(case, version, zone) for case in CASES for version in VERSIONS for zone in ZONES]
WHOLE = ("no edit", "unedited", "all")
ALL = "all edits"
MEASURES = {
    "perceptual": Measure("perceptual distance ↓", ratio),
    "miou": Measure("mIoU of re-segmentation ↑", miou),
    "frechet": Measure("Fréchet distance of crops ↓", frechet, resamples=FEW, sure=False),
}


@dataclass(frozen=True)
class Edited:
    """A street and its edits.

    Attributes:
        videos: The streets to synthesise by name; those drawn by hand are named by their case.
        names: For each case and version which of them it is.
        zones: For each case ``(T, H, W)``, what is edited, and the rim.
        marks: For each case ``(T, H, W)``, the marks of what is drawn by hand (`vid2vid.condition.Plane.is_marks`).
    """

    videos: dict[str, Video]
    names: dict[tuple[str, str], str]
    zones: dict[str, Mask]
    marks: dict[str, NDArray[np.float32]]

    @classmethod
    def of(cls, folder: Path, number: int) -> "Edited":
        """Render a street in all its forms, or read what an earlier run rendered."""
        built: dict[StreetChange, str] = {}
        for edit in CASES.values():
            for change in (edit.before, edit.after):
                built.setdefault(change, f"{number}-{len(built)}")
        videos = {
            name: rendered(folder / f"{name}.npz", FIRST_SEED + number, FRAMES, change)
            for change, name in built.items()
        }
        found = cls(videos, {}, {}, {})
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM + 1, 2 * RIM + 1))
        for place, (case, edit) in enumerate(CASES.items()):
            before, after = (videos[built[change]] for change in (edit.before, edit.after))
            drawn, by_hand = edit.hand(before, after, np.random.default_rng((number, place)))
            touched = by_hand | (before.labels != after.labels) | (drawn.labels != after.labels)
            by_hand = by_hand | (before.labels != drawn.labels) | (before.ids != drawn.ids)
            found.marks[case] = np.stack([marked(each) for each in by_hand])
            found.videos[case] = drawn
            names = (built[edit.before], built[edit.after], case)
            found.names.update({(case, version): name for version, name in zip(VERSIONS, names, strict=True)})
            found.zones[case] = np.stack([cv2.dilate(each.astype(np.uint8), kernel) > 0 for each in touched])
        return found


@dataclass(frozen=True)
class Synthesised:
    """What is measured of a synthesised street.

    Attributes:
        features: For each frame the normalised maps of what was drawn and of the real one.
        found: ``(T, H, W)`` class indices that the segmenter finds.
        labels: ``(T, H, W)`` class indices that the real frames have.
        tiles: ``(2, T, n, D)`` features of the crops, of what was drawn and of the real ones.
    """

    features: list[tuple[list[Tensor], list[Tensor]]]
    found: Tensor
    labels: Tensor
    tiles: Tensor

    def within(self, zone: Tensor, classes: int) -> Statistics:
        """Return the statistics of a zone ``(T, H, W)``, each ``(k,)``."""
        distances = torch.cat(
            [feature_distance_within(*maps, mask[None]) for maps, mask in zip(self.features, zone, strict=True)]
        ).nan_to_num()
        area = zone.sum((1, 2)).double()
        shares = nnf.avg_pool2d(zone[:, None].float(), TILE, STEP).flatten(1)
        return {
            "perceptual": torch.stack([(distances * area).sum(), area.sum()]),
            "miou": confusion(self.found[zone], self.labels[zone], classes).double().flatten(),
            "frechet": torch.cat([moments(each[shares >= LEAST_SHARE]) for each in self.tiles]),
        }


class EditMeasures:
    """Measures synthesised streets.

    Args:
        segmenter: Finds labels in frames.
        classes: Number of labels.
    """

    def __init__(self, segmenter: Segmentation, classes: int) -> None:
        self.network, self.segmenter, self.classes = image_network("spatial_energy"), segmenter, classes

    def of(self, fake: Tensor, real: Tensor, labels: Tensor) -> Synthesised:
        """Measure frames ``(T, 3, H, W)`` in [-1, 1], those of the real street, and its class indices ``(T, H, W)``."""
        maps = [[normalise(self.network(frame[None])) for frame in video] for video in (fake, real)]
        found = torch.cat([self.segmenter(frame[None]) for frame in fake])
        return Synthesised(
            list(zip(*maps, strict=True)), found, labels, torch.stack([self._tiles(video) for video in (fake, real)])
        )

    def _tiles(self, video: Tensor) -> Tensor:
        tiles = video.unfold(2, TILE, STEP).unfold(3, TILE, STEP).permute(0, 2, 3, 1, 4, 5)
        vectors = self.network.vectors(tiles.reshape(-1, 3, TILE, TILE))
        return vectors.reshape(len(video), -1, vectors.shape[1])

    def street(self, street: Edited, fakes: Mapping[str, Tensor], labels: Mapping[str, Tensor]) -> Statistics:
        """Return the statistics of all places, ``(places, k)`` each.

        Args:
            street: The street.
            fakes: ``(T, 3, H, W)`` of each of its videos as F makes it.
            labels: ``(T, H, W)`` class indices of what each really shows.
        """
        made = {
            name: self.of(fakes[name][BEGUN:], video.real[BEGUN:], labels[name][BEGUN:])
            for name, video in street.videos.items()
        }
        rows = []
        for case, version, zone in PLACES:
            edited = torch.from_numpy(street.zones[case][BEGUN:])
            rows.append(made[street.names[case, version]].within(edited if zone == "edited" else ~edited, self.classes))
        unedited = made[street.names[next(iter(CASES)), "unedited"]]
        rows.append(unedited.within(torch.ones_like(unedited.found, dtype=torch.bool), self.classes))
        return {name: torch.stack([row[name] for row in rows]) for name in MEASURES}


@dataclass(frozen=True)
class Trained:
    """A recipe as it was trained: F, and an encoder of its label maps or none.

    Attributes:
        part: The training of F.
        encoder: The file of the encoder; None: F sees the labels as they are.
        within_marks: Whether the encoder changes only what is drawn by hand.
    """

    part: Part
    encoder: Path | None = None
    within_marks: bool = False

    @property
    def measured(self) -> Path:
        """The file of what was measured."""
        if self.encoder is None:
            return self.part.run_dir / "measured.pt"
        return self.part.run_dir / ("measured_within_marks.pt" if self.within_marks else "measured_encoded.pt")

    @property
    def digest(self) -> str:
        """What the synthesised frames depend on."""
        files = [self.part.checkpoint, *([self.encoder] if self.encoder else [])]
        return " ".join(content_digest(path) for path in files)

    def synthesised(self, module: Vid2VidModule, video: Video, marks: NDArray[np.float32] | None) -> Tensor:
        """Synthesise a street from nothing, ``(T, 3, H, W)``; what is drawn by hand is marked ``(T, H, W)``."""
        if self.encoder and not (self.within_marks and marks is None):
            network = LabelEncoder(len(module.condition.label_ids))
            network.load_state_dict(torch.load(self.encoder, weights_only=True)["state_dict"])
            network.eval()
            pairs = zip(channels(module, video.labels), video.ids, strict=True)
            labels, ids = zip(*(network.refined(*pair) for pair in pairs), strict=True)
            refined = np.array(module.condition.label_ids, np.uint8)[np.stack(labels)], np.stack(ids)
            changed = np.ones(video.labels.shape, bool) if marks is None or not self.within_marks else marks > 0
            video = Video(
                video.rgb, np.where(changed, refined[0], video.labels), np.where(changed, refined[1], video.ids)
            )
        if self.part.variant == COARSE and marks is not None:
            video = coarsened_where(video, marks > 0)
        return synthesised(module, video, given=0, marks=marks if module.condition.planes else None)


def coarsened_where(video: Video, where: Mask) -> Video:
    """Return a street with coarser labels at some pixels ``(T, H, W)``; the ids follow them."""
    labels, ids = video.labels.copy(), video.ids.copy()
    for t, fine in enumerate(video.labels):
        labels[t] = np.where(where[t], coarsened(fine, COARSE_SIDE), fine)
        moved = followed(fine, labels[t], video.ids[t])
        ids[t] = ids[t] if moved is None else moved
    return Video(video.rgb, labels, ids)


def trained_encoder(path: Path, data: Vid2VidDataModule, minutes: float, seed: int) -> Path:
    """Train an encoder of label maps on those of the training streets, unless that is done."""
    if path.is_file():
        return path
    windows = [Window(number, 0, sequence.frames) for number, sequence in enumerate(data.train_set.sequences)]
    clips = [data.train_set[window] for window in windows]
    labels = torch.cat([clip.source[0, :, 0] for clip in clips]).numpy()
    ids = torch.cat([clip.instance[0, :, 0] for clip in clips if clip.instance is not None]).numpy()
    torch.manual_seed(seed)
    encoder, timed = (LabelEncoder(len(data.condition.label_ids)) for _ in range(2))
    seconds = []
    for _ in range(MEASUREMENTS):
        began = time.process_time()
        train_encoder(timed, labels, ids, TIMED_STEPS)
        seconds.append((time.process_time() - began) / TIMED_STEPS)
    steps = int(60 * minutes / min(seconds))
    print(f"label encoder: {steps} steps of {min(seconds):.2f} s", flush=True)
    train_encoder(encoder, labels, ids, steps, seed=seed)
    memory = BytesIO()
    torch.save({"steps": steps, "seconds": min(seconds), "state_dict": encoder.state_dict()}, memory)
    write_bytes(path, memory.getvalue())
    return path


def made(
    name: str, trained: Trained, streets: Sequence[Edited], measures: EditMeasures
) -> tuple[dict[str, Tensor], Statistics]:
    """Synthesise all streets and measure them, unless that is done with these weights.

    Returns:
        The videos of the first streets by name, ``(T, 3, H, W)`` uint8, and the statistics, ``(clips, places, k)``.
    """
    path, digest = trained.measured, trained.digest
    if path.is_file():
        kept = torch.load(path, weights_only=True)
        if kept["weights"] == digest:
            return kept["videos"], kept["statistics"]
    module = load(trained.part.checkpoint, Vid2VidModule)
    shown: dict[str, Tensor] = {}
    rows = []
    for number, street in enumerate(tqdm(streets, name, unit="street")):
        fakes = {
            name: trained.synthesised(module, video, street.marks.get(name)) for name, video in street.videos.items()
        }
        real = {name: street.videos[name].labels for name in street.videos if name not in CASES}
        real.update({case: real[street.names[case, "exact"]] for case in CASES})
        labels = {name: torch.from_numpy(channels(module, each)) for name, each in real.items()}
        rows.append(measures.street(street, fakes, labels))
        if number < SHOWN:
            shown.update({f"{number} {name}": to_uint8(video) for name, video in fakes.items()})
    statistics = {name: torch.stack([row[name] for row in rows]) for name in MEASURES}
    memory = BytesIO()
    torch.save({"weights": digest, "videos": shown, "statistics": statistics}, memory)
    write_bytes(path, memory.getvalue())
    return shown, statistics


def figures(statistics: Mapping[str, Sequence[Statistics]]) -> list[dict[str, Any]]:
    """Return rows: for each recipe, place and measure the value, and for each recipe, case and measure what is lost.

    What is lost is how much worse drawn by hand is than the unedited street; `ALL` is the mean over cases.
    The difference to the first recipe is on the same streets.

    Args:
        statistics: For each recipe those of its trainings, ``(clips, places, k)``.
    """
    rows = []
    for name, measure in MEASURES.items():
        values: dict[str, dict[tuple[str, str, str], tuple[float, Tensor]]] = {}
        for recipe, trainings in statistics.items():
            values[recipe] = {}
            for place, where in enumerate([*PLACES, WHOLE]):
                parts = [each[name][:, place] for each in trainings]
                value = sum(float(measure.score(part.sum(0))) for part in parts) / len(parts)
                values[recipe][where] = value, resampled(parts, measure.score, measure.resamples)
            worse = -1 if measure.title.endswith("↑") else 1
            known = values[recipe]
            for zone in ZONES:
                for case in CASES:
                    (hand, hands), (plain, plains) = (known[case, each, zone] for each in ("by hand", "unedited"))
                    known[case, "lost", zone] = worse * (hand - plain), worse * (hands - plains)
                for version in ("by hand", "lost"):
                    each = [known[case, version, zone] for case in CASES]
                    mean = sum(value for value, _ in each) / len(each)
                    known[ALL, version, zone] = mean, torch.stack([drawn for _, drawn in each]).mean(0)
        rows += [row for recipe in values for row in _rows(name, recipe, values)]
    return rows


def _rows(
    measure: str, recipe: str, values: Mapping[str, Mapping[tuple[str, str, str], tuple[float, Tensor]]]
) -> Iterator[dict[str, Any]]:
    tails = torch.tensor([0.025, 0.975], dtype=torch.float64)
    base = next(iter(values))
    for where, (value, drawn) in values[recipe].items():
        case, version, zone = where
        row: dict[str, Any] = {"recipe": recipe, "case": case, "version": version, "zone": zone, "measure": measure}
        row.update(value=value, interval=torch.nanquantile(drawn, tails).tolist())
        if recipe != base:
            other, others = values[base][where]
            row["difference"] = value - other
            row["difference_interval"] = torch.nanquantile(drawn - others, tails).tolist()
        yield row


def tables(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the tables: what the first recipe draws, what each recipe loses, and what it costs."""
    found = {(row["recipe"], row["case"], row["version"], row["zone"], row["measure"]): row for row in rows}
    recipes = list(dict.fromkeys(row["recipe"] for row in rows))
    titles = " | ".join(measure.title for measure in MEASURES.values())
    yield f"| edit | {recipes[0]} | {titles} |"
    yield "|---" * (len(MEASURES) + 2) + "|"
    for case in CASES:
        for version in VERSIONS:
            cells = [cell(found[recipes[0], case, version, "edited", name], each) for name, each in MEASURES.items()]
            yield f"| {case} | {version} | {' | '.join(cells)} |"
    parts = {
        "lost where edited": [(case, "lost", "edited") for case in (*CASES, ALL)],
        "by hand": [(ALL, "by hand", "edited")],
        "lost elsewhere": [(ALL, "lost", "elsewhere")],
        "whole street": [WHOLE],
    }
    for title, places in parts.items():
        yield ""
        yield f"| {title} | recipe | {titles} |"
        yield "|---" * (len(MEASURES) + 2) + "|"
        for place in places:
            for recipe in recipes:
                cells = [cell(found[recipe, *place, name], each) for name, each in MEASURES.items()]
                yield f"| {place[0]} | {recipe} | {' | '.join(cells)} |"


SHOWN, SHOWN_TIME = 3, 10
"""Streets that are kept for the sheet, and the frame of them."""


def sheet(videos: Mapping[str, Mapping[str, Tensor]], streets: Sequence[Edited], module: Vid2VidModule) -> Picture:
    """Return a sheet: for each case the street before, the labels by hand, what is meant, and what each recipe draws.

    Args:
        videos: The videos of each recipe, as `made` returns them.
        streets: The streets.
        module: Any of the models; its condition colours the labels.
    """
    rows: dict[str, list[Picture]] = {}
    for place, case in enumerate(CASES):
        number = place % SHOWN
        street, t = streets[number], SHOWN_TIME
        before, after = (street.videos[street.names[case, version]] for version in ("unedited", "exact"))
        drawn = street.videos[case]
        labels = [
            condition_picture(module.condition, channels(module, each.labels[t])[None]) for each in (before, drawn)
        ]
        row = [_larger(each) for each in (before.rgb[t], *labels, after.rgb[t])]
        row += [_larger(each[f"{number} {case}"][t].movedim(0, -1).numpy()) for each in videos.values()]
        rows[case] = row
    columns = ["the street", "its labels", "as edited by hand", "what is meant", *videos]
    return contact_sheet(rows, len(columns), " | ".join(columns))


def _larger(pixels: NDArray[np.uint8]) -> Picture:
    return np.asarray(cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)


def study(
    root: Path,
    minutes: float,
    seeds: int,
    measure_only: bool = False,
    only: Collection[str] = RECIPES,
    against: str = DEFAULT,
) -> None:
    """Train, render, measure; whatever is done already is kept.

    Args:
        root: The folder for all of it.
        minutes: Processor time of each training, that of the one that some begin with included.
        seeds: Trainings of each recipe.
        measure_only: Train nothing, and measure the seeds of which all trainings have ended.
        only: The recipes that are compared.
        against: The training without a recipe that they are compared with, of `DEFAULTS`.
    """
    torch.set_num_threads(1)
    encoders = [name for name in ENCODERS if name in only]
    variants = {name: each for name, each in EDITS["edits"].variants.items() if name in (against, *only)}
    begun = {each.begins_with for each in variants.values()}
    begun |= {ENCODERS[name][0] for name in encoders}
    names = [name for name in EDITS["edits"].variants if name in variants or name in begun]
    parts = [Part("edits", name, seed, root) for seed in range(seeds) for name in names]
    if not measure_only:
        plan(parts[:1], minutes, 1)
        # they do the same work, on other labels
        plan_as(parts[0], parts[1:], minutes)
        for part in parts:
            train(part)
    data = Vid2VidDataModule("data/street_demo", {"height": 64, "width": 128, "num_workers": 0})
    data.setup("fit")
    ended: dict[str, list[Trained]] = {}
    for part in (part for part in parts if part.done.is_file()):
        encoded = [name for name in encoders if ENCODERS[name][0] == part.variant]
        path = root / "edits" / f"label_encoder_{part.seed}.pt"
        if encoded and not measure_only:
            trained_encoder(path, data, EDITS_SHARE * minutes, part.seed)
        if part.variant in variants:
            ended.setdefault(part.variant, []).append(Trained(part))
        for name in encoded if path.is_file() else ():
            ended.setdefault(name, []).append(Trained(part, path, within_marks=ENCODERS[name][1]))
    if against not in ended:
        raise SystemExit(f"{root}: no training of {against!r} has ended.")
    report(root / "edits", {against: ended.pop(against), **ended}, data)


def report(output: Path, recipes: Mapping[str, Sequence[Trained]], data: Vid2VidDataModule) -> None:
    """Measure trained models; write ``edits.md``, ``edits.json`` and a sheet.

    Args:
        output: The folder.
        recipes: The trainings of each recipe; the first one is what the others are compared with.
        data: The streets that they were trained on.
    """
    streets = [Edited.of(output / "streets", number) for number in tqdm(range(STREETS), "streets", unit="street")]
    segmenter = load_segmenter("train", data, output)
    if segmenter is None:
        raise SystemExit("there is no segmenter.")
    measures = EditMeasures(segmenter, len(data.condition.label_ids))
    statistics: dict[str, list[Statistics]] = {}
    shown: dict[str, dict[str, Tensor]] = {}
    for name, trainings in recipes.items():
        for trained in trainings:
            videos, found = made(name, trained, streets, measures)
            statistics.setdefault(name, []).append(found)
            shown.setdefault(name, videos)
    rows = figures(statistics)
    write_text(output / "edits.json", json.dumps(rows, indent=1) + "\n")
    text = "\n".join(tables(rows))
    write_text(output / "edits.md", text + "\n")
    save_png(output / "sheet.png", sheet(shown, streets, load(trained.part.checkpoint, Vid2VidModule)))
    picture(output / "sheet.png", Path("docs/images") / "limits_edits.jpg")
    print(text)
