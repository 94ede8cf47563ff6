"""Cuts inside videos, where one scene ends and the next begins: no clip may reach across one."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.errors import VideoError, require
from vid2vid.video.header import Header
from vid2vid.video.streaming import stream_frames
from vid2vid.video.verdicts import identity, recall, remember

# Larger frames are made smaller by a whole number first; cuts are as plain, and found several times as fast.
_WIDTH = 256
# At least so many times the change of the frames around it, and at least so much (of 255): the detector's defaults; and
# less plain ones that are as large as PySceneDetect's other detector wants them, so that fast movement hides no cut.
_THRESHOLDS = (
    {"adaptive_threshold": 3.0, "min_content_val": 15.0},
    {"adaptive_threshold": 2.0, "min_content_val": 27.0},
)
_PROGRESS_DELAY = 2.0


def find_cuts(path: Path, cache: Path) -> list[int]:
    """Return the index of the first frame of each new scene, ascending, without the very first.

    PySceneDetect's adaptive detector compares each frame's change of colour with that of the two before and after it,
    so that fast movement is no cut. Slow fades are none either, nor is one at the first or last two frames. The answer
    is kept until the file changes, as verdicts are.

    Args:
        path: Video file or folder of images.
        cache: Folder for what is computed once; it is made.

    Raises:
        MissingExtraError: The extra ``cuts`` is not installed.
        VideoError: The video cannot be read, or the cache folder cannot be written.
    """
    return _cuts_and_frames(path, cache)[0]


def scenes(path: Path, cache: Path) -> list[range]:
    """Return the frames of each scene of a video, in order; see `find_cuts`.

    Raises:
        MissingExtraError: The extra ``cuts`` is not installed.
        VideoError: The video cannot be read, or the cache folder cannot be written.
    """
    cuts, frames = _cuts_and_frames(path, cache)
    return [range(start, stop) for start, stop in pairwise([0, *cuts, frames])]


def _cuts_and_frames(path: Path, cache: Path) -> tuple[list[int], int]:
    """Return the cuts of a video and its number of frames, from the cache if they were asked for before."""
    versions = {"scenedetect": str(require("scenedetect", "cuts").__version__)}
    memory = cache / f"{identity(path)}.cuts.json"
    known = recall(memory, versions)
    if known is None:
        cuts, frames = _detect(path)
        known = {"cuts": cuts, "frames": frames}
        remember(memory, known, path, versions)
    try:
        return [int(cut) for cut in known["cuts"]], int(known["frames"])
    except (KeyError, TypeError, ValueError) as error:
        raise VideoError(f"{memory}: holds no cuts of a video ({error!r}); delete it.") from error


def _detect(path: Path) -> tuple[list[int], int]:
    detectors, common = require("scenedetect.detectors", "cuts"), require("scenedetect.common", "cuts")
    found_by = [detectors.AdaptiveDetector(**thresholds, min_scene_len=1) for thresholds in _THRESHOLDS]
    bar = tqdm(
        stream_frames(path), f"cuts of {path.name}", Header.read(path).frames, unit="frame", delay=_PROGRESS_DELAY
    )
    cuts: set[int] = set()
    for index, frame in enumerate(bar):
        # they count in frames; that they need a rate too has no effect
        now, small = common.FrameTimecode(index, 25.0), _small(frame)
        cuts.update(cut.frame_num for detector in found_by for cut in detector.process_frame(now, small))
    return sorted(cuts), index + 1


def _small(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a frame as small as it may be, in OpenCV's order of colours."""
    factor = max(1, frame.shape[1] // _WIDTH)
    size = (frame.shape[1] // factor, frame.shape[0] // factor)
    return cv2.cvtColor(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR).astype(np.uint8)
