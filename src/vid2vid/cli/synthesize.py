"""``vid2vid synthesize``."""

import sys
from pathlib import Path
from typing import Any

from vid2vid.baselines import ImageModule
from vid2vid.cli.assemble import choose_device, plain
from vid2vid.cli.driving import driven
from vid2vid.cli.looks import styled
from vid2vid.cli.sources import Output, Source, jobs
from vid2vid.config.synthesis import Synthesize
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.editing import LabelEditor, read_edits
from vid2vid.errors import ConfigError
from vid2vid.generator import Style
from vid2vid.models import MODELS
from vid2vid.synthesis import StoppedError, parts_folder, synthesize
from vid2vid.training import Vid2VidModule, load
from vid2vid.training.callbacks.stopping import StopSignal

_STOPPED = 128


def run(config: Synthesize) -> None:
    """Make a video from a video of conditions, or several."""
    settings = plain(config)
    if settings["first"] and settings["image_checkpoint"]:
        raise ConfigError("first and image_checkpoint both say where the first frames come from: give one of them.")
    with StopSignal().listening() as signal:
        todo = jobs(settings, lambda: signal.number > 0)
        module: Any = load(settings["checkpoint"], device=choose_device(settings["device"]))
        model = MODELS[module.kind]
        if not model.synthesizer:
            raise ConfigError(f"{settings['checkpoint']}: this is {model.title}. {model.instead}")
        style = styled(settings, module)
        for source, output in todo:
            _synthesize(module, source, output, settings, style, signal)


def _synthesize(
    module: Vid2VidModule | ImageModule,
    source: Source,
    output: Output,
    settings: dict[str, Any],
    style: Style | None,
    signal: StopSignal,
) -> None:
    if settings["resume"] and isinstance(output, Path) and _finished(output):
        _say(f"{output}: is finished already; remove it to make it anew")
        return
    source, settings = driven(source, output, settings, module.condition)
    edits = read_edits(settings["edit"])
    try:
        frames = synthesize(
            module,
            source,
            output,
            crop_resize=CropResize(settings["height"], settings["width"], tuple(settings["crop"])),
            first=_first(settings, module),
            instance=_path(settings["instance"]),
            foreground=_path(settings["foreground"]),
            appended=_path(settings.get(module.condition.appended, "")),
            fps=settings["fps"],
            intermediates=settings["intermediates"],
            transforms=[LabelEditor(module.condition, edits)] if edits else [],
            settings=_identity({"edit": edits, "retarget": settings["retarget"]}),
            resume=settings["resume"],
            style=style,
            key_every=settings["key_every"],
            sound=_path(settings["sound"]),
            segment_frames=settings["segment"],
            stopped=lambda: signal.number > 0,
        )
    except StoppedError as stopped:
        _say(_farewell(output, stopped))
        sys.exit(_STOPPED + signal.number)
    if isinstance(output, Path):
        print(f"{output}: {frames} frames")  # noqa: T201


def _finished(output: Path) -> bool:
    return output.exists() and not parts_folder(output).exists()


def _farewell(output: Output, stopped: StoppedError) -> str:
    if not isinstance(output, Path):
        return f"vid2vid: stopped after {stopped.frames} frames"
    seen = f", to be seen in {stopped.shown}" if stopped.shown else ""
    return f"vid2vid: {output}: stopped after {stopped.frames} frames{seen}; resume=true goes on"


def _say(text: str) -> None:
    # the standard output may be the frames
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def _first(settings: dict[str, Any], module: Vid2VidModule | ImageModule) -> Path | ImageModule | None:
    if settings["image_checkpoint"]:
        return load(settings["image_checkpoint"], ImageModule, device=module.device, condition=module.condition)
    return _path(settings["first"])


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _identity(settings: dict[str, Any]) -> dict[str, str]:
    """Return those of some settings that are given, which a synthesis that goes on must share."""
    return {name: str(value) for name, value in settings.items() if value}
