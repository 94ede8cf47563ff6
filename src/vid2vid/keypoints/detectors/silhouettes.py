"""Interpolation of missing silhouettes, as `keypoints.interpolate` does for points."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Silhouette = NDArray[np.uint8]


def fill_gaps(silhouettes: Iterable[Silhouette], longest_gap: int) -> Iterator[Silhouette]:
    """Fill in the frames in which nobody was found; at most three silhouettes are held in memory.

    Gaps are filled by cross-fading; before the first and after the last silhouette, it is repeated.

    Args:
        silhouettes: ``(H, W)`` uint8, 0 (background) to 255 (person); all 0 if nobody was found.
        longest_gap: Gaps of more frames stay empty.

    Yields:
        The same number of silhouettes.
    """
    before = empty = None
    gap = 0
    for silhouette in silhouettes:
        if not silhouette.any():
            gap, empty = gap + 1, silhouette
            continue
        if empty is not None:
            yield from _between(silhouette if before is None else before, silhouette, gap, longest_gap)
        yield silhouette
        before, empty, gap = silhouette, None, 0
    if empty is not None:
        end = empty if before is None else before
        yield from _between(end, end, gap, longest_gap)


def _between(start: Silhouette, end: Silhouette, gap: int, longest_gap: int) -> Iterator[Silhouette]:
    for i in range(1, gap + 1):
        share = i / (gap + 1)
        faded = (1 - share) * start + share * end
        yield np.asarray(faded.round(), np.uint8) if gap <= longest_gap else np.zeros_like(start)
