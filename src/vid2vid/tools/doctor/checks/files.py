"""Do the files of a sequence belong together: lengths, sizes, frame rates; and are they read as they are?"""

from collections.abc import Iterator
from pathlib import Path

from vid2vid.errors import VideoError
from vid2vid.tools.doctor.finding import Finding, error, of_failure, place, warning
from vid2vid.tools.doctor.study import Case
from vid2vid.video import cached_inspection, is_folder
from vid2vid.video.images import check_folder

_SAME_RATE = 0.01


def lengths(case: Case) -> Iterator[Finding]:
    """Compare how many frames the files of a sequence have."""
    counts = {part.path: part.frames for part in case.parts.values()}
    if case.keypoints is not None:
        counts[case.sequence.source] = len(case.keypoints)
    needed = case.sequence.start + case.sequence.frames
    # conditions of all of a video of which only a part is used
    fitting = (needed, counts.get(case.sequence.target, needed))
    for path, frames in counts.items():
        if frames < needed or frames not in fitting:
            yield error(
                place(path),
                f"has {frames} frames, but {case.where} needs {needed}.",
                "Condition and target must show the same frames: export the file again, or shorten both to the frames "
                "that they share.",
            )


def sizes(case: Case) -> Iterator[Finding]:
    """Compare the sizes of the pictures of a sequence."""
    target = case.parts.get("target")
    if target is None:
        return
    found = {part.path: part.size for part in case.parts.values()}
    if case.keypoints is not None and case.keypoints.size is not None:
        found[case.sequence.source] = case.keypoints.size
    for path, size in found.items():
        if size != target.size:
            yield error(
                place(path),
                f"is for pictures of {_size(size)} pixels, but {place(target.path)} has {_size(target.size)}.",
                "Condition and target must show the same part at the same size: export one of them again.",
            )


def rates(case: Case) -> Iterator[Finding]:
    """Compare the frame rates of the files of a sequence; folders have none."""
    target = case.parts.get("target")
    for part in case.parts.values():
        if target is None or not target.fps or not part.fps:
            continue
        if abs(part.fps - target.fps) > _SAME_RATE * target.fps:
            yield warning(
                place(part.path),
                f"has {part.fps:g} frames a second, but {place(target.path)} has {target.fps:g}.",
                "Frames are paired by their number, not by their time: if the condition was made at another rate, it "
                "belongs to other frames. Make it from the very frames of the target.",
            )


def exact_reading(case: Case) -> Iterator[Finding]:
    """Decode the videos whole, where all is looked at, and compare with what a training would be given.

    Of folders all images are opened, to compare their sizes.
    """
    if not case.whole:
        return
    for path in sorted({part.path for part in case.parts.values()}):
        try:
            yield from _misread(path, case.study.cache)
        except VideoError as failure:
            # the other files are still to be looked at
            yield of_failure(failure, case.where)


def _misread(path: Path, cache: Path) -> Iterator[Finding]:
    if is_folder(path):
        check_folder(path)
        return
    inspection = cached_inspection(path, cache)
    if not inspection.exact:
        yield error(
            place(path),
            f"a training would be given other frames than there are: {inspection.reason}.",
            "Replace the file by a copy that is read exactly: `vid2vid.video.safe_copy` makes one without loss.",
        )


def _size(size: tuple[int, int]) -> str:
    return f"{size[1]} x {size[0]}"
