"""Masks and maps in which nothing is to be seen, and those that are needed and missing."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vid2vid.tools.doctor.checks.labels import shares
from vid2vid.tools.doctor.finding import Finding, error, note, place, warning
from vid2vid.tools.doctor.study import Case, Stretch, Study


class Extent(NamedTuple):
    """The smallest and the largest value of a map in each frame of a stretch."""

    lows: list[int]
    highs: list[int]


def foreground_extent(stretch: Stretch) -> Extent | None:
    """Measure the range of the foreground masks, of which one colour channel counts."""
    frames = stretch.pictures("foreground")
    return None if frames is None else _extent(frames[stretch.again :, ..., 0])


def instance_extent(stretch: Stretch) -> Extent | None:
    """Measure the range of the object ids."""
    maps = stretch.ids()
    return None if maps is None else _extent(maps[stretch.again :])


def densepose_extent(stretch: Stretch) -> Extent | None:
    """Measure the range of the DensePose maps, part, u and v together."""
    frames = stretch.pictures("densepose")
    return None if frames is None else _extent(frames[stretch.again :])


def _extent(maps: NDArray[np.uint8] | NDArray[np.int32]) -> Extent:
    flat = maps.reshape(len(maps), -1)
    return Extent(flat.min(axis=1).tolist(), flat.max(axis=1).tolist())


class _Use(NamedTuple):
    """How a map is measured, and what becomes of a training if it shows nothing."""

    extent: Callable[[Stretch], Extent | None]
    loss: str


_USES = {
    "foreground": _Use(
        foreground_extent, "F's foreground prior (generator.foreground) would have nothing to tell apart"
    ),
    "instance": _Use(instance_extent, "F would be shown no borders between objects (data.instance_edges)"),
    "densepose": _Use(densepose_extent, "the channels of the DensePose map would tell F nothing (condition.densepose)"),
}


def empty_masks(case: Case) -> Iterator[Finding]:
    """Find masks and maps that are of one value all over."""
    for role, use in _USES.items():
        parts = case.of(use.extent)
        lows, highs = (np.array([value for part in parts for value in side(part)], int) for side in (_lows, _highs))
        flat = lows == highs
        if not flat.any():
            continue
        where, values = place(getattr(case.sequence, role)), ", ".join(map(str, np.unique(lows[flat])[:3]))
        if flat.all():
            yield (error if needed(case, role) else warning)(
                where,
                f"the {role} maps are {values} everywhere in all frames that were looked at: {use.loss}.",
                f"Make the maps again, or leave {role} out of the data set.",
            )
        else:
            yield note(where, f"the {role} maps are {values} everywhere in {flat.mean():.0%} of the frames looked at.")


def missing_maps(case: Case) -> Iterator[Finding]:
    """Find maps that the settings need and a sequence does not bring."""
    for role, use in _USES.items():
        if needed(case, role) and getattr(case.sequence, role) is None:
            yield error(
                place(case.sequence.target),
                f"{case.where} has no {role} maps, but the settings need them: without them {use.loss}.",
                "Add the maps to the data set, or change the setting.",
            )


def foreground_labels(study: Study) -> Iterator[Finding]:
    """Find out whether the labels that are to be the foreground are there.

    Raises:
        ConfigError: One is none of the condition's.
    """
    if study.generator.foreground == "none" or not study.generator.foreground_labels:
        return
    channels = study.condition.label_channels(study.generator.foreground_labels, "generator.foreground_labels")
    train = shares(study, "train")
    if train.any() and not train[channels].any():
        yield warning(
            study.where,
            f"none of generator.foreground_labels={list(study.generator.foreground_labels)} occurred in the training "
            "frames that were looked at.",
            "Choose labels of what moves by itself and is there, such as cars and people.",
        )


def needed(case: Case, role: str) -> bool:
    """Tell whether a training with these settings uses a map."""
    study = case.study
    if role == "foreground":
        return study.generator.foreground != "none" and not study.generator.foreground_labels
    return study.condition.instance_edges if role == "instance" else study.condition.densepose


def _lows(extent: Extent) -> list[int]:
    return extent.lows


def _highs(extent: Extent) -> list[int]:
    return extent.highs
