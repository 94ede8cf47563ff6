"""Which sequences are trained on, and which are held out."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.manifest import VideoSequence

LEAST = 3
"""Frames that are worth to be held out: F's two past ones, and one that it makes."""


def splits_of(sets: Iterable[str], is_there: Callable[[str], bool]) -> dict[str, str]:
    """Return which split each set of a data set is; an empty one where there is but one set, which is to be divided.

    Args:
        sets: Names that they can have: ``train``, ``val``, ``test``, or an empty one.
        is_there: Tells which of them there are. Where there are both, ``val`` is validated on and ``test`` left alone.
    """
    there = [name for name in sets if is_there(name)]
    named = [name for name in there if name] or there
    if "val" in named and "test" in named:
        named.remove("test")
    if len(named) == 1:
        return {named[0]: ""}
    return {name: "train" if name == "train" else "val" for name in named}


def hold_out(sequences: list[VideoSequence], part: float, warnings: list[DataWarning]) -> list[VideoSequence]:
    """Divide sequences that the data set has not divided; others are returned as they are.

    Of several the last ones are held out, at least one; of a single one its last frames, at least `LEAST`.

    Args:
        sequences: All of a data set, in order.
        part: How much of them is held out, 0 to 1.
        warnings: Where a warning goes if a single sequence is too short to hold out a part of it.
    """
    if len(sequences) == 1 and not sequences[0].split:
        return _cut(sequences[0], part, warnings)
    undivided = sum(not sequence.split for sequence in sequences)
    held = min(max(1, round(undivided * part)), undivided - 1)
    return [
        sequence if sequence.split else replace(sequence, split="val" if i >= undivided - held else "train")
        for i, sequence in enumerate(sequences)
    ]


def _cut(sequence: VideoSequence, part: float, warnings: list[DataWarning]) -> list[VideoSequence]:
    held = max(LEAST, round(sequence.frames * part))
    cut = sequence.frames - held
    train = replace(sequence, name=f"{sequence.name}-train", split="train")
    val = replace(sequence, name=f"{sequence.name}-val", split="val")
    if cut >= LEAST:
        return [replace(train, frames=cut), replace(val, frames=held, start=sequence.start + cut)]
    message = (
        f"{sequence.frames} frames are too few to hold any out; the validation repeats what is trained on, and tells "
        "nothing about new frames"
    )
    warnings.append(DataWarning(sequence.target, message))
    return [train, val]
