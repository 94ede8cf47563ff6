"""Lossless copies of the videos that decord cannot be trusted with, and the memory of which ones these are."""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import decord
import numpy as np
from av.video.frame import VideoFrame
from tqdm import tqdm

from vid2vid.data.video.checking import Inspection, inspect
from vid2vid.data.video.encoder import Codec, encoding, ffv1, lossless_h264
from vid2vid.data.video.folder import is_folder
from vid2vid.data.video.header import Header
from vid2vid.data.video.streaming import decode, quarter_turns, to_rgb
from vid2vid.errors import VideoError
from vid2vid.files import write_text

_log = logging.getLogger(__name__)
_PROGRESS_DELAY = 1.0
_PLANAR_420 = ("yuv420p", "yuvj420p")
_PLANAR = (*_PLANAR_420, "yuv422p", "yuvj422p", "yuv444p", "yuvj444p")


def exact_path(path: Path, cache: Path) -> Path:
    """Return a file with the same frames that decord reads exactly: ``path`` itself, or else a lossless copy.

    A file is inspected once; the verdict is kept in the cache folder, until its size, its time of change or the
    version of decord differ.

    Args:
        path: Video file or folder of images.
        cache: Folder for verdicts and copies; it is made.

    Raises:
        VideoError: The file is damaged or no video (see `inspect`), or the cache folder cannot be written.
    """
    if is_folder(path):
        return path
    verdict = _judge(path, cache)
    if verdict.exact:
        return path
    copy = safe_copy(path, cache)
    _log.info("%s: %s; reading its lossless copy %s instead", path, verdict.reason, copy)
    return copy


def safe_copy(path: Path, folder: Path) -> Path:
    """Return a copy whose frames, read at random by decord, are bit for bit those of `stream_frames`.

    The copy is H.264 without loss in the pixel format of the original where it can be, else FFV1 in RGB, which is
    several times larger. It stands upright, at a constant frame rate. One that exists is not made again.

    Args:
        path: Video file.
        folder: Where to put the copy; it is made.

    Raises:
        VideoError: The file is damaged or no video, or the folder cannot be written.
    """
    name = _identity(path)
    made = [copy for ending in (".mp4", ".mkv") if (copy := folder / (name + ending)).is_file()]
    if made:
        return made[0]
    header = Header.read(path)
    frames = decode(path)
    first = next(frames)
    plan = _plan(first)
    copy = folder / (name + plan.codec.endings[0])
    bar = tqdm(chain([first], frames), f"copying {path.name}", header.frames, unit="frame", delay=_PROGRESS_DELAY)
    with encoding(copy, header.fps, plan.codec) as encoder:
        for frame in bar:
            encoder.encode(plan.convert(frame))
    return copy


@dataclass(frozen=True)
class _Plan:
    """How a file is copied."""

    codec: Codec
    convert: Callable[[VideoFrame], VideoFrame]


def _plan(frame: VideoFrame) -> _Plan:
    """Choose the smallest codec that keeps every bit of frames like this one."""
    pixels = frame.format.name
    even = frame.width % 2 == 0 and frame.height % 2 == 0
    turned = quarter_turns(frame) != 0
    if not even or pixels not in _PLANAR or (turned and pixels not in _PLANAR_420):
        return _Plan(ffv1("bgr0"), lambda frame: VideoFrame.from_ndarray(to_rgb(frame), format="rgb24"))
    return _Plan(lossless_h264(pixels), _turned if turned else _plain)


def _plain(frame: VideoFrame) -> VideoFrame:
    frame.pict_type = 0  # else the encoder would repeat the keyframes of the original
    return frame


def _turned(frame: VideoFrame) -> VideoFrame:
    """Rotate the three planes of a 4:2:0 frame, which is exact, while a way through RGB would round."""
    turns, height, width = quarter_turns(frame), frame.height, frame.width
    rows = np.asarray(frame.to_ndarray(), dtype=np.uint8)
    planes = [rows[:height], *rows[height:].reshape(2, height // 2, width // 2)]
    upright = np.concatenate([np.rot90(plane, turns).ravel() for plane in planes])
    shape = (height * 3 // 2, width) if turns == 2 else (width * 3 // 2, height)
    result = VideoFrame.from_ndarray(upright.reshape(shape), format=frame.format.name)
    result.colorspace, result.color_range = frame.colorspace, frame.color_range
    return result


def _judge(path: Path, cache: Path) -> Inspection:
    """Return the verdict on a file, from the cache if it was inspected before."""
    memory = cache / f"{_identity(path)}.json"
    if memory.is_file():
        known = _recall(memory)
        if known is not None:
            return known
    verdict = inspect(path)
    text = {"path": str(path.absolute()), "decord": decord.__version__, "verdict": asdict(verdict)}
    try:
        write_text(memory, json.dumps(text, indent=1) + "\n")
    except OSError as error:
        raise VideoError(f"{cache}: the cache of videos cannot be written: {error}") from error
    return verdict


def _recall(memory: Path) -> Inspection | None:
    """Read a verdict, or nothing if it is about another version of decord."""
    try:
        text = json.loads(memory.read_text(encoding="utf-8"))
        return Inspection(**text["verdict"]) if text["decord"] == decord.__version__ else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VideoError(f"{memory}: is no verdict on a video ({error!r}); delete it.") from error


def _identity(path: Path) -> str:
    """Return a name that changes with the place, the size and the time of change of a file."""
    try:
        state = path.stat()
    except OSError as error:
        raise VideoError(f"{path}: there is no such file or folder; check the path.") from error
    key = f"{path.absolute()}|{state.st_size}|{state.st_mtime_ns}"
    return f"{path.stem}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
