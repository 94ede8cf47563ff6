"""Cars that turn: labels alone against labels with depth, and with depth and normals."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnf
from torch import Tensor
from tqdm import tqdm

from comparison.report import picture
from comparison.trainings import plan, train
from comparison.variants import LONGER, TURNING_PLANES, TURNING_ROOT, TURNING_STREET, Part
from limit_studies.common import (
    FEW,
    Measure,
    Statistics,
    box,
    cell,
    frechet,
    miou,
    moments,
    ratio,
    resampled,
    window,
)
from vid2vid import Vid2VidDataModule, Vid2VidModule, load
from vid2vid.data.street_dataset import render_dataset
from vid2vid.digests import content_digest
from vid2vid.evaluation.model_adapters import VideoAdapter
from vid2vid.evaluation.report import REAL
from vid2vid.evaluation.segmenter import load_segmenter
from vid2vid.files import write_bytes, write_text
from vid2vid.metrics.image_quality import gradient_magnitude
from vid2vid.metrics.metric_networks import image_network
from vid2vid.metrics.perceptual_distance import feature_distance_within, normalise
from vid2vid.metrics.segmentation import Segmentation, confusion
from vid2vid.ops import to_images, to_uint8
from vid2vid.street import StreetConfig
from vid2vid.visual import Picture, contact_sheet, save_png

BINS = {"straight on": (0.0, 5.0), "5 to 45 °/s": (5.0, 45.0), "45 °/s and more": (45.0, 1e9)}
"""Yaw rates, degrees a second."""
TITLES = {"labels": "labels", "depth": "labels, depth", "normals": "labels, depth, normals"}
LEAST_PIXELS = 60
"""Pixels of a car that counts in a frame."""
GIVEN = 2
CROP = 32  # pixels a side of a car's picture for the Fréchet distance

Rates = list[dict[int, float]]


MEASURES = {
    "perceptual": Measure("perceptual distance ↓", ratio),
    "edges": Measure("edge agreement ↑", ratio),
    "miou": Measure("mIoU of re-segmentation ↑", miou),
    "frechet": Measure("Fréchet distance of crops ↓", frechet, resamples=FEW, sure=False),
}


class CarMeasures:
    """Measures cars in frames.

    Args:
        segmenter: Finds labels in frames.
        classes: Number of labels.
    """

    def __init__(self, segmenter: Segmentation, classes: int) -> None:
        self.network, self.segmenter, self.classes = image_network("spatial_energy"), segmenter, classes

    def clip(self, fake: Tensor, real: Tensor, labels: Tensor, instance: Tensor, rates: Rates) -> Statistics:
        """Return the statistics of a clip.

        Args:
            fake: ``(T, 3, H, W)`` in [-1, 1].
            real: The same of the real frames.
            labels: ``(T, H, W)`` class indices.
            instance: ``(T, H, W)`` object ids.
            rates: For each frame the yaw rates of its cars, degrees a second.
        """
        rows: list[list[Statistics]] = [[] for _ in BINS]
        for t, cars in enumerate(rates):
            masks = {car: instance[t] == car for car in cars}
            seen = {car: mask for car, mask in masks.items() if mask.sum() >= LEAST_PIXELS}
            for car, row in self._frame(fake[t], real[t], labels[t], seen):
                place = next(i for i, (low, high) in enumerate(BINS.values()) if low <= abs(cars[car]) < high)
                rows[place].append(row)
        width = self.network.vectors(real[:1, :, :CROP, :CROP]).shape[1]
        widths = {"perceptual": 2, "edges": 2, "miou": self.classes**2, "frechet": 2 * (1 + width + width**2)}
        return {
            name: torch.stack([sum((row[name] for row in each), torch.zeros(k).double()) for each in rows])
            for name, k in widths.items()
        }

    def _frame(
        self, fake: Tensor, real: Tensor, labels: Tensor, masks: Mapping[int, Tensor]
    ) -> Iterator[tuple[int, Statistics]]:
        drawn, wanted = (normalise(self.network(frame[None])) for frame in (fake, real))
        edges = [gradient_magnitude(frame).double() for frame in (fake, real)]
        found = self.segmenter(fake[None])[0]
        for car, mask in masks.items():
            inner = mask[:-1, :-1]
            agreement = torch.corrcoef(torch.stack([each[inner] for each in edges]))[0, 1].nan_to_num()
            around = box(mask)
            distance = feature_distance_within(drawn, wanted, mask[None].double())[0]
            yield (
                car,
                {
                    "perceptual": torch.stack([distance, distance.new_ones(())]),
                    "edges": torch.stack([agreement, agreement.new_ones(())]),
                    "miou": confusion(found[around], labels[around], self.classes).double().flatten(),
                    "frechet": torch.cat([self._moments(frame[:, *around]) for frame in (fake, real)]),
                },
            )

    def _moments(self, crop: Tensor) -> Tensor:
        crop = nnf.interpolate(crop[None], (CROP, CROP), mode="bilinear", align_corners=False)
        return moments(self.network.vectors(crop))


def yaw_rates(headings: Sequence[Mapping[str, float]], fps: float) -> Rates:
    """Return for each frame how fast the cars turn that the frame before shows, too, degrees a second."""
    rates: Rates = [{}]
    for before, now in pairwise(headings):
        both = before.keys() & now.keys()
        change = {int(car): now[car] - before[car] for car in both}
        rates.append({car: float(np.degrees(np.angle(np.exp(1j * angle)))) * fps for car, angle in change.items()})
    return rates


@dataclass(frozen=True)
class HeldOut:
    """The held-out clips.

    Attributes:
        real: ``(T, 3, H, W)`` in [-1, 1] of each clip.
        labels: ``(T, H, W)`` class indices of each.
        instance: ``(T, H, W)`` object ids of each.
        rates: The yaw rates of the cars in each.
    """

    real: list[Tensor]
    labels: list[Tensor]
    instance: list[Tensor]
    rates: list[Rates]

    @classmethod
    def of(cls, data: Vid2VidDataModule) -> "HeldOut":
        """Read them."""
        manifest = data.prepare_manifest()
        found = cls([], [], [], [])
        for clip, sequence in zip(data.held_out(), manifest.split("val"), strict=True):
            if clip.instance is None or sequence.heading is None:
                raise SystemExit(f"{sequence.name}: has no object ids or no headings.")
            found.real.append(to_images(clip.real)[0])
            found.labels.append(clip.source[0, :, 0])
            found.instance.append(clip.instance[0, :, 0])
            found.rates.append(yaw_rates(json.loads(sequence.heading.read_text()), manifest.fps))
        return found

    def measured(self, videos: Sequence[Tensor], measures: CarMeasures) -> Statistics:
        """Return the statistics of all clips as a model makes them."""
        found = []
        for i, video in enumerate(videos):
            real, labels, instance = (each[i][GIVEN:] for each in (self.real, self.labels, self.instance))
            found.append(measures.clip(video[GIVEN:], real, labels, instance, self.rates[i][GIVEN:]))
        return {name: torch.stack([each[name] for each in found]) for name in MEASURES}


def data_of(root: str, planes: Sequence[str]) -> Vid2VidDataModule:
    """Return the streets with some planes, set up."""
    loader = {"height": TURNING_STREET["height"], "width": TURNING_STREET["width"], "clip_frames": 8}
    objects = {"instance_edges": True, "object_motion": True}
    data = Vid2VidDataModule(root, {**loader, **objects, "planes": [*planes], "num_workers": 0})
    data.setup("fit")
    return data


def made(part: Part, data: Vid2VidDataModule, clips: HeldOut, measures: CarMeasures) -> tuple[Tensor, Statistics]:
    """Synthesise the held-out clips, two frames given, and measure them, unless that is done with these weights.

    Returns:
        The videos ``(clips, T, 3, H, W)`` uint8, and their statistics.
    """
    path, digest = part.run_dir / "measured.pt", content_digest(part.checkpoint)
    if path.is_file():
        kept = torch.load(path, weights_only=True)
        if kept["weights"] == digest:
            return kept["videos"], kept["statistics"]
    adapter = VideoAdapter(load(part.checkpoint, Vid2VidModule), "given", data.flow_estimator)
    with torch.no_grad():
        videos = [adapter(clip).video[0] for clip in tqdm(data.held_out(), part.name, unit="clip")]
    statistics = clips.measured(videos, measures)
    pixels = to_uint8(torch.stack(videos))
    memory = BytesIO()
    torch.save({"weights": digest, "videos": pixels, "statistics": statistics}, memory)
    write_bytes(path, memory.getvalue())
    return pixels, statistics


def figures(statistics: Mapping[str, Sequence[Statistics]]) -> list[dict[str, Any]]:
    """Return a row for each model, bin and measure: value, interval, and how far it is from the first model.

    Args:
        statistics: For each model those of its trainings, ``(clips, bins, k)``.
    """
    rows: list[dict[str, Any]] = []
    tails = torch.tensor([0.025, 0.975], dtype=torch.float64)
    base = next(iter(statistics))
    for place, title in enumerate(BINS):
        for name, measure in MEASURES.items():
            parts = {model: [each[name][:, place] for each in found] for model, found in statistics.items()}
            drawn = {model: resampled(part, measure.score, measure.resamples) for model, part in parts.items()}
            rows_of: dict[str, dict[str, Any]] = {}
            for model, part in parts.items():
                each = [float(measure.score(training.sum(0))) for training in part]
                row = {"model": model, "bin": title, "measure": name, "value": sum(each) / len(each), "each": each}
                row["interval"] = torch.nanquantile(drawn[model], tails).tolist()
                if model not in (base, REAL):
                    row["difference"] = row["value"] - rows_of[base]["value"]
                    row["difference_interval"] = torch.nanquantile(drawn[model] - drawn[base], tails).tolist()
                rows_of[model] = row
            rows += rows_of.values()
    return rows


def table(rows: Sequence[dict[str, Any]], counts: Sequence[int]) -> Iterator[str]:
    """Yield the lines of a table of `figures`; ``counts`` are the cars in frames of each bin."""
    yield "| yaw rate | condition | " + " | ".join(measure.title for measure in MEASURES.values()) + " |"
    yield "|---" * (len(MEASURES) + 2) + "|"
    by_place = {(row["bin"], row["model"], row["measure"]): row for row in rows}
    models = dict.fromkeys(row["model"] for row in rows)
    for (title, _), count in zip(BINS.items(), counts, strict=True):
        for model in models:
            cells = [
                # the others of the real frames are known
                "" if model == REAL and name != "miou" else cell(by_place[title, model, name], measure)
                for name, measure in MEASURES.items()
            ]
            yield f"| {title} ({count}) | {TITLES.get(str(model), model)} | " + " | ".join(cells) + " |"


def sheet(videos: Mapping[str, Tensor], clips: HeldOut, cars: int = 3, columns: int = 8) -> Picture:
    """Return a sheet of the cars that turn most, from different clips, as all models draw them.

    Args:
        videos: For each model its clips, ``(clips, T, 3, H, W)`` uint8.
        clips: The real ones.
        cars: Number of cars.
        columns: Number of frames.
    """
    found = []
    for clip, rates in enumerate(clips.rates):
        total: dict[int, float] = {}
        for t, each in enumerate(rates):
            for car, rate in each.items() if t >= GIVEN else ():
                pixels = float((clips.instance[clip][t] == car).sum())
                total[car] = total.get(car, 0.0) + abs(rate) * min(pixels, 400.0) * (pixels >= LEAST_PIXELS)
        best = max(total, key=lambda car: total[car], default=0)
        if total.get(best):
            found.append((total[best], clip, best))
    rows = {}
    for number, (_, clip, car) in enumerate(sorted(found, reverse=True)[:cars], 1):
        masks = clips.instance[clip] == car
        times = [t for t in range(GIVEN, len(masks)) if masks[t].sum() >= LEAST_PIXELS]
        drawn = {"real": clips.real[clip], **{model: to_images(each[clip]) for model, each in videos.items()}}
        for title, video in drawn.items():
            rows[f"{number} {title}"] = [window(video[t], masks[t]) for t in times]
    return contact_sheet(rows, columns)


def parts_of(root: Path, seeds: int, stage: str) -> list[Part]:
    """Return all trainings of a stage, seed by seed; a stage is what its variants' names end with."""
    return [Part("turning", f"{name}{stage}", seed, root) for seed in range(seeds) for name in TURNING_PLANES]


