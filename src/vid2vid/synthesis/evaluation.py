"""Judging a trained model on held-out clips: metrics, a contact sheet, a video."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from vid2vid.condition import Condition
from vid2vid.data.module import Vid2VidDataModule
from vid2vid.data.video import VideoWriter
from vid2vid.files import write_text
from vid2vid.metrics import VideoMetrics
from vid2vid.synthesis.rivals import LabelMean, frozen
from vid2vid.training import Vid2VidModule
from vid2vid.training.rollout import Scene, too_short
from vid2vid.types import Clip
from vid2vid.visual import Picture, contact_sheet, rollout_pictures, save_png, side_by_side

SHEET_CLIPS = 3


@dataclass
class _Judges:
    """The metrics of the model and of each trivial rival, over the same clips."""

    condition: Condition
    label_mean: LabelMean | None
    metrics: dict[str, VideoMetrics] = field(default_factory=dict)

    def add(self, clip: Clip, scene: Scene, video: Tensor, given: int) -> None:
        videos = {"vid2vid": video, "frozen": frozen(scene.real, given)}
        if self.label_mean is not None:
            painted = self.label_mean(clip.source).to(video)
            videos["label_mean"] = torch.cat([scene.real[:, :given], painted[:, given:]], dim=1)
        for name, candidate in videos.items():
            metric = self.metrics.setdefault(name, VideoMetrics().to(video.device))
            metric.update(candidate, scene.real, scene.flows[1].vectors, scene.flows[1].confidence, given)


@torch.inference_mode()
def evaluate(module: Vid2VidModule, data: Vid2VidDataModule, output: Path) -> dict[str, Any]:
    """Synthesise the held-out clips from their given first frames and judge them.

    Writes ``metrics.json``, ``sheet.png`` (condition, warped, mask, hallucinated, synthesised, real; time from left to
    right) and ``synthesis.mp4`` (condition | synthesised | real) into ``output``.

    Args:
        module: A trained module.
        data: A data module with a validation split.
        output: The folder to write into.

    Returns:
        The content of ``metrics.json``: for ``vid2vid`` and for the trivial rivals ``frozen`` (the last given frame
        stands still) and, where the conditions are labels, ``label_mean`` (each label in its mean training colour) the
        values of `vid2vid.metrics.VideoMetrics`.

    Raises:
        DataError: The data cannot be read.
    """
    module.eval()
    data.prepare_data()
    data.setup("fit")
    judges = _Judges(module.condition, _label_mean(module.condition, data))
    given = module.generator.config.past_frames
    output.mkdir(parents=True, exist_ok=True)
    sheets: list[dict[str, list[Picture]]] = []
    frames = 0
    with VideoWriter(output / "synthesis.mp4", data.manifest.fps) as writer:
        for clip in tqdm(data.val_dataloader(), desc="evaluate", unit="batch"):
            if clip.real.shape[1] <= given:
                raise too_short(clip, "data.val_frames")
            clip = clip.to(module.device)
            scene = module.scene(clip)
            rollout = module.rollout(scene)
            judges.add(clip, scene, torch.cat([scene.real[:, :given], rollout.fake], dim=1), given)
            frames += rollout.fake.shape[0] * rollout.fake.shape[1]
            for b in range(len(clip.names)):
                pictures = rollout_pictures(module.condition, clip, scene.real, rollout, b)
                if len(sheets) < SHEET_CLIPS:
                    sheets.append(pictures)
                columns = zip(pictures["condition"], pictures["synthesised"], pictures["real"], strict=True)
                for column in columns:
                    writer.write(side_by_side(column))
    save_png(output / "sheet.png", contact_sheet(sheets[0]))
    for i, pictures in enumerate(sheets[1:], start=2):
        save_png(output / f"sheet_{i}.png", contact_sheet(pictures))
    results = {name: metric.compute() for name, metric in judges.metrics.items()}
    content = {**results, "synthesised_frames": frames, "given_frames": given}
    write_text(output / "metrics.json", json.dumps(content, indent=1) + "\n")
    return content


def _label_mean(condition: Condition, data: Vid2VidDataModule) -> LabelMean | None:
    if condition.kind != "labels":
        return None
    return LabelMean(tqdm(data.train_dataloader(), desc="label colours", unit="batch"), len(condition.label_ids))
