"""Checks of keypoints, and of conditions that are edges or pictures: do they tell F anything?"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vid2vid.data.conditions import kind_of
from vid2vid.tools.doctor.checked_data import CheckedSequence, FrameRun, ReadableSequence
from vid2vid.tools.doctor.finding import Finding, error, note, place, warning

_MANY_EMPTY = 0.1
_MANY_OUTSIDE = 0.05
_JUMP = 0.5
"""Movement of a person's points from frame to frame, in sizes of the person, that shows a wrong detection."""
_SMALL = 0.08
_FEW_EDGES, _MANY_EDGES = 0.005, 0.25
_PLAIN = 1.0


def nobody(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find frames in which nobody was detected."""
    points = _points(sequence)
    empty = np.flatnonzero(~_seen(points).any(axis=1))
    if not len(empty):
        return
    share = len(empty) / len(points)
    yield (error if share == 1 else warning if share > _MANY_EMPTY else note)(
        place(sequence.entry.source, sequence.entry.start + int(empty[0])),
        f"nobody was detected in {len(empty)} of {len(points)} frames ({share:.0%}); this is the first.",
        "F gets an empty picture there. `vid2vid.keypoints.repair.interpolate` fills short gaps; cut longer ones out.",
    )


def outside(sequence: ReadableSequence) -> Iterator[Finding]:
    """Find points that lie outside of the picture."""
    points, (height, width) = _points(sequence), sequence.files["target"].size
    x, y, confident = points[..., 0], points[..., 1], points[..., 2] > 0
    beyond = confident & ((x < -0.5) | (y < -0.5) | (x > width - 0.5) | (y > height - 0.5))
    if not beyond.any():
        return
    share = beyond.sum() / confident.sum()
    reach = tuple(round(float(axis[confident].max())) for axis in (x, y))
    advice = "They are not drawn."
    if share > _MANY_OUTSIDE:
        advice += " If there are many, the keypoints were made for pictures of another size or another part."
    yield (warning if share > _MANY_OUTSIDE else note)(
        place(sequence.entry.source, sequence.entry.start + int(beyond.any(axis=(1, 2)).argmax())),
        f"{share:.1%} of the points lie outside the picture of {width} x {height}; they reach to x = {reach[0]}, "
        f"y = {reach[1]}.",
        advice,
    )


def jumps(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find people who jump from one frame to the next: detection failed, or two of them were exchanged."""
    points = _points(sequence)
    both = (points[1:, ..., 2] > 0) & (points[:-1, ..., 2] > 0)
    steps = np.linalg.norm(points[1:, ..., :2] - points[:-1, ..., :2], axis=-1)
    sizes, known = _sizes(points), both.any(axis=-1)
    # how far each person moves, (T - 1, P): the median of its points, in its sizes
    moved = np.zeros(known.shape)
    moved[known] = [np.median(step[there]) for step, there in zip(steps[known], both[known], strict=True)]
    jumping = moved > _JUMP * np.maximum(np.maximum(sizes[1:], sizes[:-1]), 1e-6)
    if not jumping.any():
        return
    frames = np.flatnonzero(jumping.any(axis=1)) + 1
    advice = "Look at the frames, and repair the keypoints there or cut them out."
    if points.shape[1] > 1:
        advice = (
            "If two people have changed places, `vid2vid.keypoints.tracking.track_people` puts them back; "
            + advice.lower()
        )
    yield warning(
        place(sequence.entry.source, sequence.entry.start + int(frames[0])),
        f"somebody jumps by more than half of their own size from one frame to the next, {len(frames)} times in "
        f"{len(points)} frames; this is the first.",
        advice,
    )


def small_people(sequence: ReadableSequence) -> Iterator[Finding]:
    """Find people of whom F sees little, because they are small in the picture."""
    points = _points(sequence)
    seen = _seen(points)
    size = float(np.median(_sizes(points)[seen])) / max(sequence.files["target"].size) if seen.any() else np.inf
    if size < _SMALL:
        yield warning(
            place(sequence.entry.source),
            f"the people or faces are small: {size:.1%} of the longer side of the picture, in the median.",
            "Crop the pictures around them with data.crop, or check that the keypoints are in pixels of these frames.",
        )


class Drawing(NamedTuple):
    """What one frame of a condition shows.

    Attributes:
        edges: Part of the pixels that are edges; for conditions of edges only.
        contrast: Standard deviation of its levels.
    """

    edges: float
    contrast: float


def drawing(run: FrameRun) -> Drawing | None:
    """Measure the condition of the first frame of a run, framed as a training would see it."""
    dataset, sequence = run.sequence.dataset, run.sequence
    if dataset.condition.has_labels or dataset.condition.from_keypoints:
        return None
    frames = run.pictures("source" if "source" in sequence.files else "target")
    if frames is None:
        return None
    source = sequence.entry.source
    planes = kind_of(dataset.condition).planes(frames[:1], dataset.crop_resize, source, run.frames[:1])
    return Drawing(float((planes > 0).mean()), float(planes.std()))


def faint_edges(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find edges that are too few or too many to draw a picture by."""
    condition, parts = sequence.dataset.condition, sequence.of(drawing)
    if not condition.from_frames or not parts:
        return
    share = sum(part.edges for part in parts) / len(parts)
    if not _FEW_EDGES <= share <= _MANY_EDGES:
        few, thresholds = share < _FEW_EDGES, list(condition.edge_thresholds)
        yield warning(
            place(sequence.entry.source),
            f"{share:.1%} of the pixels are edges, which is too {'few' if few else 'many'} to tell what is where.",
            f"Set data.edge_thresholds {'lower' if few else 'higher'} than {thresholds}.",
        )


def empty_conditions(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find conditions that show nothing in all frames that were measured."""
    parts = sequence.of(drawing) if not sequence.dataset.condition.from_frames else []
    if parts and all(part.contrast < _PLAIN for part in parts):
        yield warning(
            place(sequence.entry.source),
            "shows nothing in all the frames that were looked at: one colour all over.",
            "F has nothing to go by: check that the conditions were exported correctly.",
        )


def _points(sequence: CheckedSequence) -> NDArray[np.float32]:
    """Return the keypoints of the frames of a sequence ``(T, P, N, 3)``; none where it has no keypoints."""
    if sequence.keypoints is None:
        return np.zeros((0, 1, 1, 3), np.float32)
    start = sequence.entry.start
    return sequence.keypoints.points[start : start + sequence.entry.frames]


def _seen(points: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell who is seen at all, ``(T, P)``."""
    return np.asarray((points[..., 2] > 0).any(axis=-1), np.bool_)


def _sizes(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the longer side of the box round each person ``(T, P)``, 0 where nobody is seen."""
    hidden = points[..., 2:] == 0
    low = np.where(hidden, np.inf, points[..., :2]).min(axis=2)
    high = np.where(hidden, -np.inf, points[..., :2]).max(axis=2)
    return np.asarray(np.where(_seen(points)[..., None], high - low, 0).max(axis=-1), np.float64)
