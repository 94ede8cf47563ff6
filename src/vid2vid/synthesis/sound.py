"""The sound of a synthesised video."""

import logging
import math
from pathlib import Path

from vid2vid.config import SynthesisConfig
from vid2vid.config.synthesis import PIPE
from vid2vid.data.formats.frame_files import holds_keypoints
from vid2vid.errors import ConfigError
from vid2vid.synthesis.writers import is_image_folder
from vid2vid.video import Header, frame_times, has_sound

_log = logging.getLogger(__name__)


def output_sound(config: SynthesisConfig) -> Path | None:
    """Return the video whose sound goes under the output: the given one, else the source if its pace is kept.

    Args:
        config: The settings, before the source is retargeted.

    Raises:
        ConfigError: The given video has no sound, or the output is a folder of images.
        VideoError: A file cannot be read.
    """
    if not isinstance(config.output, str | Path) or config.output == PIPE:
        return None
    if config.sound is not None:
        if is_image_folder(Path(config.output)):
            raise ConfigError(f"{config.output}: images have no sound; give a video as output, or leave sound out.")
        if not has_sound(config.sound):
            raise ConfigError(f"{config.sound}: has no sound; give another file, or leave sound out.")
        return config.sound
    if not isinstance(config.source, str | Path) or is_image_folder(Path(config.output)):
        return None
    source = Path(config.source)
    if not source.is_file() or holds_keypoints(source):
        return None
    if not has_sound(source):
        return None
    if not config.fps:
        return source
    variable = frame_times(source) is not None
    if variable or not math.isclose(config.fps, Header.read(source).fps, rel_tol=1e-3):
        rate = "a variable" if variable else "another"
        _log.warning(
            "%s: has %s frame rate, and fps=%g changes its pace: its sound is left out", source, rate, config.fps
        )
        return None
    return source
