"""decord's reading of one file on trial: is it the same as the true frames, in order and after jumps?"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.reading import DecordFrames

# Mean difference, in levels 0..255, up to which decord's and PyAV's picture are the same one, rounded differently.
_SAME_PICTURE = 0.5
# Jumps go wrong round keyframes; of so many of them the frame before and so many after are tried.
_KEYFRAMES = 100
_AFTER_KEYFRAME = 4


class _Pair(NamedTuple):
    """decord's frame and the true one, ``(H, W, 3)`` each."""

    frame: NDArray[np.uint8]
    truth: NDArray[np.uint8]


class Suspect:
    """Takes the true frames one after the other, and then jumps.

    Args:
        path: Video file, from which PyAV decodes.

    Attributes:
        fault: What it was found guilty of first; empty: nothing.
    """

    def __init__(self, path: Path) -> None:
        self.fault = ""
        self._path = path
        self._hashes: dict[int, bytes] = {}
        self._previous: _Pair | None = None
        self._frames: Iterator[NDArray[np.uint8]] = iter(())
        try:
            reader = DecordFrames(path)
            self.fault = _time_fault(reader.times())
        except VideoError as error:
            self.fault = str(error).removeprefix(f"{path}: ")
            return
        self._count = len(reader)
        self._tried = _round_keyframes(reader.keyframes(), self._count)
        self._frames = reader.in_order()

    def compare(self, index: int, truth: NDArray[np.uint8]) -> None:
        """Compare decord's next frame in order with the true one."""
        if self.fault or index >= self._count:
            return
        try:
            pair = _Pair(next(self._frames), truth)
        except VideoError as error:
            self.fault = str(error)
            return
        if not _same_picture(*pair) or _one_off(self._previous, pair):
            self.fault = f"decord's frame {index} is another picture"
        if index in self._tried:
            self._hashes[index] = _fingerprint(pair.frame)
        self._previous = pair

    def jump(self, count: int) -> None:
        """Jump backwards through the frames, knowing that there are ``count``."""
        self._frames, self._previous = iter(()), None  # frees that reader
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
    return np.array_equal(one, other) or _distance(one, other) <= _SAME_PICTURE * one.size


def _one_off(before: _Pair | None, now: _Pair) -> bool:
    """Whether one of two frames is nearer to the true one of the other, as in a still scene that is off by a frame."""
    if before is None or before.truth.shape != now.truth.shape:
        return False
    late = _distance(now.frame, before.truth) < _distance(now.frame, now.truth)
    return late or _distance(before.frame, now.truth) < _distance(before.frame, before.truth)


def _distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return cv2.norm(one, other, cv2.NORM_L1)


def _fingerprint(frame: NDArray[np.uint8]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(frame).data, digest_size=16).digest()
