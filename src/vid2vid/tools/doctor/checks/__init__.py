"""All measures of the doctor and all its checks.

A measure looks at a few consecutive frames (`vid2vid.tools.doctor.checked_data.FrameRun`) and keeps some numbers of
them. A check judges these numbers and the files of a sequence, or of the whole data set. Each check finds one kind of
problem and depends on no other. A new check is a function in one of the files here that takes a `CheckedSequence`, a
`ReadableSequence` or the `CheckedDataset` alone and gives findings.
"""

from collections.abc import Callable, Iterator
from inspect import get_annotations, isfunction
from typing import Any

from vid2vid.tools.doctor.checked_data import FrameRun
from vid2vid.tools.doctor.checks import (
    check_amount,
    check_conditions,
    check_files,
    check_frames,
    check_labels,
    check_maps,
    check_motion,
)
from vid2vid.tools.doctor.finding import Finding

MEASURES: tuple[Callable[[FrameRun], Any], ...] = (
    check_frames.timeline,
    # before the measures of label maps
    check_labels.coloured_map,
    check_labels.label_counts,
    check_maps.id_traces,
    *check_maps.RANGES.values(),
    check_conditions.drawing,
    check_motion.reference_motion,
)
"""What is measured of each run of frames."""

_MODULES = (check_files, check_labels, check_maps, check_conditions, check_frames, check_motion, check_amount)


def checks_of(subject: object) -> list[Callable[[Any], Iterator[Finding]]]:
    """Return all checks of one kind of thing, in the order of their files.

    Args:
        subject: `CheckedSequence`, `ReadableSequence` or `CheckedDataset`.
    """
    signature = [subject, Iterator[Finding]]
    functions = (each for module in _MODULES for each in vars(module).values() if isfunction(each))
    return [function for function in functions if [*get_annotations(function).values()] == signature]
