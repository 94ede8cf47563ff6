"""Whose sound goes under a synthesised video."""

import math
from pathlib import Path
from typing import BinaryIO

from vid2vid.data.formats.frame_files import holds_keypoints
from vid2vid.errors import ConfigError
from vid2vid.synthesis.recording import is_image_folder
from vid2vid.video import Header, RawVideo, has_sound


def own_sound(source: Path | RawVideo, output: Path | BinaryIO, fps: float) -> Path | None:
    """Return the video that a synthesis is made of, or driven by, if its own sound fits under the output.

    Args:
        source: A file, folder or pipe.
        output: The same; only a video has sound.
        fps: Frames a second of the output; 0: as the source. At another pace the sound would run away.

    Raises:
        VideoError: The source cannot be read.
    """
    if not isinstance(source, Path) or not source.is_file() or holds_keypoints(source):
        return None
    if not isinstance(output, Path) or is_image_folder(output):
        return None
    same_pace = not fps or math.isclose(fps, Header.read(source).fps, rel_tol=1e-3)
    return source if same_pace and has_sound(source) else None


def given_sound(sound: Path, output: Path) -> Path:
    """Return the video whose sound somebody wants under the output.

    Raises:
        ConfigError: It has none, or the output is a folder of images.
        VideoError: It cannot be read.
    """
    if is_image_folder(output):
        raise ConfigError(f"{output}: images have no sound; give a video as output, or leave sound out.")
    if not has_sound(sound):
        raise ConfigError(f"{sound}: has no sound.")
    return sound
