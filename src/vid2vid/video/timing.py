"""The times at which frames are shown, for videos with a variable frame rate."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.damage import DAMAGED
from vid2vid.video.decoding import open_container
from vid2vid.video.images import is_folder

Times: TypeAlias = NDArray[np.float64] | None
"""Seconds from the first frame to each frame, ``(T,)``, ascending; None: the rate is constant."""

# Containers round times to milliseconds.
_ROUNDING = 0.002
# A video that lasts more than this many times as long as its usual frame rate says consists mostly of gaps.
_MOSTLY_GAPS = 10


def frame_times(path: Path) -> Times:
    """Return when each frame of a video is shown, without decoding it; None if the rate is constant.

    Args:
        path: Video file or folder of images; a folder has a constant rate.

    Raises:
        VideoError: The file cannot be read, or holds no video.
    """
    if is_folder(path):
        return None
    ticks: list[int | None] = []
    with open_container(path) as (container, stream):
        try:
            for packet in container.demux(stream):
                # frames outside of an edit list are decoded, but not shown
                if packet.size and not packet.is_discard:
                    ticks.append(packet.dts if packet.pts is None else packet.pts)
        except (av.FFmpegError, OSError) as error:
            raise VideoError(f"{path}: cannot be read to its end ({error}); {DAMAGED}") from error
        shown = sorted(tick for tick in ticks if tick is not None)
        if len(shown) < len(ticks) or not shown or stream.time_base is None:  # the format has no times
            return None
        times = (np.array(shown) - shown[0]) * float(stream.time_base)
    return times if unevenness(times) > _ROUNDING else None


def unevenness(times: NDArray[np.float64]) -> float:
    """Return the largest difference, in seconds, between a frame's time and its time at the mean rate."""
    if len(times) < 3 or times[-1] <= 0:
        return 0.0
    return float(np.abs(times - np.linspace(0, times[-1], len(times))).max())


def seconds_at(times: Times | Sequence[float], fps: float, index: int) -> float:
    """Return when a frame is shown, in seconds; frames after the last known time follow at ``fps``."""
    if times is None:
        return index / fps
    last = len(times) - 1
    return float(times[index]) if index <= last else float(times[last]) + (index - last) / fps


def usual_rate(times: NDArray[np.float64]) -> float:
    """Return the constant rate, in frames a second, that fits most frames: one over their median duration."""
    mean, usual = (len(times) - 1) / times[-1], 1 / max(float(np.median(np.diff(times))), 1e-3)
    return float(usual if usual <= _MOSTLY_GAPS * mean else mean)


def repeats(times: NDArray[np.float64], fps: float) -> NDArray[np.int64]:
    """Return how often each frame is shown, ``(T,)``, when the frames are resampled to a constant rate.

    The k-th picture is the frame that is shown at k / fps; a frame that is shown 0 times is dropped.
    """
    first = np.ceil(np.append(times, times[-1] + 1 / fps) * fps - 1e-3).astype(np.int64)
    first[-1] = max(first[-1], first[-2] + 1)
    return np.diff(first)
