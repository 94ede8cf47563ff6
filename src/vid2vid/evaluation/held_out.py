"""Evaluation of trained models on held-out clips: metrics, curves, contact sheets, a video."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from vid2vid.baselines.trivial import LabelMean, Nearest, frozen
from vid2vid.condition import Condition
from vid2vid.config import EvaluationConfig
from vid2vid.data.clips import Window
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import CheckpointError
from vid2vid.evaluation.evaluator import Evaluator
from vid2vid.evaluation.held_out_clips import chosen_classes, held_out_clips, prepare_held_out
from vid2vid.evaluation.model_adapters import Adapter, Synthesis, model_adapter
from vid2vid.evaluation.report import Report
from vid2vid.evaluation.sample_writer import SampleWriter
from vid2vid.evaluation.segmenter import load_segmenter
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.ops import to_images
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.training.first_frames import FirstFrameModel
from vid2vid.types import Clip

_TRAINING_BYTES = 2**29
"""Bytes of training frames that are kept in memory for the trivial baselines."""

Baseline = Callable[[Clip], Tensor]


def evaluate(
    module: AdversarialModule[Any],
    data: Vid2VidDataModule,
    output: Path,
    first: str | FirstFrameModel = "given",
    config: EvaluationConfig | None = None,
    frames: int | None = None,
) -> dict[str, Any]:
    """Synthesise the held-out clips with one model and evaluate it; see `evaluate_models`.

    The sheets have the rows condition, warped, mask, hallucinated, synthesised, real (of an image generator only
    condition, synthesised, real; of COVST the mask besides), and ``synthesis.mp4`` shows condition | synthesised |
    real.

    Args:
        module: A trained module.
        data: As for `evaluate_models`.
        output: As for `evaluate_models`.
        first: As for `model_adapter`.
        config: As for `evaluate_models`.
        frames: As for `evaluate_models`.

    Returns:
        The content of ``metrics.json``; the model's name in it is that of its kind, ``vid2vid``, ``pix2pixHD`` or
        ``COVST``.

    Raises:
        DataError: As `evaluate_models`.
        CheckpointError: As `model_adapter` and `evaluate_models`.
        ConfigError: As `model_adapter` and `evaluate_models`.
    """
    adapter = model_adapter(module, data, first)
    return evaluate_models({adapter.name: adapter}, data, output, config, frames).content()


def evaluate_models(
    models: Mapping[str, Adapter[Any]],
    data: Vid2VidDataModule,
    output: Path,
    config: EvaluationConfig | None = None,
    frames: int | None = None,
) -> Report:
    """Synthesise the held-out clips with some models and evaluate them on the same frames.

    Writes ``metrics.json``, ``metrics.md``, ``curves.png`` (with the extra ``plots``), ``sheet.png`` and
    ``synthesis.mp4`` into ``output``. Beside the models stand the trivial baselines ``frozen`` (the last of the first
    L real frames stands still), ``nearest`` (the training frame whose condition is nearest) and, where the conditions
    are labels, ``label_mean`` (each label in its mean training colour); the last row is the real video's.

    Args:
        models: The models by name (`model_adapter`). They are compared on the frames that all of them make.
        data: A data module with a validation split.
        output: The folder to write into.
        config: The settings.
        frames: Number of frames of each held-out sequence that are evaluated, or as many as it has; 0: all. By default
            ``val_frames`` of the data module, the same number of each.

    Returns:
        The report.

    Raises:
        DataError: The data cannot be read, or leaves nothing to evaluate.
        CheckpointError: A model was trained on other conditions than those of the data.
        ConfigError: A model has a reserved name, a network of the metrics cannot be used, a class is none of the
            labels, or an output is a file of the data.
    """
    prepare_held_out(models, data, output, "fit")
    for name, model in models.items():
        _require_fit(name, model.module.condition, data.condition)
    one = next(iter(models.values())).module
    given = max(model.first_frames for model in models.values())
    most = (data.loader.val_frames if frames is None else frames) or sys.maxsize
    shortest = min(most, *(sequence.frames for sequence in data.val_set.sequences))
    config, classes = config or EvaluationConfig(), len(data.condition.label_ids)
    chosen = chosen_classes(config, data.condition)
    segmenter = load_segmenter(config.segmenter, data, output, one.device)
    evaluator = Evaluator(config, shortest - given, one.device, segmenter, classes, chosen)
    baselines = trivial_baselines(one.condition, data, given)
    synthesised = 0
    with SampleWriter(output, data.prepare_manifest().fps) as writer, torch.no_grad():
        for clip in held_out_clips(data, frames, given, one.device):
            made = {name: model(clip) for name, model in models.items()}
            synthesised += sum(each.made * len(each.rows) for each in made.values())
            _measure(evaluator, clip, made, {name: baseline(clip) for name, baseline in baselines.items()}, given)
            for b in range(len(clip.real)):
                writer.write_clip({name: each.rows[b] for name, each in made.items()})
    counts = {"synthesised_frames": synthesised, "given_frames": given}
    report = evaluator.report([*models], [*baselines], given, counts)
    weights = {name: fingerprint(model.module) for name, model in models.items()}
    report = replace(report, weights=weights, data=data.source.title)
    report.save(output)
    return report


def _require_fit(name: str, trained: Condition, condition: Condition) -> None:
    """Refuse a model whose conditions mean something else than those of the data; object ids may differ.

    A model without planes is given none; the data need not have planes that are optional for a model.
    """
    if not trained.without_instances().takes(condition.without_instances()):
        raise CheckpointError(
            f"{name}: was trained on conditions of the kind {trained.kind!r} that differ from those of the data "
            f"({condition.kind!r}); evaluate it on its own data."
        )


def trivial_baselines(condition: Condition, data: Vid2VidDataModule, given: int) -> dict[str, Baseline]:
    """Make the trivial baselines, from as many training frames as `_TRAINING_BYTES` hold.

    Args:
        condition: The models' condition.
        data: The data set, set up.
        given: Number of given first frames.
    """
    bytes_per_frame = data.train_set[Window(0, 0, 1)].real.nbytes
    few = data.training_frames(most=max(_TRAINING_BYTES // bytes_per_frame, 1))
    frames = list(tqdm(few, desc="training frames", unit="frame"))
    baselines: dict[str, Baseline] = {"frozen": lambda clip: frozen(to_images(clip.real), given)}
    if condition.has_labels:
        baselines["label_mean"] = LabelMean(frames, len(condition.label_ids))
    return {**baselines, "nearest": Nearest(frames, condition)}


def _measure(
    evaluator: Evaluator, clip: Clip, made: Mapping[str, Synthesis], shown: Mapping[str, Tensor], given: int
) -> None:
    """Measure a batch of clips, ``made`` by the models and ``shown`` by the baselines, all after the given frames."""
    one = next(iter(made.values()))
    videos = {name: each.video for name, each in made.items()}
    for name, video in shown.items():
        videos[name] = torch.cat([one.real[:, :given], video.to(one.real)[:, given:]], dim=1)
    reference = ReferenceClip(one.real, one.flow, given, clip.source[:, :, 0], clip.instance)
    for b in range(len(one.real)):
        this = slice(b, b + 1)
        evaluator.update({name: video[this] for name, video in videos.items()}, reference[this, :])
