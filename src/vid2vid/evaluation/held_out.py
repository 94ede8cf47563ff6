"""Judging trained models on held-out clips: metrics, curves, a contact sheet, a video."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
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
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.evaluation.exhibits import Exhibits, Rows
from vid2vid.evaluation.footage import Footage
from vid2vid.evaluation.jury import Jury
from vid2vid.evaluation.outcome import check_names, save_verdict
from vid2vid.evaluation.performance import CovstPerformer, ImagePerformer, Performance, VideoPerformer
from vid2vid.evaluation.segmenting import load_segmentation
from vid2vid.evaluation.verdict import Verdict
from vid2vid.models import MODELS, load_class
from vid2vid.ops import to_images
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.chunks import too_short
from vid2vid.training.first_frames import FirstFrameModel
from vid2vid.types import Clip, Flow

_MEMORY = 2**29
"""Bytes of training frames that are kept to compare with."""

Performer = VideoPerformer | ImagePerformer | CovstPerformer
Rival = Callable[[Clip], Tensor]


def evaluate(
    module: AdversarialModule[Any],
    data: Vid2VidDataModule,
    output: Path,
    first: str | FirstFrameModel = "given",
    judging: EvaluationConfig | None = None,
    frames: int | None = None,
) -> dict[str, Any]:
    """Synthesise the held-out clips with one model and judge it; see `compare`.

    The sheets have the rows condition, warped, mask, hallucinated, synthesised, real (of an image generator only
    condition, synthesised, real; of COVST the mask besides), and ``synthesis.mp4`` shows condition | synthesised |
    real.

    Args:
        module: A trained module.
        data: As for `compare`.
        output: As for `compare`.
        first: As for `performer`.
        judging: As for `compare`.
        frames: As for `compare`.

    Returns:
        The content of ``metrics.json``; the model's name in it is that of its kind, ``vid2vid``,
        ``pix2pixHD`` or ``COVST``.

    Raises:
        DataError: As `compare`.
        CheckpointError: As `performer` and `compare`.
        ConfigError: As `performer` and `compare`.
    """
    play = performer(module, data, first)
    return compare({play.name: play}, data, output, judging, frames).content()


def compare(
    performers: Mapping[str, Performer],
    data: Vid2VidDataModule,
    output: Path,
    judging: EvaluationConfig | None = None,
    frames: int | None = None,
) -> Verdict:
    """Synthesise the held-out clips with some models and judge them beside each other, on the same frames.

    Writes ``metrics.json``, ``metrics.md``, ``curves.png`` (with the extra ``plots``), ``sheet.png`` and
    ``synthesis.mp4`` into ``output``. Judged beside the models are the trivial rivals ``frozen`` (the last of the first
    L real frames stands still), ``nearest`` (the training frame whose condition is nearest) and, where the conditions
    are labels, ``label_mean`` (each label in its mean training colour); the last row is the real video's.

    Args:
        performers: The models by name. The largest number of first frames that one of them does not make is left out
            of the comparison for all.
        data: A data module with a validation split.
        output: The folder to write into.
        judging: By what they are judged.
        frames: How many frames of each held-out sequence are judged, as far as it has them; 0: all. By default as the
            data module says, ``val_frames`` and equally many of all.

    Returns:
        What was found.

    Raises:
        DataError: The data cannot be read, or leaves nothing to judge.
        CheckpointError: A model was trained on other conditions than those of the data.
        ConfigError: A model has the name of something else, or a network of the judges cannot be used.
    """
    check_names(performers)
    data.prepare_data()
    data.setup("fit")
    for name, play in performers.items():
        _require_fit(name, play.module.condition, data.condition)
    given = max(play.first_frames for play in performers.values())
    one = next(iter(performers.values())).module
    jury = _jury(judging or EvaluationConfig(), data, frames, given, output, one.device)
    trial = _Trial(performers, _rivals(one.condition, data, given), given, jury)
    loader = data.val_dataloader() if frames is None else data.held_out(frames)
    with Exhibits(output, data.prepare_manifest().fps) as exhibits:
        for clip in tqdm(loader, desc="evaluate", unit="batch"):
            if clip.real.shape[1] <= given:
                raise too_short(clip, "data.val_frames")
            for rows in trial.hear(clip.to(one.device)):
                exhibits.show(rows)
    counts = {"synthesised_frames": trial.synthesised, "given_frames": given}
    verdict = jury.verdict([*performers], [*trial.rivals], given, counts)
    save_verdict(verdict, output)
    return verdict


def performer(
    module: AdversarialModule[Any], data: Vid2VidDataModule, first: str | FirstFrameModel = "given"
) -> Performer:
    """Let a trained module play clips.

    Args:
        module: A trained module.
        data: The clips.
        first: A video model's first L frames: ``given`` real ones, ``empty`` (it starts from nothing), or an image
            generator that makes them. In each case they do not count in the comparison.

    Raises:
        CheckpointError: The image generator of the first frames was trained on other conditions, or the module is a
            predictor of label maps.
        ConfigError: First frames are chosen for a model that makes them itself.
    """
    model = MODELS[module.kind]
    if model.predicts != "frames":
        raise CheckpointError("a predictor makes label maps, not frames: `compare_predictions` judges it.")
    if first != "given" and not model.first_frames:
        raise ConfigError(f"this model is {model.title}: first frames are of no use to it.")
    adapter: Performer = load_class(model.adapter)(module, first, data.flow_estimator)
    return adapter


@dataclass
class _Trial:
    """Lets all models and rivals play the same clips before a jury."""

    performers: Mapping[str, Performer]
    rivals: Mapping[str, Rival]
    given: int
    jury: Jury
    synthesised: int = 0

    @torch.no_grad()
    def hear(self, clip: Clip) -> Iterator[dict[str, Rows]]:
        """Judge a batch of clips; for each of them the models' pictures are returned."""
        played = {name: play(clip) for name, play in self.performers.items()}
        self.synthesised += sum(one.made * len(one.rows) for one in played.values())
        one = next(iter(played.values()))
        videos = {name: each.video for name, each in played.items()}
        for name, rival in self.rivals.items():
            shown = rival(clip).to(one.real)
            videos[name] = torch.cat([one.real[:, : self.given], shown[:, self.given :]], dim=1)
        for b in range(len(one.rows)):
            self.jury.begin()
            this = slice(b, b + 1)
            self.jury.see({name: video[this] for name, video in videos.items()}, self._footage(clip[this], one, this))
            yield {name: each.rows[b] for name, each in played.items()}

    def _footage(self, clip: Clip, played: Performance, this: slice) -> Footage:
        flow = Flow(played.flow.vectors[this], played.flow.confidence[this])
        return Footage(played.real[this], flow, self.given, clip.source[:, :, 0], clip.instance)


