"""Extraction of conditions from videos: its result, and steps that several kinds of conditions share."""

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
        source: The file of the conditions; the video itself if they are computed from its frames.
        frames: Number of frames of the video.
        foreground: The video of the silhouettes; empty: none.
        background: The video of the background's edges; empty: none.
        missing: The frames in which nobody was found.
        report: A warning in words; empty: none.
    """

    source: Path
    frames: int
    foreground: str = ""
    background: str = ""
    missing: tuple[range, ...] = ()
    report: str = ""


def save_keypoints(found: Keypoints, target: Path, source: Path, config: VideoConfig) -> Extraction:
    """Fill short gaps in the keypoints of the video ``target``, smooth them over time and write them to ``source``."""
    times = frame_times(target)
    timed = replace(found, times=times if times is not None and len(times) == len(found) else None)
    repaired, report = interpolate(timed, config.longest_gap)
    smooth(repaired, config.smooth).save(source)
    return Extraction(source, len(found), missing=report.missing, report=str(report) if report.empty else "")


@contextmanager
def name_errors(target: Path) -> Iterator[None]:
    """Add the path of a video to the errors that a detector raises about its frames."""
    try:
        yield
    except VideoError:
        raise
    except DataError as error:
        raise VideoError(f"{target}: {error}") from error
