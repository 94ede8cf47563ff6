"""The values of one frame of a plane, from an array file, an OpenEXR file or an image."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Plane
from vid2vid.errors import DataError
from vid2vid.video import as_ids, list_images
from vid2vid.video.exr_images import EXR_ENDING, read_exr
from vid2vid.video.images import MAX_PIXELS, natural_order, read_numbers
from vid2vid.video.npz_files import read_npz
from vid2vid.video.writing import MAX_ID

ARRAYS = ".npz"
_LETTERS = {1: ("z", "v", "y", "r"), 2: ("xy", "uv", "rg"), 3: ("xyz", "rgb")}
"""Usual names of a plane's channels in an EXR file, without the name of their layer, by number of channels."""


class Numbers(NamedTuple):
    """The stored values of a frame.

    Attributes:
        values: ``(H, W)`` or ``(H, W, C)``.
        largest: The largest integer that the file can store; 0 if it is not known, or the values are floats.
    """

    values: NDArray[Any]
    largest: int


def listed(folder: Path) -> list[Path]:
    """Return the files of a folder, one for each frame, in natural order: arrays, EXR files or images."""
    for ending in (ARRAYS, EXR_ENDING) if folder.is_dir() else ():
        if found := sorted(folder.glob(f"*{ending}"), key=natural_order):
            return found
    return list_images(folder)


def read_file(path: Path, plane: Plane) -> Numbers:
    """Read the values of a frame, in all channels of the file or those that the plane names.

    Raises:
        DataError: The file is missing, damaged or too large, or lacks a channel.
        MissingExtraError: OpenEXR is not installed.
    """
    ending = path.suffix.lower()
    if ending == EXR_ENDING:
        channels = read_exr(path)
        return Numbers(np.stack([channels[name] for name in fitting_channels(list(channels), plane, path)], -1), 0)
    values = _array(path) if ending == ARRAYS else read_numbers(path)
    largest = int(np.iinfo(values.dtype).max) if values.dtype in (np.uint8, np.uint16) else 0
    if plane.channel:
        return Numbers(chosen_channels(values, plane, path), largest)
    if plane.channels == 1 and values.ndim == 3 and values.shape[2] == 3 and values.dtype == np.uint8:
        return Numbers(as_ids(values[None])[0], MAX_ID)
    return Numbers(values, largest)


def chosen_channels(values: NDArray[Any], plane: Plane, path: Path) -> NDArray[Any]:
    """Return the channels ``(H, W, C)`` that a plane names from a picture or array ``(H, W)`` or ``(H, W, C)``.

    Raises:
        DataError: A channel is missing.
    """
    values = values[..., None] if values.ndim == 2 else values
    count = values.shape[-1]
    known = {letter: place for place, letter in enumerate("RGB"[:count])}
    known |= {str(place): place for place in range(count)}
    return values[..., [known[name] for name in _named(known, plane, path)]]


def fitting_channels(names: Sequence[str], plane: Plane, path: Path) -> list[str]:
    """Return the names of the channels of an EXR file that contain a plane.

    These are, in this order: the channels that `Plane.channel` names; those of the layer with the plane's name, such as
    ``depth.Z``, ``View.depth.Z`` or ``normals.X``, ``.Y`` and ``.Z``; those without a layer, ``Z`` or ``R``, ``G`` and
    ``B``; the only channel of the file.

    Raises:
        DataError: No channels qualify, or several sets of them do.
    """
    if plane.channel:
        return _named(dict.fromkeys(names), plane, path)
    own = plane.name.lower()
    layers: dict[str, dict[str, str]] = {}
    for name in names:
        layer, _, letter = name.lower().rpartition(".")
        layers.setdefault(layer, {})[letter] = name
    named = [letters for layer, letters in layers.items() if layer == own or layer.endswith(f".{own}")]
    known = [*([[own]] if plane.channels == 1 else []), *_LETTERS.get(plane.channels, ())]
    for group in (named, [layers.get("", {})]):
        for wanted in known:
            fitting = [letters for letters in group if set(wanted) <= set(letters)]
            if len(fitting) == 1:
                return [fitting[0][letter] for letter in wanted]
    if len(names) == plane.channels == 1:
        return list(names)
    raise DataError(
        f"{path}: it is not clear which of its channels {', '.join(names)} hold the plane {plane.name!r}; name them: "
        f"data.planes=[{{name:{plane.name},channel:[{', '.join(list(names)[: plane.channels])}]}}]."
    )


def _named(known: Mapping[str, object], plane: Plane, path: Path) -> list[str]:
    """Return the names of the plane's channels, all of which must be known.

    Raises:
        DataError: A channel is missing.
    """
    for name in plane.channel:
        if name not in known:
            raise DataError(
                f"{path}: has no channel {name!r}, which data.planes names for {plane.name!r}; it has "
                f"{', '.join(known)}."
            )
    return list(plane.channel)


def _array(path: Path) -> NDArray[Any]:
    """Read the only array of an ``.npz`` file.

    Raises:
        DataError: The file is missing, damaged or too large, or does not contain exactly one array.
    """
    arrays = read_npz(path, "an array of one frame", 16 * MAX_PIXELS)
    if len(arrays) != 1:
        raise DataError(f"{path}: must hold one array, but holds {', '.join(arrays) or 'none'}.")
    return next(iter(arrays.values()))
