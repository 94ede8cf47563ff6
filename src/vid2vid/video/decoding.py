"""Frames in order as PyAV decodes them: the truth that decord is checked against, damage and all."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from vid2vid.errors import VideoError
from vid2vid.video.checksum import SliceChecks
from vid2vid.video.limits import MAX_PIXELS, check_count, check_pixels
from vid2vid.video.structure import require_whole

_THREADS = 2
# Decoders that conceal damage unless told not to. That of H.264 marks the frame, and would refuse harmless slips.
_CONCEALING = ("mpeg4", "mjpeg")
# How much earlier than its header promises a file may end.
_SLACK_SECONDS = 0.5


class _AlteredError(Exception):
    """The container or a checksum says that a packet is not what it was."""


def decode(path: Path) -> Iterator[VideoFrame]:
    """Yield the frames of a video file as its codec holds them, without colour conversion or rotation.

    Damage is found as far as container, codec and checksums show it; lossy codecs have none, and some altered bytes
    in them are just another picture.

    Raises:
        VideoError: There is no such file, it is no video, holds no frame or was cut short, or a frame is damaged; the
            message names it.
    """
    with opening(path) as (container, stream):
        require_whole(path, container.format.name)
        promised = _promised_end(container, stream)
        frames = _decoded(container, stream)
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
        VideoError: There is no such file, it cannot be read, holds no video, or claims to hold more than it can.
    """
    if not path.exists():
        raise VideoError(f"{path}: there is no such file or folder; check the path.")
    try:
        # titles and the like come in any encoding
        container = av.open(str(path.absolute()), metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        size = "empty" if path.stat().st_size == 0 else "cut short or no video at all"
        raise VideoError(f"{path}: cannot be read as a video, the file is {size} ({_reason(error)}).") from error
    with container:
        stream = container.streams.best("video")
        if not isinstance(stream, VideoStream):
            kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
            raise VideoError(f"{path}: the file holds no video frames, only: {kinds}.")
        if not stream.codec_context:
            raise VideoError(f"{path}: there is no decoder for what it holds; the file is damaged, or of a rare kind.")
        check_pixels(path, stream.height, stream.width)
        check_count(path, stream.frames)
        _prepare(stream)
        yield container, stream


def _prepare(stream: VideoStream) -> None:
    codec = stream.codec_context
    codec.thread_count = _THREADS
    # a frame may be larger than the head of the file says
    strict = {"err_detect": "explode"} if codec.name in _CONCEALING else {}
    codec.options = {"max_pixels": str(MAX_PIXELS), **strict}


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    checks = SliceChecks() if stream.codec_context.name == "ffv1" else None
    for packet in container.demux(stream):
        # the last packet is empty: it asks for the frames that the decoder holds back
        if packet.is_corrupt or (checks and packet.size and not checks.agree(bytes(packet))):
            raise _AlteredError("a part of it is lost or altered")
        yield from packet.decode()


def _advance(frames: Iterator[VideoFrame], path: Path, index: int) -> VideoFrame | None:
    try:
        frame = next(frames, None)
    except (av.FFmpegError, OSError, _AlteredError) as error:
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
