"""Checks of a data set before the training starts, so that it does not stop in the middle."""

from collections.abc import Callable, Iterator
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
    @cache
    def measure(path: Path, opener: Opener) -> tuple[int, tuple[int, int]]:
        reader = opener(path)
        return len(reader), (reader.height, reader.width)

    for sequence in sequences:
        if sequence.frames < clip_frames:
            raise DataError(
                f"{sequence.target}: the sequence {sequence.name!r} has {sequence.frames} frames, fewer than a clip of "
                f"{clip_frames}. Set data.clip_frames lower, or leave the sequence out."
            )
        frames, size = measure(sequence.target, open_frames)
        _check_length(sequence.target, frames, frames, sequence)
        if condition.from_keypoints:
            _check_length(sequence.source, kind_of(condition).header(sequence.source).frames or 0, frames, sequence)
        for path, opener in _pictures(sequence, condition):
            found, found_size = measure(path, opener)
            _check_length(path, found, frames, sequence)
            if found_size != size:
                raise DataError(
                    f"{path}: its frames differ in size from those of {sequence.target} ({size[0]} x {size[1]}); "
                    "condition and target must show the same picture."
                )
        sizes.setdefault(size, sequence.name)
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


def _pictures(sequence: VideoSequence, condition: Condition) -> Iterator[tuple[Path, Opener]]:
    """Yield the files of a sequence that hold pictures, beside its target, and what opens each."""
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
            f"{path}: holds {frames} frames, but the sequence {sequence.name!r} needs {needed}: condition and "
            "target must be equally long, and a file that is shorter than its manifest says was cut off."
        )
