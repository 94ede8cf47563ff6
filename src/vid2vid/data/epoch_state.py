"""`EpochState`: the state of the data in a checkpoint, to resume a training exactly where it was in its epoch."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vid2vid.data.formats.frame_files import frame_files
from vid2vid.data.manifest import VideoSequence
from vid2vid.data.sampler import WindowSampler
from vid2vid.digests import sample_digest
from vid2vid.errors import CheckpointError

_SETTINGS = ("data.seed", "data.repeats", "data.clip_frames", "data.frame_strides")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EpochState:
    """The progress of an epoch, and what decides its windows.

    Attributes:
        windows: How many windows of the epoch have been trained on, by all processes together.
        settings: The settings that decide the windows of the epoch.
        sequences: For each training sequence, its number of frames and a digest of samples of its files.
    """

    windows: int
    settings: dict[str, Any]
    sequences: dict[str, list[Any]]

    @classmethod
    def of(cls, sampler: WindowSampler, windows: int, sequences: dict[str, list[Any]]) -> "EpochState":
        """Return the state of a sampler's current epoch; ``sequences`` comes from `describe_sequences`."""
        values = (sampler.seed, sampler.repeats, sampler.frames, list(sampler.curriculum.strides))
        return cls(windows, dict(zip(_SETTINGS, values, strict=True)), sequences)


def describe_sequences(sequences: Iterable[VideoSequence]) -> dict[str, list[Any]]:
    """Return, for each sequence, its number of frames and a digest of samples of its target and conditions.

    Only samples are read, since reading everything would delay the first batch.
    """
    found = {}
    for one in sequences:
        paths = dict.fromkeys([one.target, one.source])
        files = [frame_files(path) or [path] for path in paths]
        some = [file for images in files for file in (images[0], images[len(images) // 2], images[-1])]
        found[one.name] = [one.frames, sample_digest(some)]
    return found


def windows_done(stored: Mapping[str, Any], sampler: WindowSampler, mid_epoch: bool) -> int:
    """Return how many windows of the epoch are done when a training resumes, with any processes and batch size.

    Args:
        stored: The fields of `EpochState` when the checkpoint was written.
        sampler: The sampler of the resumed training, set to the epoch in which it resumes.
        mid_epoch: Whether the checkpoint was written within an epoch.

    Returns:
        0 at the beginning of an epoch, where changed data only causes a warning.

    Raises:
        CheckpointError: The epoch would now have other windows, so its rest is not known, or the rest is too short for
            the number of processes.
    """
    before = EpochState(**stored)
    now = EpochState.of(sampler, before.windows, describe_sequences(sampler.sequences))
    data = _changed_data(before.sequences, now.sequences)
    if not mid_epoch:
        if data:
            _log.warning("the training data differ from those that this training started with: %s", data)
        return 0
    settings = before.settings.items()
    changes = [f"{key}={now.settings[key]} (before: {old})" for key, old in settings if now.settings[key] != old]
    changes += [data] if data else []
    ways_out = (
        "resume from a checkpoint of the end of an epoch (resume=RUN_DIR/checkpoints/epoch_NNNN.ckpt), or start a "
        "new training with init_from=..."
    )
    if changes:
        raise CheckpointError(
            f"the checkpoint was written within epoch {sampler.epoch}, the rest of which would now have other clips: "
            f"{'; '.join(changes)}. Give the same as before, {ways_out}"
        )
    left = sampler.epoch_windows - before.windows
    if left < sampler.num_replicas:
        raise CheckpointError(
            f"the checkpoint was written within epoch {sampler.epoch}, of which {left} clips are left, too few for "
            f"{sampler.num_replicas} processes. Resume with at most {max(left, 1)}, {ways_out}"
        )
    return before.windows


def _changed_data(before: Mapping[str, list[Any]], now: Mapping[str, list[Any]]) -> str:
    """Return how the sequences differ, in words; empty if they do not."""
    if list(before.items()) == list(now.items()):
        return ""
    parts = {
        "missing": [name for name in before if name not in now],
        "new": [name for name in now if name not in before],
        "with other content": [name for name in now if name in before and list(before[name]) != list(now[name])],
    }
    told = [f"{len(names)} {how}, such as {names[0]}" for how, names in parts.items() if names]
    return "sequences: " + (", ".join(told) or "in another order")
