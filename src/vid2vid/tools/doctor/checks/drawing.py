"""Conditions that are pictures or edges: do they tell F anything?"""

from collections.abc import Iterator
from typing import NamedTuple

from vid2vid.data.conditions import to_planes
from vid2vid.tools.doctor.finding import Finding, place, warning
from vid2vid.tools.doctor.study import Case, Stretch

_FEW_EDGES, _MANY_EDGES = 0.005, 0.25
_PLAIN = 1.0


class Drawing(NamedTuple):
    """What one frame of a condition holds.

    Attributes:
        edges: Part of the pixels that are edges; for conditions of edges only.
        contrast: Standard deviation of its levels.
    """

    edges: float
    contrast: float


def drawing(stretch: Stretch) -> Drawing | None:
    """Measure the condition of the first frame of a stretch, framed as a training would see it."""
    study = stretch.case.study
    if study.condition.has_labels or study.condition.from_keypoints:
        return None
    frames = stretch.pictures("source" if "source" in stretch.case.parts else "target")
    if frames is None:
        return None
    path = stretch.case.sequence.source
    planes = to_planes(study.condition, frames[:1], study.crop_resize, path, stretch.frames[0])
    return Drawing(float((planes > 0).mean()), float(planes.std()))


def faint_edges(case: Case) -> Iterator[Finding]:
    """Find edges that are too few or too many to draw a picture by."""
    parts = case.of(drawing) if case.study.condition.from_frames else []
    if not parts:
        return
    share = sum(part.edges for part in parts) / len(parts)
    if not _FEW_EDGES <= share <= _MANY_EDGES:
        few, thresholds = share < _FEW_EDGES, list(case.study.condition.edge_thresholds)
        yield warning(
            place(case.sequence.source),
            f"{share:.1%} of the pixels are edges, which is too {'few' if few else 'many'} to tell what is where.",
            f"Set data.edge_thresholds {'lower' if few else 'higher'} than {thresholds}.",
        )


def empty_conditions(case: Case) -> Iterator[Finding]:
    """Find conditions that show nothing in all frames that were looked at."""
    parts = case.of(drawing) if not case.study.condition.from_frames else []
    if parts and all(part.contrast < _PLAIN for part in parts):
        yield warning(
            place(case.sequence.source),
            "shows nothing in all the frames that were looked at: one colour all over.",
            "F has nothing to go by: check that the conditions were exported rightly.",
        )
