"""The reference flow, which W learns from: can it be trusted, and how fast does it go?"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from vid2vid.flow.store import FlowStore
from vid2vid.ops import to_images
from vid2vid.tools.doctor.finding import Finding, place, warning
from vid2vid.tools.doctor.study import Case, Stretch

_TRUSTED = 0.5
"""Part of the pixels whose flow should be trusted."""
_FAST = 1 / 8
"""Part of the picture's width from frame to frame that is a large motion."""


class Motion(NamedTuple):
    """The reference flow from one frame back to the one before.

    Attributes:
        trusted: Part of the pixels whose flow is trusted.
        speed: Length that 5 % of the trusted vectors exceed, as a part of the picture's width.
    """

    trusted: float
    speed: float


def motion(stretch: Stretch) -> Motion | None:
    """Measure the flow between the first two frames of a stretch, framed as a training would see it.

    Raises:
        DataError: The flow that the data brings cannot be read.
        MissingExtraError: The flow estimator is not installed.
        ConfigError: Its weights are missing.
    """
    target = stretch.case.parts.get("target")
    if target is None or len(stretch.frames) < 2:
        return None
    vectors, confidence = _brought(stretch) if stretch.case.sequence.flow else _estimated(stretch)
    length, sure = np.hypot(vectors[0], vectors[1]), confidence[0] > 0.5
    speed = float(np.quantile(length[sure], 0.95)) if sure.any() else 0.0
    return Motion(float(confidence.mean()), speed / vectors.shape[-1])


def _brought(stretch: Stretch) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    sequence, study = stretch.case.sequence, stretch.case.study
    assert sequence.flow is not None  # noqa: S101 - `motion` asks
    vectors, confidence = FlowStore(sequence.flow).read(1, stretch.frames[0] - sequence.start, 1)
    vectors, confidence = study.crop_resize.flow(vectors, confidence)
    return vectors[0], confidence[0]


def _estimated(stretch: Stretch) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    study, frames = stretch.case.study, stretch.pictures("target")
    assert frames is not None  # noqa: S101 - `motion` asks
    images = to_images(torch.from_numpy(study.crop_resize.images(frames[:2])).permute(0, 3, 1, 2))
    flow = study.flow_estimator(images[:1], images[1:])
    return flow.vectors[0].cpu().numpy(), flow.confidence[0].cpu().numpy()


def unclear_motion(case: Case) -> Iterator[Finding]:
    """Find sequences in which the reference flow is mostly not to be trusted."""
    parts = case.of(motion)
    trusted = float(np.mean([part.trusted for part in parts])) if parts else 1.0
    if trusted < _TRUSTED:
        yield warning(
            place(case.sequence.target),
            f"the reference flow can be trusted in {trusted:.0%} of the pixels only ({len(parts)} pairs of frames).",
            "W learns little from it. Cuts, noise, blur or too few frames a second are the usual causes; "
            "flow_estimator=raft finds more than flow_estimator=dis.",
        )


def large_motion(case: Case) -> Iterator[Finding]:
    """Find sequences in which much moves far from one frame to the next."""
    parts = case.of(motion)
    speed = float(np.median([part.speed for part in parts])) if parts else 0.0
    if speed > _FAST:
        yield warning(
            place(case.sequence.target),
            f"things move by {speed:.0%} of the width from one frame to the next, which is far for W to follow.",
            "Use all frames of the video (data.frame_strides=[1], a higher frame rate), or smaller pictures.",
        )
