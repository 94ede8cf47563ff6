"""Judging a trained model on held-out clips: metrics, a contact sheet, a video."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from vid2vid.condition import Condition
from vid2vid.data.clips import Window
from vid2vid.data.module import Vid2VidDataModule
from vid2vid.data.video import VideoWriter
from vid2vid.errors import ConfigError
from vid2vid.files import write_text
from vid2vid.metrics import VideoMetrics
from vid2vid.synthesis.performance import CovstPerformer, ImagePerformer, Performance, VideoPerformer
from vid2vid.synthesis.rivals import LabelMean, Nearest, frozen
from vid2vid.training import CoherentModule, ImageModule, Model, Vid2VidModule
from vid2vid.training.rollout import too_short
from vid2vid.types import Clip
from vid2vid.visual import Picture, contact_sheet, save_png, side_by_side

SHEET_CLIPS = 3
_MEMORY = 2**29
"""Bytes of training frames that are kept to compare with."""


Rival = Callable[[Clip], Tensor]


@dataclass
class _Judges:
    """The metrics of the model and of each trivial rival, over the same clips; the first frames do not count."""

    name: str
    first_frames: int
    rivals: dict[str, Rival]
    metrics: dict[str, VideoMetrics] = field(default_factory=dict)

    def add(self, clip: Clip, played: Performance) -> None:
        first, real, flow = self.first_frames, played.real, played.flow
        videos = {self.name: played.video, "frozen": frozen(real, first)}
        for name, rival in self.rivals.items():
            videos[name] = torch.cat([real[:, :first], rival(clip).to(real)[:, first:]], dim=1)
        for name, candidate in videos.items():
            metric = self.metrics.setdefault(name, VideoMetrics().to(real.device))
            metric.update(candidate, real, flow.vectors, flow.confidence, first)


@torch.inference_mode()
def evaluate(
    module: Model,
    data: Vid2VidDataModule,
    output: Path,
    first: str | ImageModule = "given",
) -> dict[str, Any]:
    """Synthesise the held-out clips and judge them.

    Writes ``metrics.json``, ``sheet.png`` (condition, warped, mask, hallucinated, synthesised, real; time from left to
    right; of an image generator only condition, synthesised, real; of COVST the mask besides) and ``synthesis.mp4``
    (condition | synthesised | real) into ``output``.

    Args:
        module: A trained module.
        data: A data module with a validation split.
        output: The folder to write into.
        first: A video model's first L frames: ``given`` real ones, ``empty`` (it starts from nothing), or an image
            generator that makes them. In each case they do not count in the comparison.

    Returns:
        The content of ``metrics.json``: for the model (``vid2vid``, ``pix2pixHD`` or ``COVST``) and for the trivial
        rivals ``frozen`` (the last of the first L real frames stands still), ``nearest`` (the training frame whose
        condition is nearest) and, where the conditions are labels, ``label_mean`` (each label in its mean training
        colour) the values of `vid2vid.metrics.VideoMetrics`.

    Raises:
        DataError: The data cannot be read.
        CheckpointError: The image generator of the first frames was trained on other conditions.
        ConfigError: First frames are chosen for a model that makes them itself.
    """
    play = _performer(module, data, first)
    data.prepare_data()
    data.setup("fit")
    judges = _Judges(play.name, play.first_frames, _rivals(module.condition, data))
    output.mkdir(parents=True, exist_ok=True)
    sheets: list[dict[str, list[Picture]]] = []
    frames = 0
    with VideoWriter(output / "synthesis.mp4", data.manifest.fps) as writer:
        for clip in tqdm(data.val_dataloader(), desc="evaluate", unit="batch"):
            if clip.real.shape[1] <= play.first_frames:
                raise too_short(clip, "data.val_frames")
            clip = clip.to(module.device)
            played = play(clip)
            judges.add(clip, played)
            frames += played.made * len(played.rows)
            sheets += played.rows[: SHEET_CLIPS - len(sheets)]
            for rows in played.rows:
                for column in zip(rows["condition"], rows["synthesised"], rows["real"], strict=True):
                    writer.write(side_by_side(column))
    for i, rows in enumerate(sheets, start=1):
        save_png(output / ("sheet.png" if i == 1 else f"sheet_{i}.png"), contact_sheet(rows))
    results = {name: metric.compute() for name, metric in judges.metrics.items()}
    content = {**results, "synthesised_frames": frames, "given_frames": play.first_frames}
    write_text(output / "metrics.json", json.dumps(content, indent=1) + "\n")
    return content


def _performer(
    module: Model, data: Vid2VidDataModule, first: str | ImageModule
) -> VideoPerformer | ImagePerformer | CovstPerformer:
    if isinstance(module, Vid2VidModule):
        return VideoPerformer(module, first)
    kind = "an image generator" if isinstance(module, ImageModule) else "COVST"
    if first != "given":
        raise ConfigError(f"this model is {kind}: first frames are of no use to it.")
    if isinstance(module, CoherentModule):
        return CovstPerformer(module)
    return ImagePerformer(module, data.teacher)


def _rivals(condition: Condition, data: Vid2VidDataModule) -> dict[str, Rival]:
    """Make the rivals that know the training frames, or as many of them as memory is given to."""
    bytes_a_frame = data.train_set[Window(0, 0, 1)].real.nbytes
    few = data.training_frames(most=max(_MEMORY // bytes_a_frame, 1))
    frames = list(tqdm(few, desc="training frames", unit="frame"))
    nearest = Nearest(frames, condition)
    if condition.kind != "labels":
        return {"nearest": nearest}
    return {"label_mean": LabelMean(frames, len(condition.label_ids)), "nearest": nearest}
