"""Keypoints: frames without anybody, points outside the picture, points that jump."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from vid2vid.tools.doctor.finding import Finding, error, note, place, warning
from vid2vid.tools.doctor.study import Case

_MANY_EMPTY = 0.1
_MANY_OUTSIDE = 0.05
_JUMP = 0.5
"""Sizes of a person that all its points move within one frame when it is taken for another."""
_SMALL = 0.08


def nobody(case: Case) -> Iterator[Finding]:
    """Find frames in which nobody was detected."""
    points = _points(case)
    if points is None:
        return
    empty = np.flatnonzero(~_seen(points).any(axis=1))
    if not len(empty):
        return
    share = len(empty) / len(points)
    grade = error if share == 1 else warning if share > _MANY_EMPTY else note
    yield grade(
        place(case.sequence.source, case.sequence.start + int(empty[0])),
        f"nobody was detected in {len(empty)} of {len(points)} frames ({share:.0%}), this is the first.",
        "F gets an empty picture there. `vid2vid.keypoints.interpolate` fills short gaps; cut longer ones out.",
    )


def outside(case: Case) -> Iterator[Finding]:
    """Find points that lie outside of the picture."""
    points, target = _points(case), case.parts.get("target")
    if points is None or target is None:
        return
    x, y, confident = points[..., 0], points[..., 1], points[..., 2] > 0
    beyond = confident & ((x < -0.5) | (y < -0.5) | (x > target.width - 0.5) | (y > target.height - 0.5))
    share = beyond.sum() / max(confident.sum(), 1)
    if not share:
        return
    first = case.sequence.start + int(beyond.any(axis=(1, 2)).argmax())
    reach = tuple(round(float(axis[confident].max())) for axis in (x, y))
    yield (warning if share > _MANY_OUTSIDE else note)(
        place(case.sequence.source, first),
        f"{share:.1%} of the points lie outside of the picture of {target.width} x {target.height}; they reach to "
        f"x = {reach[0]}, y = {reach[1]}.",
        "They are not drawn. If there are many, the keypoints were made for pictures of another size or another part."
        if share > _MANY_OUTSIDE
        else "They are not drawn.",
    )


def jumps(case: Case) -> Iterator[Finding]:
    """Find people who are somewhere else from one frame to the next: detection failed, or two have changed places."""
    points = _points(case)
    if points is None or len(points) < 2:
        return
    moved = _moves(points)
    jumping = moved > _JUMP
    if not jumping.any():
        return
    frames = np.flatnonzero(jumping.any(axis=1)) + 1
    advice = "Look at the frames, and repair the keypoints there or cut them out."
    if points.shape[1] > 1:
        advice = "If two people have changed places, `vid2vid.keypoints.follow` puts them back; " + advice.lower()
    yield warning(
        place(case.sequence.source, case.sequence.start + int(frames[0])),
        f"somebody jumps by more than half of their own size from one frame to the next, {len(frames)} times in "
        f"{len(points)} frames; this is the first.",
        advice,
    )


def small_people(case: Case) -> Iterator[Finding]:
    """Find people of whom F sees little, because they are small in the picture."""
    points, target = _points(case), case.parts.get("target")
    if points is None or target is None or not _seen(points).any():
        return
    size = float(np.median(_sizes(points)[_seen(points)])) / max(target.size)
    if size < _SMALL:
        yield warning(
            place(case.sequence.source),
            f"the people or faces are small: {size:.1%} of the longer side of the picture, in the median.",
            "Cut the picture round them with data.crop; or check that the keypoints are in pixels of these frames.",
        )


def _points(case: Case) -> NDArray[np.float32] | None:
    """Return the keypoints of the frames of a sequence ``(T, P, N, 3)``, None where it has none."""
    if case.keypoints is None:
        return None
    start = case.sequence.start
    points = case.keypoints.points[start : start + case.sequence.frames]
    return points if len(points) else None


def _seen(points: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell who is seen at all, ``(T, P)``."""
    return np.asarray((points[..., 2] > 0).any(axis=-1), np.bool_)


def _sizes(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the longer side of the box round each person ``(T, P)``, 0 where nobody is seen."""
    hidden = points[..., 2:] == 0
    low = np.where(hidden, np.inf, points[..., :2]).min(axis=2)
    high = np.where(hidden, -np.inf, points[..., :2]).max(axis=2)
    return np.asarray(np.where(_seen(points)[..., None], high - low, 0).max(axis=-1), np.float64)


def _moves(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return how far each person moves from frame to frame ``(T - 1, P)``: the median of its points, in its sizes."""
    both = (points[1:, ..., 2] > 0) & (points[:-1, ..., 2] > 0)
    apart = np.linalg.norm(points[1:, ..., :2] - points[:-1, ..., :2], axis=-1)
    size = np.maximum(_sizes(points)[1:], _sizes(points)[:-1])
    known = both.any(axis=-1)
    middle = np.zeros(size.shape)
    middle[known] = [np.median(way[there]) for way, there in zip(apart[known], both[known], strict=True)]
    return np.where(known, middle / np.maximum(size, 1e-6), 0)
