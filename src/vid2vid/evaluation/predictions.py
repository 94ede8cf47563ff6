"""Evaluation of predictors of label maps on held-out videos, beside trivial baselines."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from vid2vid.config import EvaluationConfig
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import CheckpointError
from vid2vid.evaluation.held_out_clips import chosen_classes, held_out_clips, prepare_held_out
from vid2vid.evaluation.report import Report
from vid2vid.evaluation.sample_writer import SampleWriter
from vid2vid.metrics.segmentation import SegmentationScores
from vid2vid.ops import to_images
from vid2vid.prediction.forecast import forecast
from vid2vid.prediction.label_motion import extrapolate, repeat
from vid2vid.prediction.prediction_module import PredictionModule
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.training.reference_flow import ReferenceFlow
from vid2vid.types import Clip
from vid2vid.visual import condition_picture

BASELINES = ("repeat", "extrapolate")
_NOTES = [
    "repeat: the last given map stands still.",
    "extrapolate: the last given map, warped again and again by the reference flow between the last two given frames; "
    "of rendered streets that is their exact flow, which the predictors are not told.",
]


def evaluate_predictions(
    modules: Mapping[str, PredictionModule],
    data: Vid2VidDataModule,
    output: Path,
    config: EvaluationConfig | None = None,
    frames: int | None = None,
) -> Report:
    """Predict the label maps of held-out videos from their first ones, and compare them with the true ones.

    Writes ``metrics.json``, ``metrics.md``, ``curves.png`` (with the extra ``plots``: the scores by time), up to three
    sheets and ``prediction.mp4`` into ``output``. Beside the predictors stand the baselines `repeat` and `extrapolate`.

    Args:
        modules: The predictors by name; all are given as many maps as the one that needs most.
        data: A data module with a validation split, whose conditions are label maps.
        output: The folder to write into.
        config: The settings, of which ``bootstrap`` and ``classes`` are used.
        frames: Number of frames of each held-out sequence that are used, the given ones included; 0: all it has. By
            default ``val_frames`` of the data module.

    Returns:
        The report.

    Raises:
        DataError: The data cannot be read, or leaves nothing to predict.
        CheckpointError: A predictor was trained on other labels.
        ConfigError: A name is reserved or used twice, a class is no label, or an output is a file of the data.
    """
    prepare_held_out(modules, data, output, "validate")
    for name, module in modules.items():
        if module.condition.label_ids != data.condition.label_ids:
            raise CheckpointError(f"{name}: was trained on other labels than those of the data; give its own data.")
    one = next(iter(modules.values()))
    config = config or EvaluationConfig()
    chosen = chosen_classes(config, one.condition)
    given = max(module.generator.config.past_frames for module in modules.values())
    reference = ReferenceFlow(data.flow_estimator)
    scores: dict[str, SegmentationScores] = {}
    counts = {"clips": 0, "given_frames": given, "evaluated_frames": 0}
    with SampleWriter(output, data.prepare_manifest().fps, "prediction.mp4") as writer:
        for clip in held_out_clips(data, frames, given, one.device):
            true = clip.source[:, given:]
            predicted = _predict(modules, clip, given, reference)
            for name, maps in predicted.items():
                score = scores.setdefault(name, SegmentationScores(one.classes, over_time=True, chosen=chosen))
                score.update(maps[:, :, 0], true[:, :, 0])
            for b in range(len(true)):
                rows = {"true": true[b], **{name: maps[b] for name, maps in predicted.items()}}
                writer.write({name: [condition_picture(one.condition, m) for m in maps] for name, maps in rows.items()})
            counts["clips"] += len(true)
            counts["evaluated_frames"] += true.shape[0] * true.shape[1]
    weights = {name: fingerprint(module) for name, module in modules.items()}
    report = replace(_report(scores, [*modules], counts, config.bootstrap), weights=weights, data=data.source.title)
    report.save(output)
    return report


def _predict(
    modules: Mapping[str, PredictionModule], clip: Clip, given: int, reference: ReferenceFlow
) -> dict[str, Tensor]:
    """Return the maps ``(B, T - given, 1, H, W)`` of each predictor and baseline."""
    past, frames = clip.source[:, :given], clip.source.shape[1] - given
    found = {name: forecast(module, past, frames).labels for name, module in modules.items()}
    found["repeat"] = repeat(past, frames)
    if given > 1:
        # the flow between the last two given frames: entry j belongs to frame j + 1
        last = reference(clip, to_images(clip.real), [1])[1].vectors[:, given - 2]
        found["extrapolate"] = extrapolate(past, last, frames)
    return found


def _report(
    scores: Mapping[str, SegmentationScores], models: list[str], counts: dict[str, int], resamples: int
) -> Report:
    baselines = [name for name in BASELINES if name in scores]
    one = next(iter(scores.values()))
    measures = [column for measure in one.measures for column in one.columns(measure)]
    figures = {name: {m: score.figure(m, resamples) for m in measures} for name, score in scores.items()}
    notes = list(_NOTES)
    for name in models:
        for baseline in baselines:
            parts = []
            for measure in measures:
                lead = scores[name].difference(scores[baseline], measure, resamples)
                if lead is not None:
                    parts.append(f"{measure} {lead.text(3, signed=True)}")
            notes.append(f"{name} against {baseline}, on the same clips: {', '.join(parts)}.")
    known = {name: {m: f for m, f in each.items() if f is not None} for name, each in figures.items()}
    curves = {measure: {name: score.curve(measure) for name, score in scores.items()} for measure in measures}
    return Report(models, baselines, known, curves, notes, counts["given_frames"], counts)
