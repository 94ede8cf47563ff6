"""Checks of the reference flow, from which W learns: can it be trusted, and how large is the motion?"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch

from vid2vid.flow.store import FlowStore
from vid2vid.ops import to_images
from vid2vid.tools.doctor.checked_data import CheckedSequence, FrameRun
from vid2vid.tools.doctor.finding import Finding, place, warning

_TRUSTED = 0.5
"""Part of the pixels whose flow should be trusted."""
_FAST = 1 / 8
"""Part of the picture's width from frame to frame that is a large motion."""


class ReferenceMotion(NamedTuple):
    """The reference flow from one frame back to the one before.

    Attributes:
        trusted: Part of the pixels whose flow is trusted.
        speed: Length that 5 % of the trusted vectors exceed, as a part of the picture's width.
    """

    trusted: float
    speed: float


def reference_motion(run: FrameRun) -> ReferenceMotion | None:
    """Measure the flow between the first two frames of a run, framed as a training would see it.

    Raises:
        DataError: The flow that the data set brings cannot be read.
        MissingExtraError: The flow estimator is not installed.
        ConfigError: Its weights are missing.
    """
    dataset, entry, frames = run.sequence.dataset, run.sequence.entry, run.pictures("target")
    if frames is None or len(frames) < 2:
        return None
    if entry.flow is not None:
        brought = FlowStore(entry.flow).read(1, run.frames[0] - entry.start, 1)
        (vectors,), (confidence,) = dataset.crop_resize.flow(*brought)
    else:
        images = to_images(torch.from_numpy(dataset.crop_resize.images(frames[:2])).permute(0, 3, 1, 2))
        flow = dataset.flow_estimator(images[:1], images[1:])
        vectors, confidence = flow.vectors[0].cpu().numpy(), flow.confidence[0].cpu().numpy()
    length, sure = np.hypot(vectors[0], vectors[1]), confidence[0] > 0.5
    speed = float(np.quantile(length[sure], 0.95)) if sure.any() else 0.0
    return ReferenceMotion(float(confidence.mean()), speed / vectors.shape[-1])


def unclear_motion(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find sequences in which most of the reference flow cannot be trusted."""
    parts = sequence.of(reference_motion)
    trusted = float(np.mean([part.trusted for part in parts])) if parts else 1.0
    if trusted < _TRUSTED:
        yield warning(
            place(sequence.entry.target),
            f"the reference flow can be trusted in only {trusted:.0%} of the pixels ({len(parts)} pairs of frames).",
            "W learns little from it. Cuts, noise, blur or too few frames a second are the usual causes; "
            "flow_estimator=raft finds more than flow_estimator=dis.",
        )


def large_motion(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find sequences in which much moves far from one frame to the next."""
    parts = sequence.of(reference_motion)
    speed = float(np.median([part.speed for part in parts])) if parts else 0.0
    if speed > _FAST:
        yield warning(
            place(sequence.entry.target),
            f"things move by {speed:.0%} of the width from one frame to the next, too far for W to follow.",
            "Use all frames of the video (data.frame_strides=[1], a higher frame rate), or smaller pictures.",
        )
