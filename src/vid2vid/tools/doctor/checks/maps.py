"""Label maps as they are stored: ids, or drawings in colours that somebody took for maps of ids."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.tools.doctor.finding import Finding, error, place
from vid2vid.tools.doctor.study import Case, Stretch

MOST_COLOURS = 64
"""Colours in one map up to which it is a drawing; a photograph or lossy compression makes many more."""

_SHOWN = 8


@dataclass(frozen=True)
class Coloured:
    """A map whose colour channels differ.

    Attributes:
        frame: Which frame of the file.
        colours: Its colours, the most frequent first, as one number each (`packed`).
    """

    frame: int
    colours: list[int]


def coloured(stretch: Stretch) -> Coloured | None:
    """Find the first label map of a stretch that is a picture in colours.

    Raises:
        VideoError: A map cannot be read for another reason.
    """
    if not stretch.case.labelled:
        return None
    try:
        stretch.labels()
    except VideoError:
        frames = stretch.pictures("source")
        differ = np.zeros(0, bool) if frames is None else (frames != frames[..., :1]).any(axis=(1, 2, 3))
        if frames is None or not differ.any():
            raise
        bad = int(differ.argmax())
        return Coloured(stretch.frames[bad], _colours(frames[bad]))
    return None


def label_maps(stretch: Stretch) -> NDArray[np.uint8] | None:
    """Return the maps of class ids of a stretch ``(N, H, W)``; None where there are none, or `coloured` finds some."""
    if not stretch.case.labelled or stretch.case.of(coloured):
        return None
    return stretch.labels()


def packed(frames: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return RGB colours ``(..., 3)`` as one number each."""
    return np.asarray(frames.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32), np.int32)


def unpacked(code: int) -> list[int]:
    """Return the RGB colour that `packed` made a number of."""
    return list(code.to_bytes(3, "big"))


def coloured_maps(case: Case) -> Iterator[Finding]:
    """Say what is wrong with label maps that are pictures in colours."""
    found = next(iter(case.of(coloured)), None)
    if found is None:
        return
    where = place(case.sequence.source, found.frame)
    if len(found.colours) <= MOST_COLOURS:
        shown = ", ".join(str(unpacked(code)) for code in found.colours[:_SHOWN])
        yield error(
            where,
            f"is a drawing of labels in {len(found.colours)} colours, not a map of ids; the most frequent: {shown}.",
            "Set condition.colour_coded with these colours as condition.palette (with data=folder: data.palette), or "
            "convert the maps to ids.",
        )
    else:
        yield error(
            where,
            f"has colour channels that differ, and {len(found.colours)} colours: a photograph, or a map that went "
            "through lossy compression.",
            "Label maps are grey images of ids: export them again as PNG or with vid2vid.video.write_labels.",
        )


def _colours(frame: NDArray[np.uint8]) -> list[int]:
    found, counts = np.unique(packed(frame), return_counts=True)
    return [int(code) for code in found[np.argsort(-counts)]]
