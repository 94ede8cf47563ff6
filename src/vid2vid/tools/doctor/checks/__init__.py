"""All measures of the doctor and all its checks.

A measure looks at a few consecutive frames (`vid2vid.tools.doctor.checked_data.FrameRun`) and keeps some numbers of
them. A check judges these numbers and the files of a sequence, or of the whole data set. Each check finds one kind of
problem and depends on no other. A new check is a function in one of the files here and a line in one of the lists.
"""

from collections.abc import Callable, Iterator
from typing import Any

from vid2vid.tools.doctor.checked_data import CheckedDataset, CheckedSequence, FrameRun
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

SEQUENCE_CHECKS: tuple[Callable[[CheckedSequence], Iterator[Finding]], ...] = (
    check_files.file_lengths,
    check_files.exact_reading,
    check_labels.unknown_labels,
    check_labels.coloured_maps,
    check_maps.spoilt_ids,
    check_maps.lossy_files,
    check_maps.missing_maps,
    check_maps.empty_masks,
    check_conditions.nobody,
    check_conditions.jumps,
    check_conditions.faint_edges,
    check_conditions.empty_conditions,
    check_frames.frozen_frames,
    check_frames.plain_frames,
    check_frames.flashes,
    check_motion.unclear_motion,
    check_motion.large_motion,
)
"""Checks of each sequence."""

TARGET_CHECKS: tuple[Callable[[CheckedSequence], Iterator[Finding]], ...] = (
    check_files.file_sizes,
    check_files.frame_rates,
    check_files.stretched,
    check_files.enlarged,
    check_conditions.outside,
    check_conditions.small_people,
)
"""Checks of each sequence whose real frames can be read."""

DATASET_CHECKS: tuple[Callable[[CheckedDataset], Iterator[Finding]], ...] = (
    check_amount.missing_splits,
    check_amount.leaks,
    check_amount.short_sequences,
    check_amount.short_clips,
    check_amount.wide_strides,
    check_amount.little_data,
    check_files.network_sizes,
    check_files.different_sizes,
    check_files.different_rates,
    check_labels.absent_labels,
    check_labels.rare_labels,
    check_maps.foreground_labels,
    check_frames.cuts,
)
"""Checks of the whole data set."""
