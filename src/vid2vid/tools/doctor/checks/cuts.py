"""Cuts inside a sequence: a clip over one of them shows F a motion that there is not."""

from collections.abc import Iterator
from pathlib import Path

from vid2vid.errors import MissingExtraError, VideoError
from vid2vid.tools.doctor.finding import Finding, count, note, of_failure, place, warning
from vid2vid.tools.doctor.study import Case, Study
from vid2vid.video import find_cuts

SEARCHED = 20_000
"""Frames of a data set that are searched for cuts unless all of it is looked at: each has to be decoded."""

_SHOWN = 5


def cuts(study: Study) -> Iterator[Finding]:
    """Search the real videos for cuts, one after the other, as far as the frames that may be searched reach."""
    budget, skipped = SEARCHED, 0
    for path, cases in _by_file(study).items():
        frames = cases[0].parts["target"].frames
        if study.frames and frames > budget:
            skipped += 1
            continue
        budget -= frames
        try:
            found = find_cuts(path, study.cache)
        except MissingExtraError as failure:
            yield note(study.where, f"cuts inside the videos were not looked for: {failure}.")
            return
        except VideoError as failure:
            yield of_failure(failure, place(path))
            continue
        for case in cases:
            yield from _inside(case, found)
    if skipped:
        yield note(
            study.where,
            f"{count(skipped, 'video')} of {len(_by_file(study))} not searched for cuts, to save time.",
            "all=true looks at every frame of every video.",
        )


def _inside(case: Case, found: list[int]) -> Iterator[Finding]:
    first, behind = case.sequence.start, case.sequence.start + case.sequence.frames
    inside = [cut for cut in found if first < cut < behind]
    if inside:
        more = f" and {len(inside) - _SHOWN} more" if len(inside) > _SHOWN else ""
        frames = ", ".join(map(str, inside[:_SHOWN])) + more
        yield warning(
            place(case.sequence.target, inside[0]),
            f"begins another scene: {count(len(inside), 'cut')} inside of {case.where}, before {frames}.",
            "Clips must not reach across a cut: make a sequence of each scene (start and frames in the manifest); with "
            "data=video, data.cuts=find does it.",
        )


def _by_file(study: Study) -> dict[Path, list[Case]]:
    files: dict[Path, list[Case]] = {}
    for case in study.cases:
        if "target" in case.parts:
            files.setdefault(case.sequence.target, []).append(case)
    return files
