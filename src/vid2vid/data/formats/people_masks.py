"""Foreground masks from maps of people's ids."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.formats.file_cache import FORMAT, cached_file_answer
from vid2vid.data.manifest import VideoSequence
from vid2vid.video import Header, file_key, frame_times, stream_ids, write_labels
from vid2vid.video.progress import progress


def replace_people_by_masks(
    sequences: list[VideoSequence], cache: Path, warnings: list[DataWarning]
) -> list[VideoSequence]:
    """Replace maps of people's ids by foreground masks: grey videos, 255 where the id is not 0.

    If no map shows anybody, the sequences are returned without a foreground, and a warning is appended. Masks are
    written to the cache; existing ones are reused.

    Args:
        sequences: Sequences whose ``foreground`` is a video or a folder of maps of people's ids, or None.
        cache: The cache folder.
        warnings: The list to which the warning is appended.

    Raises:
        DataError: A map cannot be read, or a mask cannot be written.
    """
    maps = {sequence.foreground: None for sequence in sequences if sequence.foreground is not None}
    if not any(cached_file_answer(path, "people", cache, lambda path: any(map(np.any, _masks(path)))) for path in maps):
        message = "the maps of people have only the id 0, which means nobody: there is no foreground"
        warnings.append(DataWarning(next(iter(maps)), message))
        return [replace(sequence, foreground=None) for sequence in sequences]
    masks = {path: cache / "masks" / f"{file_key(path)}-{FORMAT}.mkv" for path in maps}
    for path, mask in masks.items():
        if not mask.is_file():
            write_labels(mask, _masks(path), Header.read(path).fps, frame_times(path))
    return [replace(s, foreground=masks[s.foreground]) if s.foreground else s for s in sequences]


def _masks(maps: Path) -> Iterator[NDArray[np.uint8]]:
    for ids in progress(stream_ids(maps), f"people in {maps.name}", unit="map"):
        yield np.where(ids > 0, 255, 0).astype(np.uint8)
