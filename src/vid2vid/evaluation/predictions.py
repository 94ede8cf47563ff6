"""Judging predictors on held-out videos, beside the trivial rivals."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from vid2vid.config import EvaluationConfig
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import CheckpointError
from vid2vid.evaluation.exhibits import SHEET_CLIPS
from vid2vid.evaluation.horizon_scores import SCORES, HorizonScores
from vid2vid.evaluation.outcome import check_names, save_verdict
from vid2vid.evaluation.verdict import Verdict
from vid2vid.ops import to_images
from vid2vid.prediction import PredictionModule
from vid2vid.prediction.forecast import forecast
from vid2vid.prediction.label_motion import extrapolate, repeat
from vid2vid.training.chunks import too_short
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.types import Clip
from vid2vid.video import VideoWriter
from vid2vid.visual import Picture, captioned, condition_picture, contact_sheet, save_png

RIVALS = ("repeat", "extrapolate")
_NOTES = [
    "repeat: the last given map stands still.",
    "extrapolate: the last given map, warped again and again by the reference flow between the last two given frames; "
    "of rendered streets that is their exact flow, which the predictors are not told.",
]

Maps = Mapping[str, torch.Tensor]


def compare_predictions(
    modules: Mapping[str, PredictionModule],
    data: Vid2VidDataModule,
    output: Path,
    judging: EvaluationConfig | None = None,
    frames: int | None = None,
) -> Verdict:
    """Predict the label maps of held-out videos from their first ones, and compare them with the true ones.

    Writes ``metrics.json``, ``metrics.md``, ``curves.png`` (with the extra ``plots``: the scores by time), up to three
    sheets and ``prediction.mp4`` into ``output``. Judged beside the predictors are the rivals `repeat` and
    `extrapolate`.

    Args:
        modules: The predictors by name; all are given as many maps as the one that looks at most of them.
        data: A data module with a validation split, whose conditions are label maps.
        output: The folder to write into.
        judging: ``bootstrap`` is looked at.
        frames: How many frames of each held-out sequence are used, the given ones included; 0: all it has. By default
            ``val_frames`` of the data module.

    Returns:
        What was found.

    Raises:
        DataError: The data cannot be read, or leaves nothing to predict.
        CheckpointError: A predictor was trained on other labels.
        ConfigError: A name stands for something else.
    """
    check_names(modules)
    data.prepare_data()
    data.setup("validate")
    for name, module in modules.items():
        if module.condition.label_ids != data.condition.label_ids:
            raise CheckpointError(f"{name}: was trained on other labels than those of the data.")
    one = next(iter(modules.values()))
    given = max(module.generator.config.past_frames for module in modules.values())
    scores = HorizonScores(one.classes, (judging or EvaluationConfig()).bootstrap)
    reference = ReferenceFlow(data.flow_estimator)
    sheets: list[dict[str, list[Picture]]] = []
    with VideoWriter(output / "prediction.mp4", data.prepare_manifest().fps) as video:
        for clip in tqdm(data.val_dataloader() if frames is None else data.held_out(frames), desc="predict"):
            if clip.source.shape[1] <= given:
                raise too_short(clip, "data.val_frames")
            maps = _played(modules, clip.to(one.device), given, reference)
            for b, true in enumerate(maps["true"]):
                scores.add({name: each[b, :, 0] for name, each in maps.items() if name != "true"}, true[:, 0])
                rows = {name: [condition_picture(one.condition, m) for m in each[b]] for name, each in maps.items()}
                sheets += [rows] if len(sheets) < SHEET_CLIPS else []
                _film(video, rows)
    for i, rows in enumerate(sheets, start=1):
        save_png(output / ("sheet.png" if i == 1 else f"sheet_{i}.png"), contact_sheet(rows))
    verdict = _verdict(scores, [*modules], given)
    save_verdict(verdict, output)
    return verdict


def _played(modules: Mapping[str, PredictionModule], clip: Clip, given: int, reference: ReferenceFlow) -> Maps:
    """Return the true maps of a batch, ``(B, T - given, 1, H, W)``, and those of each candidate."""
    past, true = clip.source[:, :given], clip.source[:, given:]
    frames = true.shape[1]
    # of the two last given frames, entry j belonging to frame j + 1
    last = reference(clip, to_images(clip.real), [1])[1].vectors[:, given - 2] if given > 1 else None
    found = {"true": true, **{name: forecast(module, past, frames).labels for name, module in modules.items()}}
    found["repeat"] = repeat(past, frames)
    if last is not None:
        found["extrapolate"] = extrapolate(past, last, frames)
    return found


def _film(video: VideoWriter, rows: Mapping[str, Sequence[Picture]]) -> None:
    for column in zip(*rows.values(), strict=True):
        video.write(captioned(dict(zip(rows, column, strict=True))))


def _verdict(scores: HorizonScores, models: list[str], given: int) -> Verdict:
    figures = scores.figures()
    rivals = [name for name in RIVALS if name in figures]
    leads = [_lead(scores, name, rival) for name in models for rival in rivals]
    counts = {"clips": scores.clips, "given_frames": given, "judged_frames": scores.frames}
    return Verdict(models, rivals, figures, scores.curves(), [*_NOTES, *leads], given, counts)


def _lead(scores: HorizonScores, name: str, rival: str) -> str:
    parts = []
    for measure in SCORES:
        figure = scores.lead(name, rival, measure)
        bounds = "" if figure.interval is None else " ({:+.3f} to {:+.3f})".format(*figure.interval)
        parts.append(f"{measure} {figure.value:+.3f}{bounds}")
    return f"{name} against {rival}, on the same clips: {', '.join(parts)}."
