"""The real frames over time: standing still, without a picture, flashing."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.tools.doctor.finding import Finding, error, note, place, warning
from vid2vid.tools.doctor.study import Case, Stretch

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


@dataclass(frozen=True)
class Timeline:
    """What is measured of each real frame.

    Attributes:
        index: ``(T,)``, which frames of the file.
        brightness: ``(T,)``, mean level 0..255.
        contrast: ``(T,)``, standard deviation of the levels of a small picture of it.
        change: ``(T,)``, mean absolute difference from the frame before; NaN where that was not looked at.
        digest: A fingerprint of each frame.
    """

    index: NDArray[np.int64]
    brightness: NDArray[np.float64]
    contrast: NDArray[np.float64]
    change: NDArray[np.float64]
    digest: list[bytes]

    @property
    def plain(self) -> NDArray[np.bool_]:
        """Which frames show nothing."""
        return np.asarray(self.contrast < _PLAIN, np.bool_)


def timeline(stretch: Stretch) -> Timeline | None:
    """Measure the real frames of a stretch."""
    frames = stretch.pictures("target")
    if frames is None:
        return None
    height, width = frames.shape[1:3]
    scale = min(1.0, _THUMBNAIL / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA).mean(axis=-1) for frame in frames])
    change = [np.nan, *(cv2.norm(one, other, cv2.NORM_L1) / one.size for one, other in pairwise(frames))]
    digest = [hashlib.blake2b(np.ascontiguousarray(frame).data, digest_size=16).digest() for frame in frames]
    return Timeline(
        np.array(stretch.frames), small.mean(axis=(1, 2)), small.std(axis=(1, 2)), np.array(change, np.float64), digest
    )


def whole_timeline(case: Case) -> Timeline | None:
    """Put the stretches of a sequence together; frames that two of them share count once."""
    parts = case.of(timeline)
    if not parts:
        return None
    index = np.concatenate([part.index for part in parts])
    change = np.concatenate([part.change for part in parts])
    # of a shared frame the entry that knows the frame before it
    order = np.lexsort((np.isnan(change), index))
    chosen = order[np.unique(index[order], return_index=True)[1]]
    digest = [digest for part in parts for digest in part.digest]
    return Timeline(
        index[chosen],
        np.concatenate([part.brightness for part in parts])[chosen],
        np.concatenate([part.contrast for part in parts])[chosen],
        change[chosen],
        [digest[i] for i in chosen],
    )


def frozen_frames(case: Case) -> Iterator[Finding]:
    """Find frames that repeat the one before."""
    line = whole_timeline(case)
    if line is None or not np.isfinite(line.change).any():
        return
    known = np.isfinite(line.change)
    moving = np.quantile(line.change[known], 0.9)
    still = known & (line.change <= max(_STILL, _STILL_PART * moving))
    if not still.any():
        return
    share, longest = still.sum() / known.sum(), _longest(still)
    where = place(case.sequence.target, int(line.index[still.argmax()]))
    if share == 1:
        yield error(where, "is the same as the frame before, and so are all that were looked at: a still picture.")
        return
    yield (warning if share >= _MANY_STILL or longest >= _LONG_STILL else note)(
        where,
        f"is the same as the frame before, as are {share:.1%} of the frames looked at, up to {longest} on end.",
        "F learns to stand still there while its condition may move. Drop repeated frames, e.g. with ffmpeg's filter "
        "mpdecimate, and the conditions that belong to them.",
    )


def plain_frames(case: Case) -> Iterator[Finding]:
    """Find frames that are black, white or of one colour."""
    line = whole_timeline(case)
    if line is None or not line.plain.any():
        return
    first, count = int(line.plain.argmax()), int(line.plain.sum())
    level = line.brightness[first]
    colour = "black" if level < _DARK else "white" if level > _BRIGHT else "of one colour"
    yield warning(
        place(case.sequence.target, int(line.index[first])),
        f"is {colour}, and shows nothing; {count} of the {len(line.index)} frames that were looked at are such.",
        "Cut them out, from the conditions, too: set start and frames of the sequence, or cut the files.",
    )


def flashes(case: Case) -> Iterator[Finding]:
    """Find single frames that are much brighter or darker than those before and after."""
    line = whole_timeline(case)
    if line is None or len(line.index) < 3:
        return
    before, now, after = line.brightness[:-2], line.brightness[1:-1], line.brightness[2:]
    together = line.index[2:] - line.index[:-2] == 2
    plain = line.plain[:-2] | line.plain[1:-1] | line.plain[2:]
    flash = together & ~plain & (np.abs(before - after) < _STEADY) & (np.abs(now - (before + after) / 2) > _FLASH)
    if flash.any():
        first = int(flash.argmax()) + 1
        jump = abs(line.brightness[first] - line.brightness[first - 1])
        yield warning(
            place(case.sequence.target, int(line.index[first])),
            f"flashes: it is {jump:.0f} of 255 levels off the frames before and after; {int(flash.sum())} such frames "
            "were seen.",
            "Nothing in the condition foretells a flash: cut the frames out, or even the brightness out.",
        )


def _longest(flags: NDArray[np.bool_]) -> int:
    """Return the length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags, [0]]).astype(int)))
    return int((edges[1::2] - edges[::2]).max())