def study(root: Path, minutes: float, seeds: int, measure_only: bool = False) -> None:
    """Render, train, measure; whatever is done already is kept.

    Args:
        root: The folder for all of it.
        minutes: Processor time of each training.
        seeds: Trainings of each condition.
        measure_only: Train nothing, and measure the seeds of which all trainings have ended.
    """
    torch.set_num_threads(1)
    render_dataset(StreetConfig(TURNING_ROOT, **TURNING_STREET), ["depth", "normals"])
    stages = {stage: parts_of(root, seeds, stage) for stage in ("", LONGER)}
    if not measure_only:
        plan([part for parts in stages.values() for part in parts], minutes, 1)
        for seed in range(seeds):
            for part in [part for parts in stages.values() for part in parts if part.seed == seed]:
                train(part)
    for stage, parts in stages.items():
        unfinished = {part.seed for part in parts if not part.done.is_file()}
        if complete := [part for part in parts if part.seed not in unfinished]:
            report(root / "turning", f"turning{stage}", complete)


def report(output: Path, name: str, parts: Sequence[Part]) -> None:
    """Measure trained models; write tables ``NAME.md`` and ``NAME.json``, and a sheet."""
    data = {variant: data_of(TURNING_ROOT, planes) for variant, planes in TURNING_PLANES.items()}
    segmenter = load_segmenter("train", data["labels"], output)
    if segmenter is None:
        raise SystemExit("there is no segmenter.")
    clips = HeldOut.of(data["labels"])
    measures = CarMeasures(segmenter, len(data["labels"].condition.label_ids))
    statistics: dict[str, list[Statistics]] = {variant: [] for variant in TURNING_PLANES}
    shown: dict[str, Tensor] = {}
    for part in parts:
        condition = part.variant.removesuffix(LONGER)
        videos, found = made(part, data[condition], clips, measures)
        statistics[condition].append(found)
        shown.setdefault(condition, videos)
    real = clips.measured(clips.real, measures)
    counts = real["edges"][..., 1].sum(0).int().tolist()
    rows = figures({**statistics, REAL: [real]})
    write_text(output / f"{name}.json", json.dumps({"cars": counts, "figures": rows}, indent=1) + "\n")
    text = "\n".join(table(rows, counts))
    write_text(output / f"{name}.md", text + "\n")
    save_png(output / f"{name}.png", sheet(shown, clips))
    picture(output / f"{name}.png", Path("docs/images") / f"limits_{name}.jpg")
    print(text)
