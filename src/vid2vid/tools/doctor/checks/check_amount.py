"""Checks of the amount of data: long enough sequences, enough frames and clips, splits that are there and apart."""

from collections.abc import Iterator

from vid2vid.data.manifest import SPLITS
from vid2vid.data.sampler import Curriculum, span
from vid2vid.errors import listed
from vid2vid.tools.doctor.checked_data import CheckedDataset, CheckedSequence
from vid2vid.tools.doctor.checks.check_frames import whole_timeline
from vid2vid.tools.doctor.finding import Finding, count, error, note, place, warning

LEAST_FRAMES = 1000
"""Frames to train on below which F learns them by heart; people have trained on a few thousand of one scene."""
LEAST_CLIPS = 50
"""Clips an epoch should have, or validation and checkpoints come every few seconds."""

_VAL_FRAMES = 2
_SHOWN = 5


def missing_splits(dataset: CheckedDataset) -> Iterator[Finding]:
    """Find splits without a sequence."""
    for name in SPLITS:
        if not dataset.split(name):
            yield error(
                dataset.where,
                f"no sequence is in the split {name}.",
                "Hold some out to see what F makes of what it was not trained on: set the split of one or more "
                "sequences to val."
                if name == "val"
                else "Set the split of some sequences to train.",
            )


def leaks(dataset: CheckedDataset) -> Iterator[Finding]:
    """Find held-out frames that are trained on: F would be validated on what it knows."""
    train = dataset.split("train")
    seen = {digest: sequence for sequence in train for digest in _digests(sequence)}
    for sequence in dataset.split("val"):
        same_file = [other for other in train if _overlap(other, sequence)]
        same_frames = [seen[digest] for digest in _digests(sequence) if digest in seen]
        for other in (same_file or same_frames)[:1]:
            how = "shares frames of the same file with" if same_file else "shows the very same frames as"
            yield warning(
                place(sequence.entry.target),
                f"{sequence.where} of the split val {how} {other.where} of the split train.",
                "The numbers of the validation would look better than they are: keep the two apart.",
            )


def clips_per_epoch(dataset: CheckedDataset) -> int:
    """Return how many clips the first epoch has (see `vid2vid.data.sampler.WindowSampler`)."""
    frames = dataset.loader.clip_frames
    return dataset.loader.repeats * sum(sequence.entry.frames // frames for sequence in dataset.split("train"))


def short_sequences(dataset: CheckedDataset) -> Iterator[Finding]:
    """Find sequences that are shorter than a clip, and say which clips would fit."""
    longest = Curriculum.of(dataset.loader).longest
    train = [sequence.entry for sequence in dataset.split("train")]
    short = [entry for entry in train if entry.frames < longest]
    if short:
        key = "data.clip_frames_max" if longest > dataset.loader.clip_frames else "data.clip_frames"
        fits = min(entry.frames for entry in short)
        enough = fits > dataset.generator.past_frames
        named = listed([f"{entry.name} ({entry.frames})" for entry in short], _SHOWN)
        yield error(
            place(short[0].target),
            f"{named}: too short for clips of {longest} frames ({len(short)} of {len(train)} sequences).",
            f"{key}={fits} would fit all of them; or leave them out." if enough else "Leave them out.",
        )
    for sequence in dataset.split("val"):
        if sequence.entry.frames < _VAL_FRAMES:
            yield error(
                place(sequence.entry.target),
                f"{sequence.where} of the split val has {count(sequence.entry.frames, 'frame')}, but needs at least "
                f"{_VAL_FRAMES}.",
                "Give it more frames, or leave it out.",
            )


def short_clips(dataset: CheckedDataset) -> Iterator[Finding]:
    """Find clips that leave no frame for F to synthesise, or for D_V to judge."""
    frames, past = dataset.loader.clip_frames, dataset.generator.past_frames
    if frames <= past:
        yield error(
            "data.clip_frames",
            f"clips of {frames} frames leave nothing to synthesise after the {past} that F is given.",
            f"Set data.clip_frames to {past + 1} at least; {past + 6} is a good start.",
        )


def wide_strides(dataset: CheckedDataset) -> Iterator[Finding]:
    """Find temporal strides at which no clip fits into any sequence."""
    frames = dataset.loader.clip_frames
    longest = max((sequence.entry.frames for sequence in dataset.split("train")), default=0)
    wide = [stride for stride in dataset.loader.frame_strides if stride > 1 and span(frames, stride) > longest]
    if wide and longest >= frames:
        yield note(
            "data.frame_strides",
            f"no sequence is long enough for clips of {frames} frames at the strides {wide}.",
            "They are left out. Shorter clips or longer sequences would use them.",
        )


def little_data(dataset: CheckedDataset) -> Iterator[Finding]:
    """Compare the amount of data with rules of thumb."""
    train = dataset.split("train")
    frames, clips = sum(sequence.entry.frames for sequence in train), clips_per_epoch(dataset)
    if train and frames < LEAST_FRAMES:
        yield note(
            dataset.where,
            f"there are {frames} frames to train on, which is very little.",
            "F will learn them by heart. A few thousand frames of one person or scene are usual, tens of thousands of "
            "many; random changes (data.augment) help somewhat.",
        )
    if 0 < clips < LEAST_CLIPS:
        yield note(
            dataset.where,
            f"an epoch has only {count(clips, 'clip')}: validations and checkpoints come often and cost time.",
            f"Set data.repeats={-(-LEAST_CLIPS * dataset.loader.repeats // clips)} to make epochs longer.",
        )


def _overlap(one: CheckedSequence, other: CheckedSequence) -> bool:
    """Tell whether two sequences share frames of one file."""
    first, second = one.entry, other.entry
    if first.target != second.target:
        return False
    return max(first.start, second.start) < min(first.start + first.frames, second.start + second.frames)


def _digests(sequence: CheckedSequence) -> list[str]:
    """Return the hashes of the measured frames, without those that show nothing: black ones are alike everywhere."""
    line = whole_timeline(sequence)
    return [str(digest) for digest in line["digest"][~line["plain"]]]
