"""Which ids stand in label maps: found out by reading all of them, once."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from vid2vid.data.formats.memory import remembered
from vid2vid.video import stream_labels

_PROGRESS_DELAY = 2.0


def found_ids(paths: Iterable[Path], cache: Path) -> list[int]:
    """Return the ids 0..255 that stand in label maps, in order.

    Args:
        paths: Videos or folders of label maps.
        cache: Folder for what is computed once.

    Raises:
        DataError: A file cannot be read, or is no label map.
    """
    return sorted({i for path in paths for i in remembered(path, "labels", cache, _ids_in)})


def _ids_in(path: Path) -> list[int]:
    counts = np.zeros(256, np.int64)
    for labels in tqdm(stream_labels(path), f"ids in {path.name}", unit="map", delay=_PROGRESS_DELAY, leave=False):
        counts += np.bincount(labels.ravel(), minlength=256)
    return [int(i) for i in np.flatnonzero(counts)]
