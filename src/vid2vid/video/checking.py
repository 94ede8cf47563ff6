"""Does decord return the right frames of a file? Found out by comparing, since it does not notice by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.video.frame import VideoFrame
from tqdm import tqdm

from vid2vid.errors import VideoError
from vid2vid.video.decoding import decode
from vid2vid.video.folder import check_folder, is_folder
from vid2vid.video.header import Header
from vid2vid.video.reading import open_frames
from vid2vid.video.streaming import to_rgb
from vid2vid.video.suspect import Suspect

# Share by which the measured rate of frames may differ from the header's, since the times of some formats are guesses.
_SAME_RATE = 0.2
_PROGRESS_DELAY = 2.0


@dataclass(frozen=True)
class Inspection:
    """What is known about a video, and whether decord reads it rightly.

    Attributes:
        frames: Number of frames there really are.
        height: Pixels of an upright frame.
        width: Pixels of an upright frame.
        fps: Frames a second, on average.
        exact: Whether decord returns the right frame for every index.
        reason: Why not; empty when ``exact``.
    """

    frames: int
    height: int
    width: int
    fps: float
    exact: bool
    reason: str = ""


def inspect(path: Path) -> Inspection:
    """Find out whether random access through decord gives the frames that PyAV decodes in order.

    decord errs silently after jumps in AVI and in H.264 and HEVC with open GOPs, in files with edit lists, and in
    MPEG-TS from the start; it cannot open AV1. The file is decoded from end to end by both, and then round its
    keyframes backwards, because forward jumps hide the fault.

    Args:
        path: Video file or folder of images; a folder is always exact, of its images only the heads are looked at.

    Raises:
        VideoError: There is no such file, it is no video, a frame is damaged, or it was cut short.
    """
    if is_folder(path):
        check_folder(path)
        reader = open_frames(path)
        return Inspection(len(reader), reader.height, reader.width, reader.fps, exact=True)
    header = Header.read(path)
    suspect = Suspect(path)
    times: list[float | None] = []
    for frame in _with_progress(decode(path), path, header.frames):
        truth = to_rgb(frame)
        suspect.compare(len(times), truth)
        times.append(frame.time)
    suspect.jump(len(times))
    height, width = truth.shape[:2]
    fps = _rate(times, header.fps)
    return Inspection(len(times), height, width, fps, exact=not suspect.fault, reason=suspect.fault)


def _rate(times: list[float | None], promised: float) -> float:
    """Return frames a second: what the header says, unless the times of the frames say something else."""
    first, last = times[0], times[-1]
    if first is None or last is None or last <= first:
        return promised
    measured = (len(times) - 1) / (last - first)
    return promised if abs(measured - promised) <= _SAME_RATE * promised else measured


def _with_progress(frames: Iterator[VideoFrame], path: Path, total: int | None) -> Iterator[VideoFrame]:
    """Show a bar with the rate for files that take long."""
    yield from tqdm(frames, f"inspecting {path.name}", total, unit="frame", delay=_PROGRESS_DELAY, leave=False)


def system_failed(error: VideoError) -> bool:
    """Whether an error is the system's, as that of a full disk, which must not pass for a broken video."""
    cause = error.__cause__
    if not isinstance(cause, OSError) or isinstance(cause, av.FFmpegError | FileNotFoundError):
        return False
    return cause.errno is not None  # those that Pillow raises about an image have no number
