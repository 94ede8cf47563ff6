"""A spatially progressive training: its stages, one after the other, each beginning with what the one before learnt."""

import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from pytorch_lightning.utilities import rank_zero_only

from vid2vid.cli.assemble import make_data, run_folder
from vid2vid.config import GeneratorConfig, ImageGeneratorConfig, OptimizerConfig, StageConfig, build
from vid2vid.errors import ConfigError
from vid2vid.files import duplicate
from vid2vid.models import MODELS
from vid2vid.training.checkpoints.resuming import named_checkpoint
from vid2vid.training.checkpoints.saving import LAST

Settings = dict[str, Any]

NEWEST = Path("checkpoints") / LAST
"""Where in the folder of a run its newest checkpoint lies."""

_CONFIGS: dict[str, type[GeneratorConfig] | type[ImageGeneratorConfig]] = {
    "generator": GeneratorConfig,
    "image": ImageGeneratorConfig,
}
"""The settings that have spatial scales."""


class Outcome(Enum):
    """How a training went: to its end, not so far, or it had been there already."""

    ENDED = "ended"
    STOPPED = "stopped"
    ALREADY = "already"


def plan(settings: Settings) -> list[Settings]:
    """Return the settings of each stage of a training; none of a training in one go.

    Args:
        settings: The whole configuration; its ``model`` is known.

    Raises:
        ConfigError: A stage cannot work; all are looked at before the first one starts.
    """
    if settings["stages"] and not MODELS[settings["model"]].staged:
        raise ConfigError(f"stages: model={settings['model']} has one spatial scale, and is trained in one go.")
    planned: list[Settings] = []
    for i, given in enumerate(settings["stages"]):
        before = planned[-1] if planned else None
        try:
            planned.append(_stage(settings, build(StageConfig, given, "stage"), i, before))
            _check(planned[-1], before)
        except ConfigError as error:
            raise ConfigError(f"stages.{i}: {error}") from error
    return planned


def run_stages(planned: list[Settings], settings: Settings, train: Callable[[Settings], Outcome]) -> None:
    """Train stage after stage, each in a folder of its own, ``stage_1`` and so on.

    The last checkpoint of the last stage is found in the folder of the whole run, too.

    Args:
        planned: The settings of the stages.
        settings: The whole configuration.
        train: Trains with the settings of a stage.

    Raises:
        ConfigError: ``resume`` is a path, but not of a checkpoint of one of the stages.
    """
    show(table(planned))
    resumes = _resumes(planned, settings["resume"])
    anew = False
    for i, (stage, resume) in enumerate(zip(planned, resumes, strict=True), 1):
        show(f"vid2vid: stage {i} of {len(planned)}: {stage['run_dir']}")
        # what came after a stage that goes on now belongs to an earlier state of it
        outcome = train({**stage, "resume": False if anew else resume})
        if outcome is Outcome.STOPPED:
            show(f"vid2vid: stage {i} of {len(planned)} stopped before its end; resume=true goes on.")
            return
        anew = anew or outcome is Outcome.ENDED
    publish(Path(planned[-1]["run_dir"]) / NEWEST, Path(settings["run_dir"]) / NEWEST)


def table(planned: list[Settings]) -> str:
    """Return what each stage does, a line for each."""
    lines = [f"{'stage':<7}{'width x height':<16}{'scales':<8}{'epochs':<8}{'alone':<7}{'lr':<10}begins with"]
    for i, stage in enumerate(planned, 1):
        frames = build(StageConfig, stage["stages"][-1], "stage")
        size = f"{frames.width} x {frames.height}" if frames.height else "as in data"
        optimizer, scales = stage["optimizer"], stage[MODELS[stage["model"]].staged]["scales"]
        lines.append(
            f"{i:<7}{size:<16}{scales:<8}{stage['trainer']['max_epochs']:<8}{optimizer['freeze_coarse_epochs']:<7}"
            f"{optimizer['lr']:<10g}{stage['init_from'] or 'nothing'}"
        )
    return "\n".join(lines)


def _stage(settings: Settings, stage: StageConfig, i: int, before: Settings | None) -> Settings:
    """Return the whole configuration as one stage has it."""
    network = MODELS[settings["model"]].staged
    optimizer, discriminators = settings["optimizer"], settings["discriminators"]
    whole = build(OptimizerConfig, optimizer, "optimizer")
    image = _with(discriminators["image"], scales=stage.image_discriminator_scales)
    rates = {"lr": stage.lr, "discriminator_lr": whole.discriminator_lr * stage.lr / whole.lr}
    return {
        **settings,
        network: _with(settings[network], scales=stage.scales),
        "discriminators": {**discriminators, "image": image},
        "optimizer": {**_with(optimizer, **rates), "freeze_coarse_epochs": stage.freeze_coarse_epochs},
        "trainer": _with(settings["trainer"], max_epochs=stage.epochs),
        "stages": [settings["stages"][i]],
        "init_from": str(Path(before["run_dir"]) / NEWEST) if before else settings["init_from"],
        "run_dir": str(Path(settings["run_dir"]) / f"stage_{i + 1}"),
    }


def _with(part: Settings, **values: float) -> Settings:
    return {**part, **{name: value for name, value in values.items() if value}}


def _check(stage: Settings, before: Settings | None) -> None:
    """Refuse what would be found only when the stage starts."""
    name = MODELS[stage["model"]].staged
    network = build(_CONFIGS[name], stage[name], name)
    crop_resize = make_data(stage["data"], stage["flow_estimator"], stage["stages"]).crop_resize
    height, width = crop_resize.height, crop_resize.width
    if isinstance(network, GeneratorConfig) and 0 < min(height, width) <= network.multiple:
        raise ConfigError(
            f"{width} x {height} is too small for F: {network.scales} scales and {network.downsamples} downsamplings "
            f"need more than {network.multiple} pixels a side."
        )
    if stage["optimizer"]["freeze_coarse_epochs"]:
        _check_alone(stage, network.scales, before[name]["scales"] if before else None)


def _check_alone(stage: Settings, scales: int, scales_before: int | None) -> None:
    alone, epochs = stage["optimizer"]["freeze_coarse_epochs"], stage["trainer"]["max_epochs"]
    if not stage["init_from"]:
        raise ConfigError(
            "freeze_coarse_epochs is for a scale that joins trained ones, but there is neither a stage before it "
            "nor init_from."
        )
    if 0 < epochs <= alone:
        raise ConfigError(
            f"freeze_coarse_epochs={alone} must be below epochs={epochs}, or the coarser scales never learn."
        )
    if scales_before and scales > scales_before + 1:
        raise ConfigError(
            f"scales={scales} after {scales_before}: only one scale can join at a time when it first learns alone."
        )


def _resumes(planned: list[Settings], wanted: bool | str) -> list[bool | str]:
    """Return for each stage from where it goes on; a path is that of a checkpoint of one of them."""
    named = named_checkpoint(wanted)
    if named is None:
        return [wanted] * len(planned)
    folders = [Path(stage["run_dir"]).resolve() for stage in planned]
    folder = run_folder(named)
    if folder not in folders:
        raise ConfigError(f"resume={wanted}: is not a checkpoint of a stage of this training; resume=true finds it.")
    here = folders.index(folder)
    return [*[True] * here, wanted, *[False] * (len(planned) - here - 1)]


@rank_zero_only
def show(text: str) -> None:
    """Tell the user something beside the results, once for all processes."""
    print(text, file=sys.stderr)  # noqa: T201


@rank_zero_only
def publish(checkpoint: Path, path: Path) -> None:
    """Let a checkpoint be found at another place, too."""
    duplicate(checkpoint, path)
