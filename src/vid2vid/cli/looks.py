"""``vid2vid synthesize style=…``: from settings to a style."""

from pathlib import Path
from typing import Any

from vid2vid.baselines import ImageModule
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError
from vid2vid.generator import Style
from vid2vid.synthesis.styles import StyleChoice, choose_style
from vid2vid.training import Vid2VidModule


def styled(settings: dict[str, Any], module: Vid2VidModule | ImageModule) -> Style | None:
    """Return the style that the settings of ``vid2vid synthesize`` ask for; None: as on average.

    Raises:
        ConfigError: The model has no encoder of styles, or a setting cannot work.
        DataError: A file cannot be read.
    """
    book, labels = (Path(settings[key]) if settings[key] else None for key in ("styles", "style_labels"))
    classes = settings["style_classes"] or {}
    if not isinstance(classes, dict):
        raise ConfigError(f"style_classes={classes}: give classes and their looks, e.g. style_classes={{road:3}}.")
    wishes = {str(label): wish for label, wish in classes.items()}
    choice = StyleChoice(settings["style"], book, labels, wishes, settings["seed"])
    if choice.plain:
        return None
    if isinstance(module, ImageModule):
        raise ConfigError("style: this model is an image generator: it has no encoder of styles.")
    return choose_style(module, choice, CropResize(settings["height"], settings["width"], tuple(settings["crop"])))
