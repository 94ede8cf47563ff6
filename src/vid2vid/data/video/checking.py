"""Does decord return the right frames of a file? Found out by comparing, since it does not notice by itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.data.video.folder import is_folder
from vid2vid.data.video.header import Header
from vid2vid.data.video.reading import DecordFrames, open_frames
from vid2vid.data.video.streaming import decode, to_rgb
from vid2vid.errors import VideoError

# Mean difference, in levels 0..255, up to which decord's and PyAV's picture are the same one, rounded differently.
_SAME_PICTURE = 0.5
# Jumps go wrong round keyframes; of so many of them the frame before and so many after are tried.
_KEYFRAMES = 100
_AFTER_KEYFRAME = 4
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
        path: Video file or folder of images; a folder is always exact.

    Raises:
        VideoError: There is no such file, it is no video, a frame is damaged, or it was cut short.
    """
    if is_folder(path):
        reader = open_frames(path)
        return Inspection(len(reader), reader.height, reader.width, reader.fps, exact=True)
    header = Header.read(path)
    suspect = _Suspect(path)
    count = 0
    for frame in _with_progress(decode(path), path, header.frames):
        truth = to_rgb(frame)
        suspect.compare(count, truth)
        count += 1
    suspect.jump(count)
    height, width = truth.shape[:2]
    return Inspection(count, height, width, header.fps, exact=not suspect.fault, reason=suspect.fault)


class _Suspect:
    """decord's reading of a file on trial; ``fault`` is what it was found guilty of first."""

    def __init__(self, path: Path) -> None:
        self.fault = ""
        self._path = path
        self._hashes: dict[int, bytes] = {}
        self._frames: Iterator[NDArray[np.uint8]] = iter(())
        try:
            reader = DecordFrames(path)
        except VideoError as error:
            self.fault = str(error).removeprefix(f"{path}: ")
            return
        self.fault = _time_fault(reader.times())
        self._count = len(reader)
        self._tried = _round_keyframes(reader.keyframes(), self._count)
        self._frames = reader.in_order()

    def compare(self, index: int, truth: NDArray[np.uint8]) -> None:
        """Compare decord's next frame in order with the true one."""
        if self.fault or index >= self._count:
            return
        try:
            frame = next(self._frames)
        except VideoError as error:
            self.fault = str(error)
            return
        if not _same_picture(frame, truth):
            self.fault = f"decord's frame {index} is another picture"
        if index in self._tried:
            self._hashes[index] = _fingerprint(frame)

    def jump(self, count: int) -> None:
        """Jump backwards through the frames, knowing that there are ``count``."""
        self._frames = iter(())  # frees that reader
        if not self.fault and self._count != count:
            self.fault = f"decord counts {self._count} frames, but there are {count}"
        if self.fault:
            return
        reader = DecordFrames(self._path)
        for index in sorted(self._tried, reverse=True):
            try:
                frame = reader.read([index])[0]
            except VideoError as error:
                self.fault = str(error)
                return
            if _fingerprint(frame) != self._hashes[index]:
                self.fault = f"decord returns another picture after a jump to frame {index}"
                return


def _time_fault(times: NDArray[np.float64]) -> str:
    """Say what is wrong with the times that decord read, or nothing."""
    if not np.isfinite(times).all() or abs(times[0]) > 1e6:
        return "the file has no timestamps that decord understands"
    if times[0] < -1e-3:
        return "the file starts before time 0 (an edit list), which decord does not obey"
    if (np.diff(times) <= 0).any():
        return "the timestamps of the file do not increase"
    return ""


def _round_keyframes(keyframes: list[int], frames: int) -> set[int]:
    """Choose the frames to jump to: the ends of the video, and those round keyframes spread over it."""
    spread = np.linspace(0, len(keyframes) - 1, min(len(keyframes), _KEYFRAMES)).round().astype(int)
    near = (range(keyframes[i] - 1, keyframes[i] + _AFTER_KEYFRAME) for i in spread)
    return {index for indices in near for index in indices if 0 <= index < frames} | {0, frames - 1}


def _same_picture(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    if one.shape != other.shape:
        return False
    return np.array_equal(one, other) or cv2.norm(one, other, cv2.NORM_L1) <= _SAME_PICTURE * one.size


def _fingerprint(frame: NDArray[np.uint8]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(frame).data, digest_size=16).digest()


def _with_progress(frames: Iterator[VideoFrame], path: Path, total: int | None) -> Iterator[VideoFrame]:
    """Show a bar with the rate for files that take long."""
    yield from tqdm(frames, f"inspecting {path.name}", total, unit="frame", delay=_PROGRESS_DELAY, leave=False)
