"""Which files there are, and which of their frames are looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RUN = 8
"""Frames that are looked at one after the other: enough to see movement, few enough to hold."""


@dataclass(frozen=True)
class Part:
    """A video or folder of pictures that could be opened.

    Attributes:
        path: Where it is.
        frames: How many there are.
        height: Pixels of a frame.
        width: Pixels of a frame.
        fps: Frames a second; 0 for a folder, which does not say.
    """

    path: Path
    frames: int
    height: int
    width: int
    fps: float

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width


def choose_runs(frames: int, budget: int) -> Iterator[range]:
    """Choose runs of up to `RUN` consecutive frames, spread evenly.

    Args:
        frames: Frames that there are.
        budget: Frames that may be looked at; 0: all. Runs that cover all share a frame with the next, so that no step
            from frame to frame is left out.
    """
    if not budget or budget >= frames:
        starts = range(0, max(frames - 1, min(frames, 1)), RUN - 1)
        yield from (range(start, min(start + RUN, frames)) for start in starts)
        return
    length = min(RUN, budget)
    for start in np.linspace(0, frames - length, max(budget // RUN, 1)).round().astype(int):
        yield range(int(start), int(start) + length)
