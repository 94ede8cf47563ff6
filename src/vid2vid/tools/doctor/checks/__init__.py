"""All checks: what is measured of the frames, and what judges it.

A measure looks at a few consecutive frames (`vid2vid.tools.doctor.study.Stretch`) and keeps some numbers of them; a
check judges the numbers and the files of a sequence, or of the whole data set. Each finds one kind of trouble; none
knows of another.
"""

from collections.abc import Callable, Iterator
from typing import Any

from vid2vid.tools.doctor.checks import (
    amount,
    cuts,
    drawing,
    files,
    framing,
    keypoints,
    labels,
    lossy,
    maps,
    masks,
    motion,
    pictures,
    splits,
)
from vid2vid.tools.doctor.finding import Finding
from vid2vid.tools.doctor.study import Case, Stretch, Study

MEASURES: tuple[Callable[[Stretch], Any], ...] = (
    pictures.timeline,
    # before those who look at label maps
    maps.coloured,
    labels.census,
    lossy.traces,
    masks.foreground_extent,
    masks.instance_extent,
    masks.densepose_extent,
    drawing.drawing,
    motion.motion,
)
"""What is measured of each run of frames."""

CASE_CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    files.lengths,
    files.sizes,
    files.rates,
    files.exact_reading,
    framing.stretched,
    framing.enlarged,
    labels.unknown_labels,
    maps.coloured_maps,
    lossy.spoilt_ids,
    lossy.lossy_files,
    keypoints.nobody,
    keypoints.outside,
    keypoints.jumps,
    keypoints.small_people,
    masks.missing_maps,
    masks.empty_masks,
    drawing.faint_edges,
    drawing.empty_conditions,
    pictures.frozen_frames,
    pictures.plain_frames,
    pictures.flashes,
    motion.unclear_motion,
    motion.large_motion,
)
"""What judges each sequence."""

SET_CHECKS: tuple[Callable[[Study], Iterator[Finding]], ...] = (
    splits.missing_splits,
    splits.leaks,
    amount.short_sequences,
    amount.short_clips,
    amount.wide_strides,
    amount.little_data,
    framing.network_sizes,
    framing.different_sizes,
    framing.different_rates,
    labels.absent_labels,
    labels.rare_labels,
    masks.foreground_labels,
    cuts.cuts,
)
"""What judges the whole data set."""


def figures(study: Study) -> dict[str, Any]:
    """Return what was measured of the data set, as plain values."""
    numbers: dict[str, Any] = {
        name: {"sequences": len(study.split(name)), "frames": sum(c.sequence.frames for c in study.split(name))}
        for name in sorted(study.manifest.splits())
    }
    numbers["clips_per_epoch"] = amount.clips_per_epoch(study)
    if study.condition.has_labels:
        names = study.condition.label_names or [str(label) for label in study.condition.label_ids]
        numbers["label_shares"] = dict(zip(names, labels.shares(study, "train").round(6).tolist(), strict=True))
    return numbers
