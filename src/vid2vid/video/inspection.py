"""Inspection of videos: whether decord returns the right frames, by comparison with PyAV.

decord raises no error when it returns wrong frames.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2
import decord
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.allow_list import refusal
from vid2vid.video.decoding import Header, decode, to_rgb
from vid2vid.video.doubts import INTERLACED, VARIABLE, doubts
from vid2vid.video.file_cache import FORMAT, cached_answer, file_key
from vid2vid.video.images import ImageFolder, check_folder, is_folder, read_image
from vid2vid.video.progress import progress
from vid2vid.video.reading import DecordFrames
from vid2vid.video.timing import unevenness

# The header's frame rate is used if it differs from the measured one by no more than this share: some formats have
# inaccurate times.
_SAME_RATE = 0.2
# Largest mean difference, in levels 0..255, between decord's and PyAV's versions of a frame, which round differently.
_SAME_PICTURE = 0.5
# Seeking goes wrong around keyframes: it is tested for this many of them, at the frame before and at some from it on.
_KEYFRAMES = 100
_AFTER_KEYFRAME = 4


@dataclass(frozen=True)
class Inspection:
    """Size, length and frame rate of a video, and whether decord reads it correctly.

    Attributes:
        frames: Number of frames that decoding yields.
        height: Pixels of an upright frame.
        width: Pixels of an upright frame.
        fps: Frames a second, on average.
        exact: Whether decord returns the right frame for every index.
        reason: Why not; empty when ``exact``.
        doubts: Warnings about what is lost in reading (`vid2vid.video.doubts`) or would spoil a training.
    """

    frames: int
    height: int
    width: int
    fps: float
    exact: bool
    reason: str = ""
    doubts: list[str] = field(default_factory=list)


def inspect(path: Path) -> Inspection:
    """Find out whether random access through decord returns the frames that PyAV decodes in order.

    decord fails silently after seeks in H.264 and HEVC with open GOPs and in files with edit lists, ignores mirroring,
    and mixes the fields of interlaced frames. It is given a file only if PyAV has decoded all of it and its codecs are
    allowed (`refusal`). Both then decode the file from end to end, and decord the frames around keyframes backwards,
    because forward seeks hide the fault.

    Args:
        path: Video file or folder of images; a folder is always exact, and only the headers of its images are read.

    Raises:
        VideoError: The file is missing, not a video or was cut short, or a frame is damaged.
    """
    if is_folder(path):
        check_folder(path)
        reader = ImageFolder(path, read_image)
        return Inspection(len(reader), reader.height, reader.width, reader.fps, exact=True)
    header = Header.read(path)
    times: list[float | None] = []
    interlaced = False
    for frame in progress(decode(path), f"inspecting {path.name}", header.frames or header.estimated_frames):
        times.append(frame.time)
        interlaced = interlaced or frame.interlaced_frame
    height, width = to_rgb(frame, header.pixel_width).shape[:2]
    fps, first, last = header.fps, times[0], times[-1]
    if first is not None and last is not None and last > first:
        measured = (len(times) - 1) / (last - first)
        fps = fps if abs(measured - fps) <= _SAME_RATE * fps else measured
    fault = "its frames are interlaced, whose fields decord mixes" if interlaced else refusal(path)
    if not fault:
        frames = progress(decode(path), f"comparing {path.name}", len(times))
        fault = _decord_fault(path, (to_rgb(frame, header.pixel_width) for frame in frames), len(times))
    found = doubts(path)
    if interlaced and INTERLACED not in found:
        found.append(INTERLACED)
    if unevenness(np.array([time for time in times if time is not None]) - (first or 0)) > 0.5 / fps:
        found.append(VARIABLE)
    return Inspection(len(times), height, width, fps, exact=not fault, reason=fault, doubts=found)


def cached_inspection(path: Path, cache: Path) -> Inspection:
    """Return the result of `inspect` for a file, from the cache if it was inspected before.

    A cached result is valid until the file's content, the version of decord or PyAV, or `FORMAT` changes. Damage is
    cached, too.

    Args:
        path: Video file.
        cache: Folder for the results; it is made if it is missing.

    Raises:
        VideoError: The file is damaged or not a video (see `inspect`), or the cache folder cannot be written.
    """

    def found() -> dict[str, Any] | str:
        try:
            return asdict(inspect(path))
        except VideoError as error:
            if isinstance(error.__cause__, OSError | MemoryError):  # not the file's fault, and perhaps temporary
                raise
            return str(error).removeprefix(f"{path}: ")

    record = cache / f"{file_key(path)}.inspection.json"
    versions = {"format": FORMAT, "decord": decord.__version__, "av": av.__version__}
    answer = cached_answer(
        record, path, versions, found, lambda known: known if isinstance(known, str) else Inspection(**known)
    )
    if isinstance(answer, str):
        # the same content may have been inspected under another path
        raise VideoError(f"{path}: {answer}")
    return answer


def is_system_error(error: VideoError) -> bool:
    """Whether an error comes from the system, such as a full disk, and not from a damaged video."""
    cause = error.__cause__
    if not isinstance(cause, OSError) or isinstance(cause, av.FFmpegError | FileNotFoundError):
        return False
    return cause.errno is not None  # Pillow's errors about images have no number


class _Pair(NamedTuple):
    """decord's frame and the true one, ``(H, W, 3)`` each."""

    frame: NDArray[np.uint8]
    truth: NDArray[np.uint8]


