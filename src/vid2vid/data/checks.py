"""Checks of a data set before a training starts, so that the training does not fail midway."""

import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from vid2vid.condition import Condition
from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.data.planes import PlaneFrames, plane_path
from vid2vid.errors import ConfigError, DataError
from vid2vid.video import FrameReader, open_frames, open_ids, open_labels

_WORKERS = 32
_WORKERS_OF_A_CORE = 8
Opener = Callable[[Path], FrameReader[Any]]


def check_sequences(
    sequences: list[VideoSequence], condition: Condition, crop_resize: CropResize, clip_frames: int, batch_size: int
) -> None:
    """Open every file once and compare lengths and sizes.

    Args:
        sequences: The sequences of a split.
        condition: The condition in their source files.
        crop_resize: Part and size of the frames to be used.
        clip_frames: Frames of the clips to be cut from them.
        batch_size: Clips of a batch; several need frames of one size.

    Raises:
        DataError: A sequence is too short, has no files of a plane, or its files differ in length or size; the message
            names both files.
    """
    sizes: dict[tuple[int, int], str] = {}
    openers = [(plane, partial(PlaneFrames, plane=plane)) for plane in condition.planes]

    # cached, since many sequences may lie in one folder
    @cache
    def measure(path: Path, opener: Opener) -> tuple[int, tuple[int, int]]:
        reader = opener(path)
        return len(reader), (reader.height, reader.width)

    def planes_to_open(sequence: VideoSequence) -> Iterator[tuple[Path, Opener]]:
        for plane, opener in openers:
            if path := plane_path(sequence, plane):
                yield path, opener

    for sequence in sequences:
        if sequence.frames < clip_frames:
            raise DataError(
                f"{sequence.target}: the sequence {sequence.name!r} has {sequence.frames} frames, fewer than a clip of "
                f"{clip_frames}. Set data.clip_frames lower (and data.clip_frames_max, if clips grow), or leave the "
                "sequence out."
            )
        frames, size = measure(sequence.target, open_frames)
        _check_length(sequence.target, frames, frames, sequence)
        if condition.from_keypoints:
            _check_length(sequence.source, kind_of(condition).header(sequence.source).frames or 0, frames, sequence)
        for path, opener in [*_pictures(sequence, condition), *planes_to_open(sequence)]:
            found, found_size = measure(path, opener)
            _check_length(path, found, frames, sequence)
            require_same_size(path, found_size, sequence.target, size)
        sizes.setdefault(crop_resize.size(*size), sequence.name)
    if len(sizes) > 1 and batch_size > 1:
        (size, name), (other, another), *_ = sizes.items()
        raise DataError(
            f"the sequence {name!r} has frames of {size[0]} x {size[1]}, {another!r} of {other[0]} x {other[1]}: set "
            "data.height and data.width to bring them to one size, or data.batch_size=1."
        )


def require_same_size(path: Path, size: tuple[int, int], target: Path, wanted: tuple[int, int]) -> None:
    """Refuse frames that differ in size (height, width) from the real frames.

    Raises:
        DataError: The sizes differ; the message names both files.
    """
    if size != wanted:
        raise DataError(
            f"{path}: has frames of {size[0]} x {size[1]}, but {target} of {wanted[0]} x {wanted[1]} (height x width); "
            "both must show the same picture at the same size."
        )


def machine_memory() -> float:
    """Return the memory, in bytes, of this machine, or of the container around the program; infinity if unknown."""
    limits = [float("inf")]
    if hasattr(os, "sysconf"):
        limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    container = Path("/sys/fs/cgroup/memory.max")
    text = container.read_text().strip() if container.is_file() else "max"
    return min(*limits, float("inf" if text == "max" else text))


def check_memory(crop_resize: CropResize, frames: int) -> None:
    """Refuse frames so large that a batch of them does not fit into memory.

    Args:
        crop_resize: The size of the frames, if it is set.
        frames: Frames of a batch.

    Raises:
        ConfigError: The frames alone take more than the memory of this machine.
    """
    # each colour in 8 bits and as float32
    needed = crop_resize.height * crop_resize.width * frames * 3 * 5
    if needed > machine_memory():
        raise ConfigError(
            f"a batch of {frames} frames of {crop_resize.height} x {crop_resize.width} needs {needed / 2**30:.0f} GiB "
            f"or more, but this machine has {machine_memory() / 2**30:.0f}: lower data.height and data.width, "
            "data.batch_size or data.clip_frames."
        )


def check_workers(workers: int) -> None:
    """Refuse more loader processes than this machine can use: each takes hundreds of megabytes and opens its own files.

    Raises:
        ConfigError: There are more than 32, and more than 8 for each core.
    """
    cores = os.cpu_count() or 1
    most = max(_WORKERS, _WORKERS_OF_A_CORE * cores)
    if workers > most:
        raise ConfigError(
            f"data.num_workers={workers}: set it to {most} or less on this machine (cores: {cores}); more loader "
            "processes than cores seldom help."
        )


def require_instances(sequences: list[VideoSequence]) -> None:
    """Require instance maps, from which the edges and the motion of objects are computed.

    Raises:
        DataError: A sequence has no instance maps.
    """
    for sequence in sequences:
        if sequence.instance is None:
            raise DataError(
                f"{sequence.target}: the sequence {sequence.name!r} has no instance map, from which edges and "
                "motion of objects are computed: add it to the manifest, name in data.tracks the labels whose objects "
                "are to be tracked in the label maps, or set data.instance_edges and data.object_motion to false."
            )


def _pictures(sequence: VideoSequence, condition: Condition) -> Iterator[tuple[Path, Opener]]:
    """Yield the files of pictures in a sequence, other than its target, each with the function that opens it."""
    if sequence.instance is not None:
        yield sequence.instance, open_ids
    for path in (sequence.background, sequence.densepose, sequence.foreground):
        if path is not None:
            yield path, open_frames
    if not condition.from_keypoints and sequence.source != sequence.target:
        yield sequence.source, open_labels if condition.holds_ids else open_frames


def _check_length(path: Path, frames: int, target_frames: int, sequence: VideoSequence) -> None:
    needed = sequence.start + sequence.frames
    if frames < needed or frames not in (needed, target_frames):
        raise DataError(
            f"{path}: holds {frames} frames, but the sequence {sequence.name!r} needs {needed}. Condition and target "
            "must be equally long: export the file again, in case it was cut off, or correct the manifest."
        )
