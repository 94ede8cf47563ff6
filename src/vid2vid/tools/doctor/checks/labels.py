"""Label maps: ids that the condition does not know, and those that it knows in vain."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.tools.doctor.checks.maps import label_maps, packed, unpacked
from vid2vid.tools.doctor.finding import Finding, error, note, place
from vid2vid.tools.doctor.study import Case, Stretch, Study

RARE = 1e-3
"""Part of the pixels below which a class is rare: F sees too little of it to learn how it looks."""

_SHOWN = 6
_NAMED = 12


@dataclass(frozen=True)
class Census:
    """How often which label occurs in a stretch, framed as a training would see it.

    Attributes:
        counts: ``(classes,)``, pixels of each of the condition's labels.
        strangers: Pixels of what is none of them: ids, or colours packed into one number
            (`vid2vid.tools.doctor.checks.maps.packed`).
        first: For each stranger the first frame that has it.
    """

    counts: NDArray[np.int64]
    strangers: Counter[int]
    first: dict[int, int]


def census(stretch: Stretch) -> Census | None:
    """Count the labels of a stretch, None where its condition is none of labels."""
    codes = _codes(stretch)
    if codes is None:
        return None
    known = _known(stretch.case.study.condition)
    counts, strangers, first = np.zeros(len(known), np.int64), Counter[int](), dict[int, int]()
    for index, frame in zip(stretch.frames[stretch.again :], codes[stretch.again :], strict=True):
        found, pixels = _counted(frame)
        for code, count in zip(found.tolist(), pixels.tolist(), strict=True):
            if code in known:
                counts[known[code]] += count
            else:
                strangers[code] += count
                first.setdefault(code, index)
    return Census(counts, strangers, first)


def _codes(stretch: Stretch) -> NDArray[np.uint8] | NDArray[np.int32] | None:
    """Return ids, or colours as one number each, as a training would see them, ``(N, H, W)``."""
    condition, crop_resize = stretch.case.study.condition, stretch.case.study.crop_resize
    if condition.has_labels and condition.colour_coded:
        frames = stretch.pictures("source")
        return None if frames is None else crop_resize.ids(packed(frames))
    maps = label_maps(stretch)
    return None if maps is None else crop_resize.ids(maps)


def unknown_labels(case: Case) -> Iterator[Finding]:
    """Name the ids or colours in the maps that are none of the condition's."""
    found = case.of(census)
    strangers = sum((part.strangers for part in found), Counter[int]())
    if not strangers:
        return
    condition = case.study.condition
    pixels = sum(int(part.counts.sum()) for part in found) + strangers.total()
    first = min(part.first[code] for part in found for code in part.first)
    what = "colours" if condition.colour_coded else "ids"
    most = strangers.most_common(_SHOWN)
    named = [f"{_name(code, condition)} ({100 * count / pixels:.3g} %)" for code, count in most]
    more = f" and {len(strangers) - _SHOWN} more" if len(strangers) > _SHOWN else ""
    yield error(
        place(case.sequence.source, first),
        f"holds label {what} that are none of the condition's {len(condition.label_ids)}: {', '.join(named)}{more}.",
        _advice(condition, strangers, [int(i) for part in found for i in np.flatnonzero(part.counts)]),
    )


def _advice(condition: Condition, strangers: Counter[int], known: list[int]) -> str:
    if condition.colour_coded:
        return "Add them to condition.palette with an id each, or correct the maps."
    present = sorted({*strangers, *(condition.label_ids[i] for i in known)})
    step = int(np.gcd.reduce(present))
    if step > 1 and len(present) <= len(condition.label_ids) and present[-1] // step <= max(condition.label_ids):
        return f"They look like shades of grey in place of ids: divided by {step} they would be ids. Convert the maps."
    return "Add them to condition.label_ids, map them to an id that is there, or correct the maps."


def shares(study: Study, split: str) -> NDArray[np.float64]:
    """Return which part of the pixels of a split each label has, ``(classes,)``; zeros where none was looked at."""
    counts = [part.counts for case in study.split(split) for part in case.of(census)]
    total = np.sum(counts, axis=0) if counts else np.zeros(len(study.condition.label_ids))
    return np.asarray(total / max(total.sum(), 1), np.float64)


def absent_labels(study: Study) -> Iterator[Finding]:
    """Name the labels that were seen nowhere, or only where it does not help."""
    train, val = shares(study, "train"), shares(study, "val")
    if not train.any():
        return
    nowhere = _names(study.condition, (train == 0) & (val == 0))
    if nowhere:
        yield note(
            study.where,
            f"{_listed(nowhere)} of the condition's labels did not occur in the frames that were looked at.",
            "Each label costs F and D_I a channel: if they never occur, leave them out of condition.label_ids.",
        )
    unlearnt = _names(study.condition, (train == 0) & (val > 0))
    if unlearnt:
        yield note(
            study.where,
            f"{_listed(unlearnt)} occurred in sequences of the split val only.",
            "F cannot learn how they look: let the split train have some, too.",
        )


def rare_labels(study: Study) -> Iterator[Finding]:
    """Name the labels of which there is little to learn from."""
    train = shares(study, "train")
    rare = np.flatnonzero((train > 0) & (train < RARE))
    if len(rare):
        names = _names(study.condition, np.isin(np.arange(len(train)), rare))
        listed = ", ".join(f"{name} {100 * train[i]:.2g} %" for name, i in zip(names, rare, strict=True))
        yield note(
            study.where,
            f"rare labels, with their part of the training pixels: {listed}.",
            "F will draw them poorly. More sequences that show them help, or one label for several of them.",
        )


def _known(condition: Condition) -> dict[int, int]:
    if condition.colour_coded:
        return {int(code): i for i, code in enumerate(packed(np.array(condition.palette, np.uint8)))}
    return {label: i for i, label in enumerate(condition.label_ids)}


def _counted(codes: NDArray[np.uint8] | NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the codes of a map and their numbers of pixels; of bytes without sorting, which is slow."""
    if codes.dtype == np.uint8:
        pixels = np.bincount(codes.ravel(), minlength=256)
        return np.flatnonzero(pixels), pixels[pixels > 0]
    found, numbers = np.unique(codes, return_counts=True)
    return found.astype(np.int64), numbers.astype(np.int64)


def _name(code: int, condition: Condition) -> str:
    return str(unpacked(code) if condition.colour_coded else code)


def _names(condition: Condition, chosen: NDArray[np.bool_]) -> list[str]:
    names = condition.label_names or [str(label) for label in condition.label_ids]
    return [names[i] for i in np.flatnonzero(chosen)]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