def _decord_fault(path: Path, truth: Iterable[NDArray[np.uint8]], count: int) -> str:
    """Compare decord's frames with the ``count`` true ones, in order and then after seeking backwards.

    Returns:
        The first difference, or an empty string.
    """
    try:
        fault, fingerprints = _fault_in_order(path, truth, count)
        return fault or _fault_after_jumps(path, fingerprints)
    except VideoError as error:
        return str(error).removeprefix(f"{path}: ")


def _fault_in_order(path: Path, truth: Iterable[NDArray[np.uint8]], count: int) -> tuple[str, dict[int, bytes]]:
    """Return the first difference, and fingerprints of the frames to be read again after seeks."""
    reader, before = DecordFrames(path), None
    fault = _time_fault(reader.times())
    if not fault and len(reader) != count:
        fault = f"decord counts {len(reader)} frames, but there are {count}"
    if fault:
        return fault, {}
    # both ends of the video, and frames around evenly spread keyframes
    keyframes = reader.keyframes()
    spread = np.linspace(0, len(keyframes) - 1, min(len(keyframes), _KEYFRAMES)).round().astype(int)
    near = (range(keyframes[i] - 1, keyframes[i] + _AFTER_KEYFRAME) for i in spread)
    tried = {0, count - 1, *(index for indices in near for index in indices)}
    fingerprints: dict[int, bytes] = {}
    for index, pair in enumerate(map(_Pair, reader.in_order(), truth)):
        if not _same_picture(*pair) or _off_by_one(before, pair):
            return f"decord's frame {index} is another picture", {}
        if index in tried:
            fingerprints[index] = _fingerprint(pair.frame)
        before = pair
    return "", fingerprints


def _fault_after_jumps(path: Path, fingerprints: dict[int, bytes]) -> str:
    reader = DecordFrames(path)
    for index in sorted(fingerprints, reverse=True):
        if _fingerprint(reader.read([index])[0]) != fingerprints[index]:
            return f"decord returns another picture after a jump to frame {index}"
    return ""


def _time_fault(times: NDArray[np.float64]) -> str:
    """Return what is wrong with the times that decord read, or an empty string."""
    if not np.isfinite(times).all() or abs(times[0]) > 1e6:
        return "the file has no timestamps that decord understands"
    if times[0] < -1e-3:
        return "the file starts before time 0 (an edit list), which decord does not obey"
    if (np.diff(times) <= 0).any():
        return "the timestamps of the file do not increase"
    return ""


def _same_picture(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    if one.shape != other.shape:
        return False
    return np.array_equal(one, other) or _distance(one, other) <= _SAME_PICTURE * one.size


def _off_by_one(before: _Pair | None, now: _Pair) -> bool:
    """Whether decord is off by one frame: in a still scene, one pair's frame is closer to the other pair's truth."""
    if before is None or before.truth.shape != now.truth.shape:
        return False
    late = _distance(now.frame, before.truth) < _distance(now.frame, now.truth)
    return late or _distance(before.frame, now.truth) < _distance(before.frame, before.truth)


def _distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return cv2.norm(one, other, cv2.NORM_L1)


def _fingerprint(frame: NDArray[np.uint8]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(frame).data, digest_size=16).digest()
