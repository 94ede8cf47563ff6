"""The whole examination: every file is opened, some frames of each are measured, then all checks judge."""

from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from vid2vid.config import GeneratorConfig
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import VideoError
from vid2vid.keypoints import read_keypoints
from vid2vid.tools.doctor.checks import CASE_CHECKS, MEASURES, SET_CHECKS, figures
from vid2vid.tools.doctor.finding import Finding, Ledger, place
from vid2vid.tools.doctor.material import Part
from vid2vid.tools.doctor.report import Report
from vid2vid.tools.doctor.study import Case, Study
from vid2vid.video import FrameReader, MapReader, is_folder, open_frames, open_ids, open_labels

DEFAULT_FRAMES = 32
"""Frames of each sequence that are looked at."""

_PROGRESS_DELAY = 1.0


def examine(
    data: Vid2VidDataModule,
    generator: GeneratorConfig | None = None,
    frames: int = DEFAULT_FRAMES,
    left_out: str = "warning",
) -> tuple[Report, Study | None]:
    """Look for all that could spoil a training on a data set.

    What is missing of a data set that is made here (rendered streets) is made first.

    Args:
        data: The data set, framed and cut into clips as for a training.
        generator: F that would be trained on it.
        frames: How many frames of each sequence are looked at, in short runs spread over it; 0: all.
        left_out: How grave it is, one of `SEVERITIES`, that the data set leaves a sequence out.

    Returns:
        What was found, and the data set as it was looked at, from which `vid2vid.tools.doctor.draw_sheet` draws; None
        if it has no manifest that could be read.
    """
    ledger = Ledger()
    with ledger.guard("the data set", "manifest"):
        try:
            study = Study(data, generator or GeneratorConfig(), frames)
        finally:
            for warning in data.source.warnings:
                severity, check = (left_out, "left_out") if warning.left_out else ("warning", "listing")
                ledger.add(Finding(severity, place(warning.path), warning.message), check)
        return _examine(study, ledger), study
    return Report(ledger.findings), None


def _examine(study: Study, ledger: Ledger) -> Report:
    for case in study.cases:
        _open(case, ledger)
    _measure(study, ledger)
    for of_case in CASE_CHECKS:
        for case in study.cases:
            ledger.run(of_case, case, case.where)
    for of_set in SET_CHECKS:
        ledger.run(of_set, study, study.where)
    return Report(ledger.findings, {"looked_at": _looked_at(study), **figures(study)})


def _open(case: Case, ledger: Ledger) -> None:
    for role, path in case.paths.items():
        with ledger.guard(case.where, "opening"):
            reader = _opened(case, role, path)
            fps = 0.0 if is_folder(path) else reader.fps
            case.parts[role] = Part(path, len(reader), reader.height, reader.width, fps)
    if case.study.condition.from_keypoints:
        with ledger.guard(case.where, "opening"):
            case.keypoints = read_keypoints(case.sequence.source)


def _opened(case: Case, role: str, path: Path) -> FrameReader | MapReader[np.uint8] | MapReader[np.int32]:
    """Open a file as a training would, but for pictures in place of label maps, of which a check is to tell."""
    if role == "instance":
        return open_ids(path)
    if role == "source" and case.labelled:
        try:
            return open_labels(path)
        except VideoError as failure:
            return _pictures(path, failure)
    return open_frames(path)


def _pictures(path: Path, failure: VideoError) -> FrameReader:
    try:
        return open_frames(path)
    except VideoError:
        raise failure from None


def _measure(study: Study, ledger: Ledger) -> None:
    total = sum(len(run) for case in study.cases for run in case.runs)
    bar: tqdm[Any]
    with tqdm(total=total, desc="looking", unit="frame", delay=_PROGRESS_DELAY, leave=False) as bar:
        for case in study.cases:
            for stretch in case.stretches():
                for measure in MEASURES:
                    with ledger.guard(case.where, "reading"):
                        case.measure(measure, stretch)
                bar.update(len(stretch.frames))


def _looked_at(study: Study) -> dict[str, int]:
    return {
        "sequences": len(study.cases),
        "frames": sum(len({i for run in case.runs for i in run}) for case in study.cases),
        "frames_in_all": sum(case.sequence.frames for case in study.cases),
    }
