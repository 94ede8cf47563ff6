"""Masks of the foreground, made of maps of people's ids."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.formats.memory import identity, remembered
from vid2vid.data.manifest import VideoSequence
from vid2vid.video import Header, stream_ids, write_labels

_PROGRESS_DELAY = 2.0


def with_masks(sequences: list[VideoSequence], cache: Path, warnings: list[DataWarning]) -> list[VideoSequence]:
    """Return sequences whose foreground is a map of people's ids with a mask in its place: all people are foreground.

    Where no map of the data set shows anybody the sequences come without a foreground, and a warning is appended.

    Args:
        sequences: Sequences whose ``foreground`` is a video or a folder of maps of people's ids, or None.
        cache: Folder for what is computed once.
        warnings: Where the warning goes.

    Raises:
        DataError: A map cannot be read, or a mask not be written.
    """
    maps = {s.foreground: None for s in sequences if s.foreground is not None}
    if not any(remembered(path, "people", cache, _shows_anybody) for path in maps):
        message = "maps of people in which there is nobody, only the id 0: no foreground"
        warnings.append(DataWarning(next(iter(maps)), message))
        return [replace(sequence, foreground=None) for sequence in sequences]
    masks = {path: people_mask(path, cache) for path in maps}
    return [replace(s, foreground=masks[s.foreground]) if s.foreground else s for s in sequences]


def people_mask(maps: Path, cache: Path) -> Path:
    """Return a grey video that is 255 where a map of people's ids is not 0; one that exists is not made again.

    Args:
        maps: Video or folder of the maps.
        cache: Folder for what is computed once.

    Raises:
        VideoError: A map cannot be read, or the video not be written.
    """
    mask = cache / "masks" / f"{maps.stem}-{identity(maps)}.mkv"
    if not mask.is_file():
        write_labels(mask, _masks(maps), Header.read(maps).fps)
    return mask


def _shows_anybody(maps: Path) -> bool:
    return any(mask.any() for mask in _masks(maps))


def _masks(maps: Path) -> Iterator[NDArray[np.uint8]]:
    for ids in tqdm(stream_ids(maps), f"people in {maps.name}", unit="map", delay=_PROGRESS_DELAY, leave=False):
        yield np.where(ids > 0, 255, 0).astype(np.uint8)