def _jury(
    config: EvaluationConfig,
    data: Vid2VidDataModule,
    frames: int | None,
    given: int,
    output: Path,
    device: torch.device,
) -> Jury:
    lengths = [sequence.frames for sequence in data.val_set.sequences]
    shortest = min(min(lengths), (data.loader.val_frames if frames is None else frames) or min(lengths))
    segmentation = load_segmentation(config.segmenter, data, output, device)
    return Jury(config, shortest - given, device, segmentation, len(data.condition.label_ids))


def _require_fit(name: str, trained: Condition, condition: Condition) -> None:
    """Refuse a model whose conditions mean something else than those of the data, but for instance edges."""
    if not replace(trained, instance_edges=False).encodes_like(replace(condition, instance_edges=False)):
        raise CheckpointError(
            f"{name}: was trained on conditions of the kind {trained.kind!r} that differ from those of the data "
            f"({condition.kind!r}); judge it on its own data."
        )


def _rivals(condition: Condition, data: Vid2VidDataModule, given: int) -> dict[str, Rival]:
    """Make the trivial rivals; those that know the training frames know as many of them as memory is given to."""
    bytes_a_frame = data.train_set[Window(0, 0, 1)].real.nbytes
    few = data.training_frames(most=max(_MEMORY // bytes_a_frame, 1))
    frames = list(tqdm(few, desc="training frames", unit="frame"))
    rivals: dict[str, Rival] = {"frozen": lambda clip: frozen(to_images(clip.real), given)}
    if condition.has_labels:
        rivals["label_mean"] = LabelMean(frames, len(condition.label_ids))
    return {**rivals, "nearest": Nearest(frames, condition)}
