"""Extraction of conditions from videos: its result, and the steps that the kinds of conditions share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from vid2vid.config import VideoConfig
from vid2vid.errors import DataError, VideoError
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.keypoints.repair import interpolate, smooth
from vid2vid.video import frame_times


@dataclass(frozen=True)
class Extraction:
    """The files that were extracted from a video.

    Attributes:
        source: The file of the conditions; the video itself where they are computed from it.
        frames: Number of frames of the video.
        foreground: The video of the silhouettes; empty: none.
        background: The video of the background's edges; empty: none.
        missing: The frames in which nobody is found.
        report: A warning in words; empty: nothing to say.
    """

    source: Path
    frames: int
    foreground: str = ""
    background: str = ""
    missing: tuple[range, ...] = ()
    report: str = ""


def save_keypoints(found: Keypoints, target: Path, source: Path, config: VideoConfig) -> Extraction:
    """Fill in short gaps, smooth over time and write the keypoints of the video ``target`` to ``source``."""
    times = frame_times(target)
    timed = replace(found, times=times if times is not None and len(times) == len(found) else None)
    repaired, report = interpolate(timed, config.longest_gap)
    smooth(repaired, config.smooth).save(source)
    return Extraction(source, len(found), missing=report.missing, report=str(report) if report.empty else "")


@contextmanager
def name_errors(target: Path) -> Iterator[None]:
    """Put the path of a video in front of the errors that a detector raises about its frames."""
    try:
        yield
    except VideoError:
        raise
    except DataError as error:
        raise VideoError(f"{target}: {error}") from error
