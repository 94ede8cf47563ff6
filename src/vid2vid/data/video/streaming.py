"""Frames in order through PyAV: right for every file that FFmpeg can decode, at constant memory."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vid2vid.data.video.folder import is_folder, list_images, read_image
from vid2vid.errors import VideoError

_THREADS = 2
# How much earlier than its header promises a file may end.
_SLACK_SECONDS = 0.5


def stream_frames(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Return an iterator over all frames, each ``(H, W, 3)`` uint8 RGB, of a video of any length.

    A video with a rotation mark comes upright, as `open_frames` gives it too.

    Args:
        path: Video file or folder of images.

    Raises:
        VideoError: While iterating: there is no such file, it is no video, holds no frame or was cut short, or a frame
            is damaged or of another size than the first; the message names it.
    """
    return _stream_folder(path, list_images(path)) if is_folder(path) else _stream_file(path)


def decode(path: Path) -> Iterator[VideoFrame]:
    """Yield the frames of a video file as its codec holds them, without colour conversion or rotation.

    Raises:
        VideoError: As `stream_frames`.
    """
    with opening(path) as (container, stream):
        promised = _promised_end(container, stream)
        frames = container.decode(stream)
        count, end = 0, 0.0
        while (frame := _advance(frames, path, count)) is not None:
            count, end = count + 1, max(end, _end(frame))
            yield frame
    if count == 0:
        raise VideoError(f"{path}: the video holds no frame; write or fetch it again.")
    if promised is not None and end < promised - _SLACK_SECONDS:
        raise VideoError(
            f"{path}: was cut short: the video ends after {end:.2f} s, but its header promises {promised:.2f} s. Fetch "
            "the file again, or copy the part that is there to a new file."
        )


@contextmanager
def opening(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video file with PyAV and choose its video stream.

    Raises:
        VideoError: There is no such file, it cannot be read or it holds no video.
    """
    if not path.exists():
        raise VideoError(f"{path}: there is no such file or folder; check the path.")
    try:
        container = av.open(str(path.absolute()))
    except (av.FFmpegError, OSError) as error:
        size = "empty" if path.stat().st_size == 0 else "cut short or no video at all"
        raise VideoError(f"{path}: cannot be read as a video, the file is {size} ({_reason(error)}).") from error
    with container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
            raise VideoError(f"{path}: the file holds no video frames, only: {kinds}.")
        stream.codec_context.thread_count = _THREADS
        yield container, stream


def quarter_turns(frame: VideoFrame) -> int:
    """Return by how many quarter turns, counter-clockwise, a frame has to be rotated to stand upright (0..3)."""
    return round(frame.rotation / 90) % 4


def to_rgb(frame: VideoFrame) -> NDArray[np.uint8]:
    """Return a frame upright as ``(H, W, 3)`` uint8 RGB."""
    pixels = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    return np.ascontiguousarray(np.rot90(pixels, quarter_turns(frame)))


def _stream_file(path: Path) -> Iterator[NDArray[np.uint8]]:
    return _same_size(path, map(to_rgb, decode(path)))


def _stream_folder(path: Path, images: list[Path]) -> Iterator[NDArray[np.uint8]]:
    return _same_size(path, map(read_image, images))


def _same_size(path: Path, frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    shape: tuple[int, ...] = ()
    for index, frame in enumerate(frames):
        shape = shape or frame.shape
        if frame.shape != shape:
            raise VideoError(
                f"{path}: frame {index} is {frame.shape[1]}x{frame.shape[0]}, but the first one is "
                f"{shape[1]}x{shape[0]} (width x height); bring all frames to one size."
            )
        yield frame


def _advance(frames: Iterator[VideoFrame], path: Path, index: int) -> VideoFrame | None:
    try:
        frame = next(frames, None)
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"{path}: frame {index} cannot be decoded ({_reason(error)}); the file is damaged.") from error
    if frame is not None and frame.is_corrupt:
        raise VideoError(f"{path}: frame {index} is damaged; write or fetch the file again.")
    return frame


def _promised_end(container: InputContainer, stream: VideoStream) -> float | None:
    """Return the second at which the last frame should end, None where the format does not say it reliably.

    FFmpeg takes a Matroska or AVI file that was cut for a whole one.
    """
    if container.format.name == "avi" and stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    given = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", ""))  # Matroska
    if given is None:
        return None
    hours, minutes, seconds = given.groups()
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def _end(frame: VideoFrame) -> float:
    """Return the second at which a frame's display ends, or 0 if the file does not say."""
    if frame.pts is None or frame.time_base is None:
        return 0.0
    return float((frame.pts + (frame.duration or 0)) * frame.time_base)


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
