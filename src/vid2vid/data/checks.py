"""Looking at a data set before the training starts, so that it does not stop in the middle."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from vid2vid.condition import Condition
from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import DataError
from vid2vid.video import FrameReader, open_frames, open_ids, open_labels

Opener = Callable[[Path], FrameReader[Any]]
Measure = Callable[[Path, Opener], tuple[int, tuple[int, int]]]


def check_sequences(
    sequences: list[VideoSequence], condition: Condition, crop_resize: CropResize, clip_frames: int, batch_size: int
) -> None:
    """Open every file once and compare lengths and sizes.

    Args:
        sequences: The sequences of a split.
        condition: What their source files hold.
        crop_resize: Part and size of the frames that will be used.
        clip_frames: Frames of the clips that will be cut from them.
        batch_size: Clips of a batch; more than one need frames of one size.

    Raises:
        DataError: A sequence is too short, or its files differ in length or size; the message names both files.
    """
    sizes: dict[tuple[int, int], str] = {}
    # many sequences may lie in one folder
    measure = cache(_measured)
    for sequence in sequences:
        if sequence.frames < clip_frames:
            raise DataError(
                f"{sequence.target}: the sequence {sequence.name!r} has {sequence.frames} frames, fewer than a clip of "
                f"{clip_frames}. Set data.clip_frames lower, or leave the sequence out."
            )
        sizes.setdefault(_check_files(sequence, condition, measure), sequence.name)
    if len(sizes) > 1 and not crop_resize.height and batch_size > 1:
        (size, name), (other, another), *_ = sizes.items()
        raise DataError(
            f"the sequence {name!r} has frames of {size[0]} x {size[1]}, {another!r} of {other[0]} x {other[1]}: set "
            "data.height and data.width to bring them to one size, or data.batch_size=1."
        )


def require_instances(sequences: list[VideoSequence]) -> None:
    """Make sure that there are instance maps to make instance edges of.

    Raises:
        DataError: A sequence has none.
    """
    for sequence in sequences:
        if sequence.instance is None:
            raise DataError(
                f"{sequence.target}: the sequence {sequence.name!r} has no instance map, which instance edges are made "
                "of: add it to the manifest, or set data.instance_edges=false."
            )


def _check_files(sequence: VideoSequence, condition: Condition, measure: Measure) -> tuple[int, int]:
    frames, size = measure(sequence.target, open_frames)
    _check_length(sequence.target, frames, frames, sequence)
    pictures: list[tuple[Path | None, Opener]] = [
        (sequence.instance, open_ids),
        (sequence.background, open_frames),
        (sequence.densepose, open_frames),
        (sequence.foreground, open_frames),
    ]
    if condition.from_keypoints:
        _check_length(sequence.source, kind_of(condition).header(sequence.source).frames or 0, frames, sequence)
    elif sequence.source != sequence.target:
        pictures.append((sequence.source, open_labels if condition.holds_ids else open_frames))
    for path, opener in pictures:
        if path is not None:
            found, found_size = measure(path, opener)
            _check_length(path, found, frames, sequence)
            _check_size(path, found_size, size, sequence)
    return size


def _measured(path: Path, opener: Opener) -> tuple[int, tuple[int, int]]:
    """Return the number of frames of a file and their height and width."""
    reader = opener(path)
    return len(reader), (reader.height, reader.width)


def _check_size(path: Path, size: tuple[int, int], wanted: tuple[int, int], sequence: VideoSequence) -> None:
    if size != wanted:
        raise DataError(
            f"{path}: its frames differ in size from those of {sequence.target} ({wanted[0]} x {wanted[1]}); "
            "condition and target must show the same picture."
        )


def _check_length(path: Path, frames: int, target_frames: int, sequence: VideoSequence) -> None:
    needed = sequence.start + sequence.frames
    if frames < needed or frames not in (needed, target_frames):
        raise DataError(
            f"{path}: holds {frames} frames, but the sequence {sequence.name!r} needs {needed}: condition and "
            "target must be equally long, and a file that is shorter than its manifest says was cut off."
        )
