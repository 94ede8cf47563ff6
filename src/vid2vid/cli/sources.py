"""Which videos `vid2vid synthesize` is to read and to write."""

import sys
from collections.abc import Callable, Mapping
from glob import glob
from pathlib import Path
from typing import Any, BinaryIO

from vid2vid.errors import ConfigError
from vid2vid.video import RawVideo
from vid2vid.video.images import FOLDER_FPS, IMAGE_ENDINGS, natural_order

PIPE = "-"
_OF_ONE = ("first", "instance", "foreground", "background", "densepose")

Source = Path | RawVideo
Output = Path | BinaryIO


def jobs(settings: Mapping[str, Any], stopped: Callable[[], bool]) -> list[tuple[Source, Output]]:
    """Return each source with its output.

    Args:
        settings: Those of the verb.
        stopped: Whether to wait no longer for raw frames.

    Raises:
        ConfigError: A pattern fits nothing, two outputs have one name, or several sources share what belongs to one.
    """
    if settings["segment"] < 1:
        raise ConfigError(f"segment={settings['segment']}: must be at least 1 frame.")
    texts = settings["source"] if isinstance(settings["source"], list) else [settings["source"]]
    several = len(texts) > 1 or _means_several(str(texts[0]))
    if not several:
        return [(_source(str(texts[0]), settings, stopped), _output(settings["output"]))]
    return _pairs([path for text in texts for path in _matches(str(text))], settings)


def _source(text: str, settings: Mapping[str, Any], stopped: Callable[[], bool]) -> Source:
    if text != PIPE:
        return Path(text)
    height, width = (settings[f"raw_{side}"] or settings[side] for side in ("height", "width"))
    if height < 1 or width < 1:
        raise ConfigError("source=-: raw frames do not say their size: give raw_height and raw_width.")
    return RawVideo(height, width, settings["fps"] or FOLDER_FPS, stopped=stopped)


def _output(text: str) -> Output:
    return sys.stdout.buffer if text == PIPE else Path(text)


def _pairs(sources: list[Path], settings: Mapping[str, Any]) -> list[tuple[Source, Output]]:
    folder = Path(settings["output"])
    shared = [key for key in _OF_ONE if settings[key]]
    if shared:
        raise ConfigError(f"{', '.join(shared)} belong to one source: synthesise the {len(sources)} sources singly.")
    if settings["output"] == PIPE or folder.suffix:
        raise ConfigError(f"output={folder}: of {len(sources)} sources it must be a folder, whose name has no ending.")
    outputs = [folder / f"{path.stem if path.is_file() else path.name}.mp4" for path in sources]
    for path, output in zip(sources, outputs, strict=True):
        if outputs.count(output) > 1:
            raise ConfigError(f"{path}: another source would be written to {output}, too; rename one of them.")
    return list(zip(sources, outputs, strict=True))


def _matches(text: str) -> list[Path]:
    """Return the files of a pattern in natural order, or the path that is none."""
    if text == PIPE:
        raise ConfigError("source=- cannot be one of several sources.")
    if not _means_several(text):
        return [Path(text)]
    return sorted(map(Path, glob(text)), key=natural_order)  # noqa: PTH207 - the pattern may be absolute


def _means_several(text: str) -> bool:
    """Whether a text is a pattern of several videos; one of images is the frames of one video."""
    if not set(text) & set("*?[") or Path(text).exists():
        return False
    found = glob(text)  # noqa: PTH207 - the pattern may be absolute
    if not found:
        raise ConfigError(f"source={text}: no file fits this pattern.")
    return not any(Path(name).suffix.lower() in IMAGE_ENDINGS for name in found)
