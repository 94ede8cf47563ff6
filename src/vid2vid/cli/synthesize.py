"""``vid2vid synthesize``."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from vid2vid.cli.assemble import choose_device, plain
from vid2vid.data.framing import Framing
from vid2vid.errors import ConfigError
from vid2vid.synthesis import synthesize
from vid2vid.training import CoherentModule, ImageModule, PredictionModule, Vid2VidModule, load_any, load_image


def run(config: DictConfig) -> None:
    """Make a video from a video of conditions."""
    settings = plain(config)
    if settings["first"] and settings["image_checkpoint"]:
        raise ConfigError("first and image_checkpoint both say where the first frames come from: give one of them.")
    module = load_any(settings["checkpoint"], choose_device(settings["device"]))
    if isinstance(module, CoherentModule):
        raise ConfigError(
            f"{settings['checkpoint']}: this is COVST, which is given the flow of the real video: conditions alone are "
            "not enough. vid2vid evaluate synthesises held-out videos with it."
        )
    if isinstance(module, PredictionModule):
        raise ConfigError(f"{settings['checkpoint']}: this is a predictor, which makes label maps: vid2vid predict.")
    output = Path(settings["output"])
    frames = synthesize(
        module,
        Path(settings["source"]),
        output,
        framing=Framing(settings["height"], settings["width"], tuple(settings["crop"])),
        first=_first(settings, module),
        instance=_path(settings["instance"]),
        foreground=_path(settings["foreground"]),
        appended=_path(settings.get(module.condition.appended, "")),
        fps=settings["fps"],
    )
    print(f"{output}: {frames} frames")  # noqa: T201


def _first(settings: dict[str, Any], module: Vid2VidModule | ImageModule) -> Path | ImageModule | None:
    if settings["image_checkpoint"]:
        return load_image(settings["image_checkpoint"], module.device, module.condition)
    return _path(settings["first"])


def _path(text: str) -> Path | None:
    return Path(text) if text else None
