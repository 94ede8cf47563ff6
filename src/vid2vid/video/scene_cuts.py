"""Cuts between the scenes of a video, found by PySceneDetect; no training clip may contain one."""

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from vid2vid.errors import require
from vid2vid.video.file_cache import FORMAT, cached_answer, file_key
from vid2vid.video.progress import watched_frames

# Wider frames are first reduced by a whole number: the cuts are the same, and detection is several times as fast.
_WIDTH = 256
# Smallest change at a cut, relative to the frames around it and absolute (of 255): the detector's defaults, and a
# smaller relative change with the absolute one of PySceneDetect's other detector, so that fast movement hides no cut.
_THRESHOLDS = (
    {"adaptive_threshold": 3.0, "min_content_val": 15.0},
    {"adaptive_threshold": 2.0, "min_content_val": 27.0},
)


def find_cuts(path: Path, cache: Path) -> list[int]:
    """Return the index of the first frame of each new scene, ascending, without frame 0.

    PySceneDetect's adaptive detector compares each frame's change of colour with that of the two before and after it,
    so fast movement is no cut. Slow fades are no cuts either, and the first and last two frames never are. The answer
    is cached until the file changes.

    Args:
        path: Video file or folder of images.
        cache: Folder for the answers; it is made if it is missing.

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
    """Return the cuts of a video and its number of frames, computed or from the cache."""
    versions = {"format": FORMAT, "scenedetect": str(require("scenedetect", "cuts").__version__)}
    record = cache / f"{file_key(path)}.cuts.json"
    return cached_answer(
        record, path, versions, lambda: _detect(path), lambda found: ([int(cut) for cut in found[0]], int(found[1]))
    )


def _detect(path: Path) -> tuple[list[int], int]:
    adaptive = require("scenedetect.detectors", "cuts").AdaptiveDetector
    timecode = require("scenedetect.common", "cuts").FrameTimecode
    detectors = [adaptive(**thresholds, min_scene_len=1) for thresholds in _THRESHOLDS]
    cuts: set[int] = set()
    for index, frame in enumerate(watched_frames(path, f"cuts of {path.name}")):
        factor = max(1, frame.shape[1] // _WIDTH)
        size = (frame.shape[1] // factor, frame.shape[0] // factor)
        small = cv2.cvtColor(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR).astype(np.uint8)
        # the detectors count in frames; the rate that a time code needs has no effect
        now = timecode(index, 25.0)
        cuts.update(cut.frame_num for detector in detectors for cut in detector.process_frame(now, small))
    return sorted(cuts), index + 1
