"""Lossless copies of videos that decord does not read correctly."""

import hashlib
import logging
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from vid2vid.video.decoding import Header, decode, orientation, to_rgb
from vid2vid.video.encoding import Codec, encoding, ffv1, lossless_h264
from vid2vid.video.file_cache import FORMAT, file_key
from vid2vid.video.images import Orientation, is_folder
from vid2vid.video.inspection import cached_inspection
from vid2vid.video.progress import progress
from vid2vid.video.timing import frame_times

_log = logging.getLogger(__name__)
_PLANAR_420 = ("yuv420p", "yuvj420p")
_PLANAR = (*_PLANAR_420, "yuv422p", "yuvj422p", "yuv444p", "yuvj444p")

# Keys of files that this process has found to be exact, or has made; they need no further lookup in the cache.
_exact: set[str] = set()


def exact_path(path: Path, cache: Path) -> Path:
    """Return a file that decord reads exactly: ``path`` itself, or else a lossless copy of it.

    Each file is inspected once (`cached_inspection`).

    Args:
        path: Video file or folder of images.
        cache: Folder for inspections and copies; it is made if it is missing.

    Raises:
        VideoError: The file is damaged or not a video (see `inspect`), or the cache folder cannot be written.
    """
    if is_folder(path) or file_key(path) in _exact:
        return path
    inspection = cached_inspection(path, cache)
    if inspection.exact:
        _exact.add(file_key(path))
        return path
    copy = safe_copy(path, cache, inspection.fps)
    _exact.add(file_key(copy))
    _log.info("%s: %s; reading its lossless copy %s instead", path, inspection.reason, copy)
    return copy


def safe_copy(path: Path, folder: Path, fps: float | None = None) -> Path:
    """Return a copy that decord reads by index with the same frames, bit for bit, as `stream_frames` yields.

    The copy is lossless H.264 in the pixel format of the original where possible, and otherwise FFV1 in RGB, which is
    several times larger. Its frames are upright and have the times of the original. An existing copy is reused unless
    the file, the frame rate, the version of PyAV or `FORMAT` has changed.

    Args:
        path: Video file.
        folder: Where to put the copy; it is made if it is missing.
        fps: Frames a second of the copy, if its frame rate is constant; None: as in the header of the original.

    Raises:
        VideoError: The file is damaged or not a video, or the folder cannot be written.
    """
    depends_on = f"{FORMAT}|{av.__version__}|{fps}"
    name = f"{file_key(path)}-{hashlib.sha256(depends_on.encode()).hexdigest()[:8]}"
    made = [copy for ending in (".mp4", ".mkv") if (copy := folder / (name + ending)).is_file()]
    if made:
        return made[0]
    header = Header.read(path)
    frames = decode(path)
    first = next(frames)
    codec, convert = _lossless_codec(first, header.pixel_width)
    copy = folder / (name + codec.endings[0])
    with encoding(copy, fps or header.fps, codec, frame_times(path)) as encoder:
        for frame in progress(chain([first], frames), f"copying {path.name}", header.frames):
            encoder.encode(convert(frame))
    return copy


def _lossless_codec(frame: VideoFrame, pixel_width: float) -> tuple[Codec, Callable[[VideoFrame], VideoFrame]]:
    """Return the most compact codec that is lossless for frames like this one, and how to convert them for it."""
    pixels = frame.format.name
    even = frame.width % 2 == 0 and frame.height % 2 == 0
    turn = orientation(frame)
    upright, square = turn == Orientation(), pixel_width == 1
    # the copy is progressive, and interlaced planes are converted to RGB differently from progressive ones
    planar = pixels in _PLANAR if upright else pixels in _PLANAR_420
    if not even or not planar or not square or frame.interlaced_frame:
        return ffv1("bgr0"), lambda frame: VideoFrame.from_ndarray(to_rgb(frame, pixel_width), format="rgb24")
    return lossless_h264(pixels), _forget_keyframe if upright else lambda frame: _turn(frame, turn)


def _forget_keyframe(frame: VideoFrame) -> VideoFrame:
    frame.pict_type = 0  # otherwise the encoder would repeat the keyframes of the original
    return frame


def _turn(frame: VideoFrame, turn: Orientation) -> VideoFrame:
    """Turn the three planes of a 4:2:0 frame, which is exact, whereas a conversion to RGB would round."""
    height, width = frame.height, frame.width
    rows = np.asarray(frame.to_ndarray(), dtype=np.uint8)
    planes = [rows[:height], *rows[height:].reshape(2, height // 2, width // 2)]
    upright = np.concatenate([turn.apply(plane).ravel() for plane in planes])
    shape = (width * 3 // 2, height) if turn.transposed else (height * 3 // 2, width)
    result = VideoFrame.from_ndarray(upright.reshape(shape), format=frame.format.name)
    result.colorspace, result.color_range = frame.colorspace, frame.color_range
    return result
