"""The examination of a data set: open every file, measure some frames of each, run all checks."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from vid2vid.config import GeneratorConfig
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import VideoError
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.tools.doctor.checked_data import CheckedDataset, CheckedSequence, OpenedFile, ReadableSequence
from vid2vid.tools.doctor.checks import MEASURES, checks_of
from vid2vid.tools.doctor.checks.check_amount import clips_per_epoch
from vid2vid.tools.doctor.checks.check_labels import label_shares
from vid2vid.tools.doctor.doctor_report import DoctorReport
from vid2vid.tools.doctor.finding import Finding, Findings, place
from vid2vid.video import FrameReader, is_folder, open_frames, open_ids, open_labels
from vid2vid.video.progress import progress

DEFAULT_FRAMES = 32
"""Frames of each sequence that are measured."""


def examine(
    data_module: Vid2VidDataModule,
    generator: GeneratorConfig | None = None,
    frames: int = DEFAULT_FRAMES,
    left_out: str = "warning",
) -> tuple[DoctorReport, CheckedDataset | None]:
    """Look for everything that could spoil a training on a data set.

    A data set that is rendered or extracted is made first, as far as it is missing.

    Args:
        data_module: The data set, framed and cut into clips as for a training.
        generator: Settings of F that would be trained on it.
        frames: How many frames of each sequence are measured, in short runs spread over it; 0: all.
        left_out: Severity of a sequence that the data set leaves out, one of `SEVERITIES`.

    Returns:
        What was found, and the examined data set, from which `vid2vid.tools.doctor.draw_sheet` draws; None if it has no
        manifest that could be read.
    """
    findings, dataset = Findings(), None
    with findings.guard("the data set", "manifest"):
        dataset = CheckedDataset(data_module, generator or GeneratorConfig(), frames)
    for found in data_module.source.warnings:
        severity, kind = (left_out, "left_out") if found.left_out else ("warning", "listing")
        findings.add(Finding(severity, place(found.path), found.message), kind)
    if dataset is None:
        return DoctorReport(findings.all), None
    for sequence in dataset.sequences:
        _open_files(sequence, findings)
    _measure(dataset, findings)
    for check in checks_of(CheckedSequence):
        for sequence in dataset.sequences:
            findings.run(check, sequence, sequence.where, sequence.paths)
    for check in checks_of(ReadableSequence):
        for sequence in dataset.readable:
            findings.run(check, sequence, sequence.where, sequence.paths)
    for check in checks_of(CheckedDataset):
        findings.run(check, dataset, dataset.where)
    return DoctorReport(findings.all, _figures(dataset)), dataset


def _open_files(sequence: CheckedSequence, findings: Findings) -> None:
    for role, path in sequence.picture_paths.items():
        with findings.guard(sequence.where, "opening", sequence.paths):
            reader = _open(sequence, role, path)
            fps = 0.0 if is_folder(path) else reader.fps
            sequence.files[role] = OpenedFile(path, len(reader), (reader.height, reader.width), fps)
    if sequence.dataset.condition.from_keypoints:
        with findings.guard(sequence.where, "opening", sequence.paths):
            sequence.keypoints = read_keypoints(sequence.entry.source)


def _open(sequence: CheckedSequence, role: str, path: Path) -> FrameReader[np.uint8] | FrameReader[np.int32]:
    """Open a file as a training would; pictures instead of label maps are opened, too, for a check to report them."""
    if role == "instance":
        return open_ids(path)
    if role == "source" and sequence.labelled:
        try:
            return open_labels(path)
        except VideoError:
            with suppress(VideoError):
                return open_frames(path)
            raise
    return open_frames(path)


def _measure(dataset: CheckedDataset, findings: Findings) -> None:
    count = sum(1 for sequence in dataset.sequences for _ in sequence.runs())
    # one after the other: a run keeps the frames that were read
    runs = ((sequence, run) for sequence in dataset.sequences for run in sequence.runs())
    for sequence, run in progress(runs, "measuring", count, unit="run"):
        for measure in MEASURES:
            with findings.guard(sequence.where, "reading", sequence.paths):
                sequence.measure(measure, run)


def _figures(dataset: CheckedDataset) -> dict[str, Any]:
    """Return how much was examined and what was measured, as plain values."""
    numbers: dict[str, Any] = {
        "looked_at": {
            "sequences": len(dataset.sequences),
            "frames": sum(len({i for run in s.runs() for i in run.frames}) for s in dataset.sequences),
            "frames_in_all": sum(sequence.entry.frames for sequence in dataset.sequences),
        }
    }
    for split in sorted(dataset.manifest.splits()):
        frames = [sequence.entry.frames for sequence in dataset.split(split)]
        numbers[split] = {"sequences": len(frames), "frames": sum(frames)}
    numbers["clips_per_epoch"] = clips_per_epoch(dataset)
    condition = dataset.condition
    if condition.has_labels:
        shares = label_shares(dataset, "train").round(6).tolist()
        numbers["label_shares"] = dict(zip(condition.class_names, shares, strict=True))
    return numbers
