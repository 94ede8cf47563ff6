"""The splits: is there something to train on and something held out, and is it held out?"""

from collections.abc import Iterator

from vid2vid.data.manifest import SPLITS
from vid2vid.tools.doctor.checks.pictures import whole_timeline
from vid2vid.tools.doctor.finding import Finding, error, place, warning
from vid2vid.tools.doctor.study import Case, Study


def missing_splits(study: Study) -> Iterator[Finding]:
    """Find splits without a sequence."""
    for name in SPLITS:
        if not study.split(name):
            yield error(
                study.where,
                f"no sequence is in the split {name}.",
                "Hold some out to see what F makes of what it was not trained on: set the split of one or more "
                "sequences to val."
                if name == "val"
                else "Set the split of some sequences to train.",
            )


def leaks(study: Study) -> Iterator[Finding]:
    """Find held-out frames that are trained on: F would be judged on what it knows."""
    train = study.split("train")
    seen = {digest: case for case in train for digest in _digests(case)}
    for case in study.split("val"):
        other = next((mine for mine in train if _overlap(mine, case)), None)
        shared = "shares frames of the same file with"
        if other is None:
            other = next((seen[digest] for digest in _digests(case) if digest in seen), None)
            shared = "shows the very same frames as"
        if other is not None:
            yield warning(
                place(case.sequence.target),
                f"{case.where} of the split val {shared} {other.where} of the split train.",
                "The numbers of the validation would look better than they are: keep the two apart.",
            )


def _overlap(one: Case, other: Case) -> bool:
    if one.sequence.target != other.sequence.target:
        return False
    first, second = (range(s.start, s.start + s.frames) for s in (one.sequence, other.sequence))
    return max(first.start, second.start) < min(first.stop, second.stop)


def _digests(case: Case) -> list[bytes]:
    """Return the fingerprints of the frames that were looked at; black ones are alike everywhere."""
    line = whole_timeline(case)
    return [] if line is None else [digest for digest, plain in zip(line.digest, line.plain, strict=True) if not plain]
