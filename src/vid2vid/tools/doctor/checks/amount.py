"""Is there enough to learn from, and are the sequences long enough for clips?"""

from collections.abc import Iterator

from vid2vid.data.curriculum import Curriculum, span
from vid2vid.tools.doctor.finding import Finding, count, error, note, place
from vid2vid.tools.doctor.study import Case, Study

LEAST_FRAMES = 1000
"""Frames to train on below which F learns them by heart; people have trained on a few thousand of one scene."""
LEAST_CLIPS = 50
"""Clips an epoch should have, or validation and checkpoints come every few seconds."""

_VAL_FRAMES = 2
_SHOWN = 5


def clips_per_epoch(study: Study) -> int:
    """Return how many clips the first epoch has (see `vid2vid.data.sampler.WindowSampler`)."""
    frames = study.loader.clip_frames
    return study.loader.repeats * sum(case.sequence.frames // frames for case in study.split("train"))


def short_sequences(study: Study) -> Iterator[Finding]:
    """Find sequences that are shorter than a clip, and say which clips would fit."""
    longest = Curriculum.of(study.loader).longest
    key = "data.clip_frames_max" if longest > study.loader.clip_frames else "data.clip_frames"
    least = study.generator.past_frames + 1
    train = study.split("train")
    short = [case for case in train if case.sequence.frames < longest]
    if short:
        fits = min(case.sequence.frames for case in short)
        smaller = f"{key}={fits} would fit all of them; or leave them out." if fits >= least else "Leave them out."
        yield error(
            place(short[0].sequence.target),
            f"{_listed(short)}: too short for clips of {longest} frames ({len(short)} of {len(train)} sequences).",
            smaller,
        )
    for case in study.split("val"):
        if case.sequence.frames < _VAL_FRAMES:
            yield error(place(case.sequence.target), f"{case.where} of the split val needs {_VAL_FRAMES} frames.")


def short_clips(study: Study) -> Iterator[Finding]:
    """Find clips that leave nothing for F to make, or for D_V to judge."""
    frames, past = study.loader.clip_frames, study.generator.past_frames
    if frames <= past:
        yield error(
            "data.clip_frames",
            f"clips of {frames} frames leave nothing to synthesise after the {past} that F is given.",
            f"Set data.clip_frames to {past + 1} at least; {past + 6} is a good start.",
        )


def wide_strides(study: Study) -> Iterator[Finding]:
    """Find temporal strides at which no clip fits into any sequence."""
    frames = study.loader.clip_frames
    longest = max((case.sequence.frames for case in study.split("train")), default=0)
    wide = [stride for stride in study.loader.frame_strides if stride > 1 and span(frames, stride) > longest]
    if wide and longest >= frames:
        yield note(
            "data.frame_strides",
            f"no sequence is long enough for clips of {frames} frames at the strides {wide}.",
            "They are left out. Shorter clips or longer sequences would use them.",
        )


def little_data(study: Study) -> Iterator[Finding]:
    """Compare the amount of data with rules of thumb."""
    train = study.split("train")
    frames, clips = sum(case.sequence.frames for case in train), clips_per_epoch(study)
    if train and frames < LEAST_FRAMES:
        yield note(
            study.where,
            f"there are {frames} frames to train on, which is very little.",
            "F will learn them by heart. A few thousand frames of one person or scene are usual, tens of thousands of "
            "many; random changes (data.augment) help somewhat.",
        )
    if 0 < clips < LEAST_CLIPS:
        yield note(
            study.where,
            f"an epoch has only {count(clips, 'clip')}: validations and checkpoints come often and cost time.",
            f"Set data.repeats={-(-LEAST_CLIPS * study.loader.repeats // clips)} to make epochs longer.",
        )


def _listed(cases: list[Case]) -> str:
    named = ", ".join(f"{case.sequence.name} ({case.sequence.frames})" for case in cases[:_SHOWN])
    return f"{named} and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else named
