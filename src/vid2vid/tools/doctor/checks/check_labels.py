"""Checks of label maps: maps in colours, unknown ids, and labels that never or rarely occur."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.conditions.label_maps import packed, unpacked
from vid2vid.errors import VideoError, listed
from vid2vid.tools.doctor.checked_data import CheckedDataset, CheckedSequence, FrameRun
from vid2vid.tools.doctor.finding import Finding, error, note, place

RARE = 1e-3
"""Part of the pixels below which a class is rare: F sees too little of it to learn how it looks."""

MOST_COLOURS = 64
"""Colours in one map up to which it is a drawing; a photograph or lossy compression makes many more."""

_COLOURS_SHOWN, _CODES_SHOWN, _NAMES_SHOWN = 8, 6, 12


class ColouredMap(NamedTuple):
    """A label map whose colour channels differ.

    Attributes:
        frame: Which frame of the file.
        colours: Its colours, the most frequent first, as one number each (`packed`).
    """

    frame: int
    colours: list[int]


def coloured_map(run: FrameRun) -> ColouredMap | None:
    """Find the first label map of a run that is a picture in colours.

    Raises:
        VideoError: A map cannot be read for another reason.
    """
    if not run.sequence.labelled:
        return None
    try:
        run.labels()
    except VideoError:
        frames = run.pictures("source")
        if frames is not None:
            for index, frame in zip(run.frames, frames, strict=True):
                if (frame != frame[..., :1]).any():
                    colours, counts = np.unique(packed(frame), return_counts=True)
                    return ColouredMap(index, colours[np.argsort(-counts)].tolist())
        raise
    return None


def label_maps(run: FrameRun) -> NDArray[np.uint8] | None:
    """Return maps of class ids ``(N, H, W)``; None where there are none, or `coloured_map` has found a picture."""
    if not run.sequence.labelled or run.sequence.of(coloured_map):
        return None
    return run.labels()


def coloured_maps(sequence: CheckedSequence) -> Iterator[Finding]:
    """Report label maps that are pictures in colours."""
    for frame, colours in sequence.of(coloured_map)[:1]:
        where = place(sequence.entry.source, frame)
        if len(colours) <= MOST_COLOURS:
            shown = ", ".join(str(unpacked(code)) for code in colours[:_COLOURS_SHOWN])
            yield error(
                where,
                f"is a drawing of labels in {len(colours)} colours, not a map of ids; the most frequent: {shown}.",
                "Set condition.colour_coded with these colours as condition.palette (with data=folder: data.palette), "
                "or convert the maps to ids.",
            )
        else:
            yield error(
                where,
                f"has colour channels that differ, and {len(colours)} colours: a photograph, or a map that went "
                "through lossy compression.",
                "Label maps are grey images of ids: export them again as PNG or with vid2vid.video.write_labels.",
            )


class LabelCounts(NamedTuple):
    """How often each label occurs in a run of frames, framed as a training would see it.

    Attributes:
        known: ``(classes,)``, pixels of each of the condition's labels.
        unknown: Pixels of each other id, or of each other colour as one number (`packed`).
        first: For each unknown id or colour the first frame that has it.
    """

    known: NDArray[np.int64]
    unknown: Counter[int]
    first: dict[int, int]


def label_counts(run: FrameRun) -> LabelCounts | None:
    """Count the labels in a run of frames, None where the condition is not of labels."""
    condition, crop_resize = run.sequence.dataset.condition, run.sequence.dataset.crop_resize
    codes: NDArray[np.uint8] | NDArray[np.int32] | None
    if condition.has_labels and condition.colour_coded:
        frames = run.pictures("source")
        codes = None if frames is None else packed(frames)
        classes = packed(np.array(condition.palette, np.uint8)).tolist()
    else:
        codes, classes = label_maps(run), condition.label_ids
    if codes is None:
        return None
    channels = {code: i for i, code in enumerate(classes)}
    known, unknown, first = np.zeros(len(channels), np.int64), Counter[int](), dict[int, int]()
    for index, frame in zip(run.frames[run.again :], crop_resize.ids(codes[run.again :]), strict=True):
        if frame.dtype == np.uint8:
            # much faster than sorting them
            pixels = np.bincount(frame.ravel())
            found, pixels = np.flatnonzero(pixels), pixels[pixels > 0]
        else:
            found, pixels = np.unique(frame, return_counts=True)
        for code, number in zip(found.tolist(), pixels.tolist(), strict=True):
            if code in channels:
                known[channels[code]] += number
            else:
                unknown[code] += number
                first.setdefault(code, index)
    return LabelCounts(known, unknown, first)


def unknown_labels(sequence: CheckedSequence) -> Iterator[Finding]:
    """Name the ids or colours in the maps that the condition does not have."""
    condition, counts = sequence.dataset.condition, sequence.of(label_counts)
    unknown = sum((part.unknown for part in counts), Counter[int]())
    if not unknown:
        return
    pixels = sum(int(part.known.sum()) for part in counts) + unknown.total()
    what = "colours" if condition.colour_coded else "ids"
    named = [
        f"{unpacked(code) if condition.colour_coded else code} ({100 * number / pixels:.3g} %)"
        for code, number in unknown.most_common()
    ]
    if condition.colour_coded:
        advice = "Add them to condition.palette with an id each, or correct the maps."
    else:
        advice = "Add them to condition.label_ids, map them to known ids, or correct the maps."
        known = np.flatnonzero(np.sum([part.known for part in counts], axis=0))
        present = sorted({*unknown, *(condition.label_ids[i] for i in known)})
        step = int(np.gcd.reduce(present))
        if step > 1 and len(present) <= len(condition.label_ids) and present[-1] // step <= max(condition.label_ids):
            advice = f"They look like shades of grey instead of ids: divide them by {step} to get ids."
    yield error(
        place(sequence.entry.source, min(index for part in counts for index in part.first.values())),
        f"holds label {what} that are not among the condition's {len(condition.label_ids)}: "
        f"{listed(named, _CODES_SHOWN)}.",
        advice,
    )


def label_shares(dataset: CheckedDataset, split: str) -> NDArray[np.float64]:
    """Return which part of the pixels of a split each label has, ``(classes,)``; zeros where none was measured."""
    counts = [part.known for sequence in dataset.split(split) for part in sequence.of(label_counts)]
    total = np.sum(counts, axis=0) if counts else np.zeros(len(dataset.condition.label_ids))
    return np.asarray(total / max(total.sum(), 1), np.float64)


def absent_labels(dataset: CheckedDataset) -> Iterator[Finding]:
    """Name the labels that occur nowhere, or in the validation split only."""
    train, val = label_shares(dataset, "train"), label_shares(dataset, "val")
    if not train.any():
        return
    nowhere, unlearnt = (_names(dataset.condition, (train == 0) & seen) for seen in (val == 0, val > 0))
    if nowhere:
        yield note(
            dataset.where,
            f"{listed(nowhere, _NAMES_SHOWN)} of the condition's labels did not occur in the frames that were looked "
            "at.",
            "Each label costs F and D_I a channel: if they never occur, leave them out of condition.label_ids.",
        )
    if unlearnt:
        yield note(
            dataset.where,
            f"{listed(unlearnt, _NAMES_SHOWN)} occurred in sequences of the split val only.",
            "F cannot learn how they look: let the split train have some, too.",
        )


def rare_labels(dataset: CheckedDataset) -> Iterator[Finding]:
    """Name the labels of which there is little to learn from."""
    train = label_shares(dataset, "train")
    rare = (train > 0) & (train < RARE)
    if rare.any():
        shares = zip(_names(dataset.condition, rare), train[rare], strict=True)
        yield note(
            dataset.where,
            "rare labels, with their part of the training pixels: "
            f"{', '.join(f'{name} {100 * share:.2g} %' for name, share in shares)}.",
            "F will draw them poorly. More sequences that show them help, or one label for several of them.",
        )


def _names(condition: Condition, chosen: NDArray[np.bool_]) -> list[str]:
    return [condition.class_names[i] for i in np.flatnonzero(chosen)]
