"""Division of sequences into training and validation sequences."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.manifest import VideoSequence

SETS = ("train", "val", "test")
"""Names of the sets of a divided data set."""
LEAST_HELD_OUT = 3
"""Least number of held-out frames: F's two past frames, and one to synthesise."""


def splits_of(sets: Iterable[str], is_present: Callable[[str], bool]) -> dict[str, str]:
    """Return the split of each set of a data set; that of a single set is empty, since it still has to be divided.

    Args:
        sets: Possible names of the sets: ``train``, ``val``, ``test``, or an empty one.
        is_present: Whether a set exists. If both ``val`` and ``test`` exist, ``test`` is not used.
    """
    present = [name for name in sets if is_present(name)]
    named = [name for name in present if name] or present
    if "val" in named and "test" in named:
        named.remove("test")
    if len(named) == 1:
        return {named[0]: ""}
    return {name: "train" if name == "train" else "val" for name in named}


def hold_out(sequences: list[VideoSequence], part: float, warnings: list[DataWarning]) -> list[VideoSequence]:
    """Divide the sequences that the data set has not divided; others are returned unchanged.

    Of several sequences, the last ones are held out, at least one. Of a single sequence, the last frames are held out,
    at least `LEAST_HELD_OUT`.

    Args:
        sequences: All sequences of a data set, in order.
        part: Part to hold out, 0 to 1.
        warnings: The list to which a warning is appended if a single sequence is too short to be divided.
    """
    undivided = sum(not sequence.split for sequence in sequences)
    if len(sequences) > 1 or not undivided:
        held = min(max(1, round(undivided * part)), undivided - 1)
        return [
            sequence if sequence.split else replace(sequence, split="val" if i >= undivided - held else "train")
            for i, sequence in enumerate(sequences)
        ]
    (sequence,) = sequences
    held = max(LEAST_HELD_OUT, round(sequence.frames * part))
    cut = sequence.frames - held
    train = replace(sequence, name=f"{sequence.name}-train", split="train")
    val = replace(sequence, name=f"{sequence.name}-val", split="val")
    if cut >= LEAST_HELD_OUT:
        return [replace(train, frames=cut), replace(val, frames=held, start=sequence.start + cut)]
    message = (
        f"{sequence.frames} frames are too few to hold any out; the validation uses the training frames, and says "
        "nothing about new ones"
    )
    warnings.append(DataWarning(sequence.target, message))
    return [train, val]
