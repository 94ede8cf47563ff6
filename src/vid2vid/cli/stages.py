"""A spatially progressive training: its stages in order, each initialised with the weights of the one before."""

import sys
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from pytorch_lightning.utilities import rank_zero_only

from vid2vid.cli.assemble import make_data, run_folder
from vid2vid.config import GeneratorConfig, StageConfig
from vid2vid.config.commands import Train
from vid2vid.config.settings import Settings
from vid2vid.errors import ConfigError
from vid2vid.files import duplicate
from vid2vid.models import MODELS
from vid2vid.training.checkpoints.resuming import named_checkpoint
from vid2vid.training.checkpoints.saving import LAST

Part = TypeVar("Part", bound=Settings)

NEWEST = Path("checkpoints") / LAST
"""The newest checkpoint of a run, relative to its folder."""


class Outcome(Enum):
    """How far a training is after a call: now at its end, stopped before it, or already at its end before the call."""

    ENDED = "ended"
    STOPPED = "stopped"
    ALREADY = "already"


def plan(settings: Train) -> list[Train]:
    """Return the settings of each stage of a training; an empty list for a training without stages.

    Args:
        settings: The settings of the whole training, with the name of a known model.

    Raises:
        ConfigError: A stage cannot work; all are checked before the first one starts.
    """
    if settings.stages and not MODELS[settings.model].staged:
        raise ConfigError(
            f"stages: model={settings.model} has one spatial scale and cannot be trained in stages; leave stages out."
        )
    planned: list[Train] = []
    for i, stage in enumerate(settings.stages):
        before = planned[-1] if planned else None
        try:
            planned.append(_stage(settings, stage, i, before))
            _check(planned[-1], before)
        except ConfigError as error:
            raise ConfigError(f"stages.{i}: {error}") from error
    return planned


def run_stages(planned: list[Train], settings: Train, train: Callable[[Train], Outcome]) -> None:
    """Train stage after stage, each in a folder of its own, ``stage_1`` and so on.

    The last checkpoint of the last stage also appears in the folder of the whole run.

    Args:
        planned: The settings of the stages.
        settings: The settings of the whole training.
        train: Trains one stage with its settings.

    Raises:
        ConfigError: ``resume`` is a path, but not of a checkpoint of one of the stages.
    """
    show(table(planned))
    resumes = _resume_by_stage(planned, settings.resume)
    anew = False
    for i, (stage, resume) in enumerate(zip(planned, resumes, strict=True), 1):
        show(f"vid2vid: stage {i} of {len(planned)}: {stage.run_dir}")
        # stages behind one that was trained further start anew: they began with an earlier state of it
        outcome = train(replace(stage, resume=False if anew else resume))
        if outcome is Outcome.STOPPED:
            show(f"vid2vid: stage {i} of {len(planned)} stopped before its end; resume=true goes on.")
            return
        anew = anew or outcome is Outcome.ENDED
    publish(Path(planned[-1].run_dir) / NEWEST, Path(settings.run_dir) / NEWEST)


def table(planned: list[Train]) -> str:
    """Return the stages as a table, one line each."""
    lines = [f"{'stage':<7}{'width x height':<16}{'scales':<8}{'epochs':<8}{'alone':<7}{'lr':<10}begins with"]
    for i, stage in enumerate(planned, 1):
        frames, optimizer = stage.stages[-1], stage.optimizer
        size = f"{frames.width} x {frames.height}" if frames.height else "as in data"
        scales = getattr(stage, MODELS[stage.model].staged).scales
        lines.append(
            f"{i:<7}{size:<16}{scales:<8}{stage.trainer.max_epochs:<8}{optimizer.freeze_coarse_epochs:<7}"
            f"{optimizer.lr:<10g}{stage.init_from or 'nothing'}"
        )
    return "\n".join(lines)


def _stage(settings: Train, stage: StageConfig, i: int, before: Train | None) -> Train:
    """Return the settings of the whole training with the changes of one stage."""
    network, optimizer, discriminators = MODELS[settings.model].staged, settings.optimizer, settings.discriminators
    rates = {"lr": stage.lr, "discriminator_lr": optimizer.discriminator_lr * stage.lr / optimizer.lr}
    image = _with_nonzero(discriminators.image, scales=stage.image_discriminator_scales)
    changes: dict[str, Any] = {
        network: _with_nonzero(getattr(settings, network), scales=stage.scales),
        "discriminators": replace(discriminators, image=image),
        "optimizer": replace(_with_nonzero(optimizer, **rates), freeze_coarse_epochs=stage.freeze_coarse_epochs),
        "trainer": _with_nonzero(settings.trainer, max_epochs=stage.epochs),
        "stages": [stage],
        "init_from": str(Path(before.run_dir) / NEWEST) if before else settings.init_from,
        "run_dir": str(Path(settings.run_dir) / f"stage_{i + 1}"),
    }
    return replace(settings, **changes)


def _with_nonzero(part: Part, **values: float) -> Part:
    """Return settings with other values; 0 leaves a value as it is."""
    return replace(part, **{name: value for name, value in values.items() if value})


def _check(stage: Train, before: Train | None) -> None:
    """Refuse a stage that could not start."""
    name = MODELS[stage.model].staged
    network = getattr(stage, name)
    crop_resize = make_data(stage.data, stage.flow_estimator, stage.stages).crop_resize
    height, width = crop_resize.height, crop_resize.width
    if isinstance(network, GeneratorConfig) and 0 < min(height, width) <= network.multiple:
        raise ConfigError(
            f"{width} x {height} is too small for F: {network.scales} scales and {network.downsamples} downsamplings "
            f"need more than {network.multiple} pixels a side."
        )
    frozen, epochs = stage.optimizer.freeze_coarse_epochs, stage.trainer.max_epochs
    if not frozen:
        return
    if not stage.init_from:
        raise ConfigError(
            f"freeze_coarse_epochs={frozen} is for a scale that joins trained ones, but there is neither an earlier "
            "stage nor init_from: give init_from=..., or set it to 0."
        )
    if 0 < epochs <= frozen:
        raise ConfigError(
            f"freeze_coarse_epochs={frozen} must be below epochs={epochs}, or the coarser scales never learn."
        )
    scales_before = getattr(before, name).scales if before else network.scales
    if network.scales > scales_before + 1:
        raise ConfigError(
            f"scales={network.scales} after {scales_before}: with freeze_coarse_epochs={frozen} only one scale can "
            "join at a time. Add a stage between them, or set it to 0."
        )


def _resume_by_stage(planned: list[Train], wanted: bool | str) -> list[bool | str]:
    """Return the setting ``resume`` of each stage; if it is a path, it must be that of a checkpoint of a stage."""
    named = named_checkpoint(wanted)
    if named is None:
        return [wanted] * len(planned)
    folders = [Path(stage.run_dir).resolve() for stage in planned]
    folder = run_folder(named)
    if folder not in folders:
        raise ConfigError(
            f"resume={wanted}: is not a checkpoint of a stage of this training; resume=true finds the newest one."
        )
    here = folders.index(folder)
    return [*[True] * here, wanted, *[False] * (len(planned) - here - 1)]


@rank_zero_only
def show(text: str) -> None:
    """Print a message to stderr, once for all processes."""
    print(text, file=sys.stderr)  # noqa: T201


@rank_zero_only
def publish(checkpoint: Path, path: Path) -> None:
    """Make a checkpoint available under a second path, once for all processes."""
    duplicate(checkpoint, path)
