"""IDF1 (Ristani et al., 2016) of objects that are followed through label maps, by the true ids of rendered streets.

Run: ``python benchmarks/tracks.py`` (extra ``tracks``). Cars and people of at least 12 pixels count; one that is found
must share at least half of the union with a true one. ``areas``: connected areas of a label, nothing else is known;
``objects``: the objects of each frame are told apart, as by a network, by ids that mean nothing in the next frame.
"""

import argparse
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.data.label_tracks import LabelTracks
from vid2vid.errors import require
from vid2vid.street import Street, StreetFrame
from vid2vid.street.street_classes import CAR, INSTANCE_BASE, PERSON

CLASSES = (CAR, PERSON)
LEAST_PIXELS, LEAST_IOU = 12, 0.5
Ids = NDArray[np.int32]


def by_areas(tracks: LabelTracks, frame: StreetFrame, index: int) -> Ids:
    """Follow connected areas."""
    return tracks(frame.label)


def by_objects(tracks: LabelTracks, frame: StreetFrame, index: int) -> Ids:
    """Follow the objects of each frame, whose ids are drawn anew for each."""
    found, places = np.unique(frame.instance, return_inverse=True)
    drawn = np.random.default_rng(index).permutation(len(found)).astype(np.int32)
    return tracks(frame.label, drawn[places.reshape(frame.instance.shape)])


def identities(street: Street, frames: int, follow: Callable[[LabelTracks, StreetFrame, int], Ids]) -> Any:  # noqa: ANN401
    """Follow the objects of a street; return what motmetrics has gathered."""
    gathered = require("motmetrics", "tracks").MOTAccumulator(auto_id=True)
    tracks = LabelTracks(CLASSES)
    for index in range(frames):
        frame = street.render(index)
        objects = np.isin(frame.label, CLASSES)
        true = np.where(objects & (frame.instance >= INSTANCE_BASE), frame.instance, 0)
        found = np.where(objects, follow(tracks, frame, index), 0)
        sizes = [dict(zip(*np.unique(ids[ids > 0], return_counts=True), strict=True)) for ids in (true, found)]
        rows, columns = ([i for i, size in one.items() if size >= LEAST_PIXELS] for one in sizes)
        apart = np.full((len(rows), len(columns)), np.nan)
        pairs, shared = np.unique(np.stack([true.ravel(), found.ravel()]), axis=1, return_counts=True)
        for (i, j), both in zip(pairs.T, shared, strict=True):
            if i in rows and j in columns:
                iou = both / (sizes[0][i] + sizes[1][j] - both)
                if iou >= LEAST_IOU:
                    apart[rows.index(i), columns.index(j)] = 1 - iou
        gathered.update(rows, columns, apart)
    return gathered


def idf1(seeds: range, frames: int, size: tuple[int, int], follow: Callable[..., Ids]) -> dict[str, float]:
    """Return IDF1, its precision and recall, and the number of changes of id, over some streets."""
    metrics: Any = require("motmetrics", "tracks").metrics.create()
    gathered = [identities(Street(seed, *size), frames, follow) for seed in seeds]
    names = ["idf1", "idp", "idr", "num_switches"]
    table = metrics.compute_many(gathered, metrics=names, generate_overall=True)
    return {name: float(table.loc["OVERALL"][name]) for name in names}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streets", type=int, default=4)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--height", type=int, default=128)
    given = parser.parse_args()
    print("| what is followed | IDF1 ↑ | precision ↑ | recall ↑ | changes of id ↓ |\n|---|---|---|---|---|")
    measure = functools.partial(idf1, range(1, given.streets + 1), given.frames, (given.height, 2 * given.height))
    for name, follow in (("areas", by_areas), ("objects", by_objects)):
        shares = measure(follow)
        changes = shares.pop("num_switches")
        print(f"| {name} | {' | '.join(f'{share:.3f}' for share in shares.values())} | {changes:.0f} |", flush=True)


if __name__ == "__main__":
    main()
