"""``vid2vid predict``."""

from pathlib import Path
from typing import Any

from vid2vid.baselines import ImageModule
from vid2vid.cli.assemble import choose_device, plain
from vid2vid.config.prediction import Predict
from vid2vid.errors import ConfigError
from vid2vid.models import MODELS
from vid2vid.prediction import Predicted, PredictionModule, predict
from vid2vid.synthesis import synthesize
from vid2vid.training import Vid2VidModule, load

Settings = dict[str, Any]


def run(config: Predict) -> None:
    """Foresee how a video of label maps goes on, and if a model is given for that synthesise its frames."""
    settings = plain(config)
    _check(settings)
    device, output = choose_device(settings["device"]), Path(settings["output"])
    module = load(settings["checkpoint"], PredictionModule, device=device)
    # before anything is written: a wrong model is refused at once
    player = _player(settings, device) if settings["synthesizer"] else None
    predicted = predict(
        module,
        Path(settings["source"]),
        output,
        given=settings["given"],
        frames=settings["frames"],
        size=(settings["height"], settings["width"]) if settings["height"] else None,
        instance=Path(settings["instance"]) if settings["instance"] else None,
        fps=settings["fps"],
    )
    print(f"written to {output}: {predicted.source.name}, labels.mp4, flow.mp4, sheet.png")  # noqa: T201
    if player is not None:
        frames = _synthesize(player, predicted, settings, output / "frames.mp4")
        print(f"{output / 'frames.mp4'}: {frames} frames, the given ones among them")  # noqa: T201


def _check(settings: Settings) -> None:
    if bool(settings["height"]) != bool(settings["width"]):
        raise ConfigError("give both height and width, or neither.")
    if settings["first"] and settings["image_checkpoint"]:
        raise ConfigError("first and image_checkpoint both say where the first frames come from: give one of them.")
    unused = [key for key in ("first", "image_checkpoint") if settings[key] and not settings["synthesizer"]]
    if unused:
        raise ConfigError(f"{unused[0]} is of use to a video model only: give its checkpoint as synthesizer=...")


def _player(settings: Settings, device: str) -> Vid2VidModule | ImageModule:
    module: Any = load(settings["synthesizer"], device=device)
    if not MODELS[module.kind].synthesizer:
        raise ConfigError(f"{settings['synthesizer']}: synthesizer must be a video model or an image generator.")
    if module.condition.instance_edges and not settings["instance"]:
        raise ConfigError(f"{settings['synthesizer']}: its condition has instance edges: give instance=PATH.")
    player: Vid2VidModule | ImageModule = module
    return player


def _synthesize(module: Vid2VidModule | ImageModule, predicted: Predicted, settings: Settings, output: Path) -> int:
    first: Path | ImageModule | None = Path(settings["first"]) if settings["first"] else None
    if settings["image_checkpoint"]:
        first = load(settings["image_checkpoint"], ImageModule, device=module.device, condition=module.condition)
    instance = predicted.instance if module.condition.instance_edges else None
    return synthesize(module, predicted.source, output, first=first, instance=instance, fps=predicted.fps)
