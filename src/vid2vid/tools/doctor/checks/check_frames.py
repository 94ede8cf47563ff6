"""Checks of the real frames over time: repeated frames, frames that show nothing, flashes, cuts."""

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import MissingExtraError, VideoError, listed
from vid2vid.tools.doctor.checked_data import CheckedDataset, CheckedSequence, FrameRun, ReadableSequence
from vid2vid.tools.doctor.finding import Finding, count, error, note, of_failure, place, warning
from vid2vid.video import find_cuts

SEARCHED = 20_000
"""Frames of a data set that are searched for cuts unless all of it is examined: each has to be decoded."""

TIMELINE = np.dtype([("index", int), ("brightness", float), ("plain", bool), ("change", float), ("digest", "U32")])
"""What is measured of each real frame: which frame of the file it is, its mean level 0..255, whether it shows nothing,
the mean absolute difference from the frame before (NaN where that was not measured), a hash of its pixels."""

_THUMBNAIL = 64
_PLAIN = 2.0
"""Standard deviation of the levels below which a frame shows nothing."""
_DARK, _BRIGHT = 24, 232
_STILL = 0.02
"""Mean change in levels of a frame that is the same as the one before, but for compression."""
_STILL_PART = 0.05
"""The same, as a part of the change between frames that do move."""
_MANY_STILL = 0.05
_LONG_STILL = 5
_FLASH = 25.0
_STEADY = 8.0
_CUTS_SHOWN = 5


def timeline(run: FrameRun) -> NDArray[np.void] | None:
    """Measure the real frames of a run, ``(N,)`` of `TIMELINE`."""
    frames = run.pictures("target")
    if frames is None:
        return None
    height, width = frames.shape[1:3]
    scale = min(1.0, _THUMBNAIL / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA).mean(axis=-1) for frame in frames])
    measured = np.zeros(len(frames), TIMELINE)
    measured["index"] = run.frames
    measured["brightness"] = small.mean(axis=(1, 2))
    measured["plain"] = small.std(axis=(1, 2)) < _PLAIN
    measured["change"] = [np.nan, *(cv2.norm(one, other, cv2.NORM_L1) / one.size for one, other in pairwise(frames))]
    measured["digest"] = [hashlib.blake2b(np.ascontiguousarray(f).data, digest_size=16).hexdigest() for f in frames]
    return measured


def whole_timeline(sequence: CheckedSequence) -> NDArray[np.void]:
    """Put the runs of a sequence together; frames that two of them share count once."""
    line: NDArray[np.void] = np.concatenate(sequence.of(timeline) or [np.zeros(0, TIMELINE)])
    # of a shared frame the entry that knows the frame before it
    line = line[np.lexsort((np.isnan(line["change"]), line["index"]))]
    return line[np.unique(line["index"], return_index=True)[1]]


def frozen_frames(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find frames that repeat the one before."""
    line = whole_timeline(sequence)
    known = np.isfinite(line["change"])
    if not known.any():
        return
    moving = np.quantile(line["change"][known], 0.9)
    still = known & (line["change"] <= max(_STILL, _STILL_PART * moving))
    if not still.any():
        return
    # where the runs of repeated frames begin and end
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still, [0]]).astype(int)))
    share, longest = still.sum() / known.sum(), int((edges[1::2] - edges[::2]).max())
    where = place(sequence.entry.target, int(line["index"][still.argmax()]))
    if share == 1:
        yield error(
            where,
            "is the same as the frame before, and so are all that were looked at: a still picture.",
            "Leave it out: F can learn no motion from it.",
        )
        return
    yield (warning if share >= _MANY_STILL or longest >= _LONG_STILL else note)(
        where,
        f"is the same as the frame before, as are {share:.1%} of the frames looked at, up to {longest} in a row.",
        "F learns to stand still there while its condition may move. Drop repeated frames, e.g. with ffmpeg's filter "
        "mpdecimate, and the conditions that belong to them.",
    )


def plain_frames(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find frames that are black, white or of one colour."""
    line = whole_timeline(sequence)
    plain = line[line["plain"]]
    if len(plain):
        level = plain["brightness"][0]
        colour = "black" if level < _DARK else "white" if level > _BRIGHT else "of one colour"
        yield warning(
            place(sequence.entry.target, int(plain["index"][0])),
            f"is {colour} and shows nothing, as do {len(plain)} of the {len(line)} frames that were looked at.",
            "Cut them out of the video and of its conditions: set start and frames of the sequence, or cut the files.",
        )


def flashes(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find single frames that are much brighter or darker than those before and after."""
    line = whole_timeline(sequence)
    if len(line) < 3:
        return
    before, now, after = (line["brightness"][i : len(line) - 2 + i] for i in range(3))
    together = line["index"][2:] - line["index"][:-2] == 2
    plain = line["plain"][:-2] | line["plain"][1:-1] | line["plain"][2:]
    flash = together & ~plain & (np.abs(before - after) < _STEADY) & (np.abs(now - (before + after) / 2) > _FLASH)
    if flash.any():
        first = int(flash.argmax())
        yield warning(
            place(sequence.entry.target, int(line["index"][first + 1])),
            f"flashes: it differs by {abs(now[first] - before[first]):.0f} of 255 levels from the frames before and "
            f"after; {int(flash.sum())} such frames were seen.",
            "Nothing in the condition predicts a flash: cut the frames out, or even the brightness out.",
        )


def cuts(dataset: CheckedDataset) -> Iterator[Finding]:
    """Search the real videos for cuts, one after the other, until `SEARCHED` frames were searched."""
    files: dict[Path, list[ReadableSequence]] = {}
    for sequence in dataset.readable:
        files.setdefault(sequence.entry.target, []).append(sequence)
    budget, skipped = SEARCHED, 0
    for path, sequences in files.items():
        frames = sequences[0].files["target"].frames
        if dataset.frames and frames > budget:
            skipped += 1
            continue
        budget -= frames
        try:
            found = find_cuts(path, dataset.cache)
        except MissingExtraError as failure:
            yield note(dataset.where, f"cuts inside the videos were not looked for: {failure}.")
            return
        except VideoError as failure:
            yield of_failure(failure, dataset.where, [path])
            continue
        for sequence in sequences:
            yield from _cuts_inside(sequence, found)
    if skipped:
        yield note(
            dataset.where,
            f"{skipped} of {count(len(files), 'video')} were not searched for cuts, to save time.",
            "all=true looks at every frame of every video.",
        )


def _cuts_inside(sequence: CheckedSequence, found: list[int]) -> Iterator[Finding]:
    entry = sequence.entry
    inside = [cut for cut in found if entry.start < cut < entry.start + entry.frames]
    if inside:
        yield warning(
            place(entry.target, inside[0]),
            f"begins another scene: {count(len(inside), 'cut')} inside {sequence.where}, before "
            f"{listed([str(cut) for cut in inside], _CUTS_SHOWN)}.",
            "Clips must not reach across a cut: make a sequence of each scene (start and frames in the manifest); with "
            "data=video, data.cuts=find does it.",
        )
