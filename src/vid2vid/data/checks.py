"""Looking at a data set before the training starts, so that it does not stop in the middle."""

from pathlib import Path

from vid2vid.condition import Condition
from vid2vid.data.conditions import source_header
from vid2vid.data.framing import Framing
from vid2vid.data.manifest import Sequence
from vid2vid.data.video import open_frames
from vid2vid.errors import DataError


def check_sequences(
    sequences: list[Sequence], condition: Condition, framing: Framing, clip_frames: int, batch_size: int
) -> None:
    """Open every file once and compare lengths and sizes.

    Args:
        sequences: The sequences of a split.
        condition: What their source files hold.
        framing: Part and size of the frames that will be used.
        clip_frames: Frames of the clips that will be cut from them.
        batch_size: Clips of a batch; more than one need frames of one size.

    Raises:
        DataError: A sequence is too short, or its files differ in length or size; the message names both files.
    """
    sizes: dict[tuple[int, int], str] = {}
    for sequence in sequences:
        if sequence.frames < clip_frames:
            raise DataError(
                f"{sequence.target}: the sequence {sequence.name!r} has {sequence.frames} frames, fewer than a clip of "
                f"{clip_frames}. Set data.clip_frames lower, or leave the sequence out."
            )
        sizes.setdefault(_check_files(sequence, condition), sequence.name)
    if len(sizes) > 1 and not framing.height and batch_size > 1:
        (size, name), (other, another), *_ = sizes.items()
        raise DataError(
            f"the sequence {name!r} has frames of {size[0]} x {size[1]}, {another!r} of {other[0]} x {other[1]}: set "
            "data.height and data.width to bring them to one size, or data.batch_size=1."
        )


def require_instances(sequences: list[Sequence]) -> None:
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


def _check_files(sequence: Sequence, condition: Condition) -> tuple[int, int]:
    target = open_frames(sequence.target)
    size, frames = (target.height, target.width), len(target)
    _check_length(sequence.target, frames, frames, sequence)
    pictures = [sequence.instance, sequence.densepose, sequence.foreground]
    if condition.from_keypoints:
        _check_length(sequence.source, source_header(condition, sequence.source).frames or 0, frames, sequence)
    else:
        pictures.append(sequence.source)
    for path in pictures:
        if path is not None and path != sequence.target:
            _check_picture(path, size, frames, sequence)
    return size


def _check_picture(path: Path, size: tuple[int, int], frames: int, sequence: Sequence) -> None:
    reader = open_frames(path)
    _check_length(path, len(reader), frames, sequence)
    if (reader.height, reader.width) != size:
        raise DataError(
            f"{path}: its frames differ in size from those of {sequence.target} ({size[0]} x {size[1]}); "
            "condition and target must show the same picture."
        )


def _check_length(path: Path, frames: int, target_frames: int, sequence: Sequence) -> None:
    needed = sequence.start + sequence.frames
    if frames < needed or frames not in (needed, target_frames):
        raise DataError(
            f"{path}: holds {frames} frames, but the sequence {sequence.name!r} needs {needed}: condition and "
            "target must be equally long, and a file that is shorter than its manifest says was cut off."
        )
