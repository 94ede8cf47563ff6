"""The videos that `vid2vid synthesize` reads and writes."""

from dataclasses import replace
from glob import glob
from pathlib import Path

from vid2vid.config import SynthesisConfig
from vid2vid.config.synthesis import PIPE
from vid2vid.errors import ConfigError
from vid2vid.files import refuse_overwriting
from vid2vid.synthesis.writers import written_files
from vid2vid.video.images import IMAGE_ENDINGS, natural_order

_PER_SOURCE = ("first", "instance", "foreground", "background", "densepose", "planes")
"""Settings with files that belong to one source, frame by frame."""


def split_sources(config: SynthesisConfig) -> list[SynthesisConfig]:
    """Return the settings of each source, with its own output.

    Raises:
        ConfigError: A pattern matches nothing, two outputs have the same name, a setting that belongs to one source is
            given for several, or an output is a file that is read.
    """
    if not config.source:
        refuse_overwriting(written_files(config), config.files_read())
        return [config]
    texts = [str(text) for text in (config.source if isinstance(config.source, list) else [config.source])]
    if len(texts) == 1 and not _is_video_pattern(texts[0]):
        refuse_overwriting(written_files(config), config.files_read())
        return [replace(config, source=texts[0])]
    sources = [path for text in texts for path in _matches(text)]
    folder = Path(config.output)
    shared = [key for key in _PER_SOURCE if getattr(config, key)]
    if shared:
        raise ConfigError(
            f"{', '.join(shared)} belong to one source: synthesise the {len(sources)} sources one by one."
        )
    if config.output == PIPE or folder.suffix:
        raise ConfigError(f"output={folder}: for {len(sources)} sources give a folder, whose name has no suffix.")
    outputs = [folder / f"{path.stem if path.is_file() else path.name}.mp4" for path in sources]
    for path, output in zip(sources, outputs, strict=True):
        if outputs.count(output) > 1:
            raise ConfigError(f"{path}: another source would be written to {output}, too; rename one of them.")
    for path in sources:
        if folder.is_dir() and path.parent.is_dir() and folder.samefile(path.parent):
            raise ConfigError(f"output={folder}: is the folder of the source {path}; choose another folder.")
    todo = [replace(config, source=path, output=output) for path, output in zip(sources, outputs, strict=True)]
    # the first output could be the second source
    refuse_overwriting([path for one in todo for path in written_files(one)], [*sources, *config.files_read()])
    return todo


def _matches(text: str) -> list[Path]:
    """Return the files that match a pattern, in natural order; of a text that is no pattern its path."""
    if text == PIPE:
        raise ConfigError("source=- cannot be one of several sources: give it alone.")
    if not _is_video_pattern(text):
        return [Path(text)]
    return sorted(map(Path, glob(text)), key=natural_order)  # noqa: PTH207 - the pattern may be absolute


def _is_video_pattern(text: str) -> bool:
    """Whether a text is a glob pattern of videos; a pattern of images stands for the frames of one video."""
    if not set(text) & set("*?[") or Path(text).exists():
        return False
    found = glob(text)  # noqa: PTH207 - the pattern may be absolute
    if not found:
        raise ConfigError(f"source={text}: there is no such file, and no file matches it as a pattern; check the path.")
    return not any(Path(name).suffix.lower() in IMAGE_ENDINGS for name in found)
